import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { ensureBuilt } from "../../tools/build.cjs";
import { repository } from "../support/engine";

const program = path.join(repository, "docs/channels/repository-file/index.ts");
const digest = (platform: string) => `sha256:${Buffer.from(platform).toString("hex").padEnd(64, "0")}`;

/** What the program reads of resources that nobody makes. */
function made(type: string, { outputs, path: place }: Record<string, unknown>): Record<string, unknown> {
  if (type === "slipway:build:Command") {
    const files = (outputs as string[]).map((name) => [
      name,
      { path: `built/${name}`, digest: digest(name) },
    ]);
    return { files: Object.fromEntries(files) as object };
  }
  if (type === "slipway:build:Archive") {
    const name = path.basename(String(place));
    const of = digest(name.replace(/^hello_1\.\d\.0_|\.tar\.gz$/g, ""));
    return { digest: of, artifacts: [{ name, path: place, digest: of }] };
  }
  return type.startsWith("github:") ? { commitSha: "c0ffee" } : {};
}

interface Declared {
  type: string;
  name: string;
  inputs: Record<string, unknown>;
}

describe("RepositoryFile of @pulumi/github in the place of a commit by Slipway", () => {
  /** Runs the program under Pulumi's mocks; each archive has a digest of its own. */
  async function declared(version: string): Promise<Declared[]> {
    const found: Declared[] = [];
    pulumi.runtime.setAllConfig({ "hello:version": version, "hello:githubToken": "a token" });
    await pulumi.runtime.setMocks(
      {
        newResource: ({ type, name, inputs, id }) => {
          const given = inputs as Record<string, unknown>;
          found.push({ type, name, inputs: given });
          return { id: id ?? name, state: { ...given, ...made(type, given) } };
        },
        call: ({ inputs }) => inputs as Record<string, unknown>,
      },
      "hello",
      "dev",
      false,
    );
    const load = createRequire(__filename);
    delete load.cache[program];
    try {
      load(program);
      await pulumi.runtime.disconnect();
    } finally {
      delete load.cache[program];
    }
    return found;
  }
  before(() => ensureBuilt({ ifStale: true }));

  const ofType = (found: Declared[], type: string) => found.filter((one) => one.type === type);

  it("writes the formula that Slipway renders, and the gate waits for it", async () => {
    const found = await declared("v1.2.0");
    const [file, ...more] = ofType(found, "github:index/repositoryFile:RepositoryFile");
    assert.deepEqual(more, []);
    const { content, ...inputs } = file?.inputs ?? {};
    assert.deepEqual(inputs, {
      repository: "homebrew-tap",
      branch: "main",
      file: "Formula/hello.rb",
      commitMessage: "hello v1.2.0",
      commitAuthor: "Acme releases",
      commitEmail: "releases@acme.example",
      overwriteOnCreate: true,
    });
    const text = String(content);
    assert.match(text, /^class Hello < Formula$/m);
    assert.match(text, /^ *version "1\.2\.0"$/m);
    for (const platform of ["linux_amd64", "linux_arm64", "darwin_arm64"]) {
      assert.ok(text.includes(`/acme/hello/releases/download/v1.2.0/hello_1.2.0_${platform}.tar.gz`), text);
      assert.ok(text.includes(digest(platform).slice("sha256:".length)), text);
    }
    assert.deepEqual(ofType(found, "slipway:git:Files"), []);
    const [gate] = ofType(found, "slipway:channel:Gate");
    assert.deepEqual(gate?.inputs.channels, [
      { channel: "Homebrew formula hello in acme/homebrew-tap", state: "published" },
    ]);
  });

  it("writes nothing for a pre-release, and the formula stays", async () => {
    assert.deepEqual(ofType(await declared("v1.3.0-rc.1"), "github:index/repositoryFile:RepositoryFile"), []);
    assert.match(readFileSync(program, "utf8"), /retainOnDelete: true/);
  });
});
