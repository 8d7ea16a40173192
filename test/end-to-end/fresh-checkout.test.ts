import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readdir, readFile, rename, rm } from "node:fs/promises";
import * as path from "node:path";
import { digestOf } from "../../lib/oci/digest";
import { generateKeyPairFiles } from "../../lib/sigstore";
import { runClient } from "../support/clients";
import { cosignVerifyBlob } from "../support/cosign";
import { EngineProject, resourceCounts } from "../support/engine";
import { FakeGitHub } from "../support/fake-github";
import { startDistribution, type TestRegistry } from "../support/registries";
import { requireTools } from "../support/tools";

const password = "correct horse battery staple";

/** Writes down that it ran, so that a test sees what is built again. */
const build = `echo "$GOOS" >> "$BUILDS"; printf '#!/bin/sh\\necho hello {version} %s' "$GOOS" > {output}/hello`;

describe("a fresh checkout, and what is published", function () {
  this.timeout(300_000);
  let fake: FakeGitHub;
  let registry: TestRegistry;
  let project: EngineProject;
  let builds: string;

  function program(version: string, more = "", images = ""): string {
    return `
import { cosignKey, directoryRelease, Distribution, githubRelease, ociRegistry } from "@slipway";

const hello = new Distribution("hello", {
  version: ${JSON.stringify(version)},
  registries: [ociRegistry({ host: ${JSON.stringify(registry.host)} })],
  platforms: ["linux/amd64"],
  images: { hello: { files: [{ to: "/hello", binary: "hello" }], user: "65532" }, ${images} },
  binaries: {
    hello: { command: ["sh", "-c", ${JSON.stringify(build)}], inherit: ["BUILDS"], sources: ["source.txt"], executable: false, platforms: ["linux/amd64", "darwin/arm64"] },
  },
  archives: { hello: { binaries: ["hello"], files: [{ path: "README.md", source: "README.md" }] } },
  release: [
    directoryRelease({ directory: "public", ${more} }),
    githubRelease({ repository: "acme/hello", endpoint: ${JSON.stringify(fake.url)} }),
  ],
  trust: { sign: cosignKey() },
});
export const artifacts = hello.artifacts;
`;
  }

  before(async function () {
    requireTools(this, "pulumi", "registry", "cosign", "sha256sum");
    fake = await FakeGitHub.start();
    fake.repository("acme/hello");
    registry = await startDistribution();
    const pair = await generateKeyPairFiles(password);
    project = await EngineProject.create({
      program: program("v1.0.0"),
      files: {
        "source.txt": "1",
        "README.md": "# hello\n",
        "cosign.key": pair.privateKey,
        "cosign.pub": pair.publicKey,
      },
      env: { GITHUB_TOKEN: fake.token, GH_TOKEN: "", COSIGN_PASSWORD: password },
    });
    builds = path.join(project.directory, "builds.txt");
    project.env.BUILDS = builds;
    await project.upWithoutPreview();
  });
  after(async () => {
    await project?.remove();
    await registry?.stop();
    await fake?.stop();
  });

  const at = (...parts: string[]) => path.join(project.directory, ...parts);
  const published = (version: string) => at("public/releases/download", version);

  /** Digest of each file of a release. */
  async function release(version: string): Promise<Record<string, string>> {
    const names = (await readdir(published(version))).sort();
    return Object.fromEntries(
      await Promise.all(
        names.map(
          async (name) => [name, digestOf(await readFile(path.join(published(version), name)))] as const,
        ),
      ),
    );
  }

  /** What a clone does not have, and a runner that only looks. */
  async function forget(): Promise<void> {
    for (const name of ["dist", ".slipway/cache"]) await rm(at(name), { recursive: true, force: true });
    await rm(builds, { force: true });
    await rename(at("cosign.key"), path.join(project.directory, "..", "cosign.key"));
    project.env.GITHUB_TOKEN = "";
    delete project.env.COSIGN_PASSWORD;
  }

  /** What may publish has again. */
  async function remember(): Promise<void> {
    await rename(path.join(project.directory, "..", "cosign.key"), at("cosign.key"));
    project.env.GITHUB_TOKEN = fake.token;
    project.env.COSIGN_PASSWORD = password;
  }

  it("is no change: without files, cache, key and token, nothing is built and nothing is made", async () => {
    const before = await release("v1.0.0");
    await forget();
    fake.requests.length = 0;
    const text = await project.succeed(["preview", "--stack", "dev", "--expect-no-changes"]);
    assert.deepEqual(Object.keys(resourceCounts(text)), ["unchanged"]);
    assert.deepEqual([existsSync(at("dist")), existsSync(builds)], [false, false]);
    assert.deepEqual(fake.writes(), []);
    await remember();
    const update = await project.upWithoutPreview();
    assert.deepEqual(Object.keys(resourceCounts(update)), ["unchanged"]);
    assert.deepEqual(await release("v1.0.0"), before);
    assert.deepEqual(fake.writes(), []);
  });

  it("makes what has to be published again with the very bytes, the signature too", async () => {
    const before = await release("v1.0.0");
    await forget();
    await rm(at("public"), { recursive: true });
    await remember();
    await project.upWithoutPreview();
    assert.deepEqual(await release("v1.0.0"), before);
    const sums = path.join(published("v1.0.0"), "SHA256SUMS");
    await cosignVerifyBlob(sums, `${sums}.sigstore.json`, at("cosign.pub"));
    await runClient("sh", ["-c", `cd "$0" && sha256sum -c --strict SHA256SUMS`, published("v1.0.0")]);
    assert.deepEqual(fake.writes(), []);
  });

  it("a change of what a published version contains is refused at preview", async () => {
    const before = await release("v1.0.0");
    const second = `more: { files: [{ to: "/more", content: "more" }] }`;
    await project.program(program("v1.0.0", "", second));
    const text = await project.fail(["preview", "--stack", "dev"]);
    // The engine ends a preview at the first target that refuses.
    assert.match(
      text,
      /would be added to (public\/releases\/tag\/|acme\/hello )v1\.0\.0, which is published\. .*new version.*rebuilt.*replaceable: true/,
    );
    assert.deepEqual(await release("v1.0.0"), before);
  });

  it("a new version updates its files in place, and takes those of the last one away", async () => {
    await project.program(program("v1.1.0"));
    const before = await release("v1.0.0");
    const preview = await project.succeed(["preview", "--stack", "dev"]);
    assert.doesNotMatch(preview, /slipway:build:Archive.* replace/);
    await project.upWithoutPreview();
    assert.deepEqual(await release("v1.0.0"), before);
    assert.deepEqual(await readdir(at("dist/dev")), ["v1.1.0"]);
    assert.deepEqual((await readdir(at("dist/dev/v1.1.0"))).sort(), Object.keys(await release("v1.1.0")));
    assert.ok((await release("v1.1.0"))["SHA256SUMS.sigstore.json"]);
  });

  it("what describes an image that has left the program leaves its folder with the next version", async () => {
    const second = `more: { files: [{ to: "/more", content: "more" }] }`;
    await project.program(program("v1.2.0", "", second));
    await project.upWithoutPreview();
    const names = await readdir(at("dist/dev/v1.2.0"));
    assert.ok(names.includes("more.spdx.json") && names.includes("hello.spdx.json"), names.join(", "));
    await project.write({ "dist/dev/v1.2.0/mine.txt": "of somebody else" });
    await project.program(program("v1.3.0"));
    await project.upWithoutPreview();
    assert.deepEqual(await readdir(at("dist/dev/v1.2.0")), ["mine.txt"]);
    const left = await readdir(at("dist/dev/v1.3.0"));
    assert.ok(left.includes("hello.spdx.json") && !left.includes("more.spdx.json"), left.join(", "));
  });

  it("two stacks of one checkout publish the same version at once, each with files of its own", async () => {
    // One place has one writer: each stack has its own folder of releases.
    const own = program("v1.4.0")
      .replace(/^ *githubRelease\(.*\n/m, "")
      .replace('"public"', "`public-${pulumi.getStack()}`");
    await project.program(`import * as pulumi from "@pulumi/pulumi";${own}`);
    await project.succeed(["stack", "init", "other", "--no-select"]);
    project.env.BUILDS = "/dev/null";
    const runs = ["dev", "other"].map((stack) =>
      project.succeed(["up", "--yes", "--skip-preview", "--stack", stack]),
    );
    await Promise.all(runs);
    for (const stack of ["dev", "other"]) {
      const files = at("dist", stack, "v1.4.0");
      assert.deepEqual(
        (await readdir(files)).sort(),
        await readdir(at(`public-${stack}`, "releases/download/v1.4.0")),
      );
      await runClient("sh", ["-c", `cd "$0" && sha256sum -c --strict SHA256SUMS`, files]);
    }
  });
});
