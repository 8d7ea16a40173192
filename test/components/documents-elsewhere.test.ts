import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import {
  branchTags,
  composeFile,
  DeclarationError,
  Distribution,
  fileRegions,
  fileTemplate,
  imageReferences,
  installSection,
  kubernetesManifests,
  ociRegistry,
  wholeFile,
  type DistributionArgs,
  type DocumentRepository,
  type DocumentTarget,
} from "../../components";

type Inputs = Record<string, unknown>;
interface MadeFiles {
  remote: string;
  branch?: string;
  files: Record<string, { edits: unknown[]; executable?: boolean; takeOver?: boolean }>;
  message?: string;
  version?: { value: string; prereleases: boolean };
  token?: string;
  signingKey?: string;
  gated: boolean;
}

const author = { name: "Acme releases", email: "releases@acme.example" };
const site: DocumentRepository = { remote: "https://github.com/acme/site.git", author };

/** What a distribution makes of documents, by the name of the resource. */
async function made(documents: DocumentTarget[], more: Partial<DistributionArgs> = {}) {
  const found: Record<string, { type: string; inputs: Inputs }> = {};
  await pulumi.runtime.setMocks(
    {
      newResource({ type, name, inputs }) {
        found[name] = { type, inputs: inputs as Inputs };
        const digest = `sha256:${"a".repeat(64)}`;
        return {
          id: name,
          state: { ...(inputs as Inputs), digest, file: { path: name, digest, name }, state: "published" },
        };
      },
      call: ({ inputs }) => inputs as Inputs,
    },
    "hello",
    "dev",
    false,
  );
  new Distribution("hello", {
    version: "v1.2.3",
    licenses: "MIT",
    registries: [ociRegistry({ host: "ghcr.io", namespace: "acme" })],
    platforms: ["linux/amd64"],
    images: { hello: { files: [{ to: "/hello.txt", source: "hello.txt" }] } },
    documents,
    ...more,
  });
  await pulumi.runtime.disconnect();
  return {
    commits: Object.fromEntries(
      Object.entries(found).flatMap(([name, { type, inputs }]) =>
        type === "slipway:git:Files" ? [[name, inputs as unknown as MadeFiles] as const] : [],
      ),
    ),
    own: Object.values(found).filter(({ type }) => type === "slipway:files:Document"),
    gate: found["hello-documents"]?.inputs.channels as { channel: string; state: string }[] | undefined,
  };
}

async function refused(documents: DocumentTarget[], findings: Record<string, RegExp>): Promise<void> {
  await assert.rejects(made(documents), (error: Error) => {
    assert.ok(error instanceof DeclarationError, error.stack);
    for (const [property, reason] of Object.entries(findings)) {
      const found = error.findings.find((one) => one.property === property);
      assert.match(found?.reason ?? error.message, reason, property);
    }
    return true;
  });
}

describe("documents of other repositories", () => {
  it("CORE-23: are one commit a repository and branch, with a gate; those of the project stay files", async () => {
    const { commits, own, gate } = await made([
      fileRegions("index.md", { install: installSection() }, { into: { ...site, token: "t0ken" } }),
      wholeFile("bin/hello", "#!/bin/sh\n", { into: site, mode: "0755", takeOver: true }),
      imageReferences("app/compose.yml", { into: { ...site, branch: "deploy", signingKey: "key" } }),
      fileRegions("index.md", { install: "{version}" }),
    ]);
    assert.deepEqual(Object.keys(commits).sort(), [
      "hello:documents@https://github.com/acme/site.git",
      "hello:documents@https://github.com/acme/site.git#deploy",
    ]);
    const [pages, deploy] = Object.keys(commits)
      .sort()
      .map((name) => commits[name]);
    assert.deepEqual(Object.keys(pages?.files ?? {}), ["bin/hello", "index.md"]);
    assert.deepEqual(
      [
        pages?.files["bin/hello"]?.executable,
        pages?.files["bin/hello"]?.takeOver,
        pages?.files["index.md"]?.executable,
      ],
      [true, true, undefined],
    );
    assert.deepEqual(
      [pages?.message, pages?.version, pages?.gated, pages?.branch],
      ["hello v1.2.3", { value: "v1.2.3", prereleases: false }, true, undefined],
    );
    assert.match(
      JSON.stringify(pages?.files["index.md"]?.edits),
      /docker pull ghcr\.io\/acme\/hello:v1\.2\.3/,
    );
    assert.deepEqual([deploy?.branch, Object.keys(deploy?.files ?? {})], ["deploy", ["app/compose.yml"]]);
    assert.equal(own.length, 1);
    assert.deepEqual(gate, [
      { channel: "documents in https://github.com/acme/site.git (branch main)", state: "published" },
      { channel: "documents in https://github.com/acme/site.git (branch deploy)", state: "published" },
    ]);
  });

  it("have their token and key as secrets", async () => {
    const { commits } = await made([
      wholeFile("a.md", "a", {
        into: { ...site, token: "t0ken", signingKey: "k3y", signingPassphrase: "w0rds" },
      }),
    ]);
    const [commit] = Object.values(commits);
    for (const secret of ["t0ken", "k3y", "w0rds"]) {
      const found = Object.values<unknown>({ ...commit }).find((value) =>
        JSON.stringify(value)?.includes(secret),
      );
      // This is how the engine is told that a value is secret.
      assert.equal(
        (found as Inputs | undefined)?.["4dabf18193072939515e22adb298388d"],
        "1b47061264138c4ac30d75fd1eb44270",
      );
    }
  });

  it("every kind of document can go there", async () => {
    const service = { services: { app: { image: "hello" } } };
    const object = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "a" },
      spec: { containers: [{ image: "hello" }] },
    };
    const { commits } = await made([
      fileTemplate("a.md", { from: "a.md", into: site }),
      composeFile("compose.yml", service, { into: site }),
      kubernetesManifests("pod.yml", [object], { into: site }),
      { kind: "own", path: "own.md", into: site, edits: () => [{ whole: { text: "x" } }] },
    ]);
    assert.deepEqual(
      Object.values(commits).map(({ files }) => Object.keys(files)),
      [["a.md", "compose.yml", "own.md", "pod.yml"]],
    );
  });

  it("are not pushed where nothing is published, and what follows the declaration has no version", async () => {
    const versionIn = { file: "b.md", pattern: "of (.+)$" };
    const documents = () => [
      wholeFile("a.md", "a", { into: site, follows: "declaration" }),
      wholeFile("b.md", "b", { into: { ...site, versionIn } }),
      wholeFile("c.md", "c", { into: site, prereleases: true }),
    ];
    for (const more of [{ environment: "test" }, { mode: "build" }] as const) {
      const { commits, gate } = await made(documents(), more);
      assert.deepEqual([commits, gate], [{}, undefined]);
    }
    const { commits } = await made(documents());
    assert.deepEqual(
      Object.fromEntries(
        Object.entries(commits).map(([name, { files, version }]) => [
          name.split(".git")[1],
          [Object.keys(files), version],
        ]),
      ),
      {
        "": [["b.md"], { value: "v1.2.3", ...versionIn, prereleases: false }],
        ":declaration": [["a.md"], undefined],
        ":prereleases": [["c.md"], { value: "v1.2.3", prereleases: true }],
      },
    );
    const branch = await made(documents(), {
      version: undefined,
      branch: "main",
      tags: branchTags(),
    });
    assert.deepEqual(Object.keys(branch.commits), [
      "hello:documents@https://github.com/acme/site.git:declaration",
    ]);
  });

  it("are refused before anything is made, with a valid example", async () => {
    await refused([wholeFile("../a.md", "a", { into: site })], {
      "documents[0].path": /is outside of https:\/\/github\.com\/acme\/site\.git \(branch main\)/,
    });
    await refused([wholeFile("a.md", "a", { into: site }), wholeFile("a.md", "b", { into: site })], {
      "documents[1].path": /is that of another document/,
    });
    const others = { ...site, author: { ...author, name: "Somebody" } };
    await refused([wholeFile("a.md", "a", { into: site }), wholeFile("b.md", "b", { into: others })], {
      "documents[1].into.author":
        /is another one than that of documents\[0\], and both are committed to https/,
    });
    const own = { kind: "own", path: "a.md", edits: () => [{ whole: { text: "x" } }] };
    await refused([{ ...own, into: { ...site, versionIn: { file: "a.md", pattern: "no group" } } }], {
      "documents[0].into.versionIn.pattern": /one group is expected/,
    });
    await refused([{ ...own, into: { ...site, remote: "http://acme.example/a.git" } }], {
      "documents[0].into.remote": /plain HTTP to another machine/,
    });
    assert.throws(
      () => wholeFile("a.md", "a", { into: { remote: site.remote, token: "t0ken" } as DocumentRepository }),
      (error: Error) => /into\.author/.test(error.message) && !error.message.includes("t0ken"),
    );
  });
});
