import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { builderOf, localBuilder } from "../../../lib/provenance/builder";
import { gitSource, publicAddress } from "../../../lib/provenance/git-source";
import { provenancePredicate } from "../../../lib/provenance/predicate";
import { runClient } from "../../support/clients";

describe("where a build comes from", () => {
  describe("the address of a repository", () => {
    const addresses: readonly [string, string | undefined][] = [
      ["https://github.com/acme/hello.git", "https://github.com/acme/hello.git"],
      ["https://user:ghp_secret@github.com/acme/hello", "https://github.com/acme/hello"],
      [
        "https://x-access-token:ghs_1@github.example.com:8443/a/b?private=1",
        "https://github.example.com:8443/a/b",
      ],
      ["git@github.com:acme/hello.git", "ssh://github.com/acme/hello.git"],
      ["github.com:acme/hello.git", "ssh://github.com/acme/hello.git"],
      ["ssh://git@host:2222/acme/hello", "ssh://host:2222/acme/hello"],
      ["/home/me/hello", undefined],
      ["../hello", undefined],
      ["file:///srv/hello.git", undefined],
    ];
    for (const [remote, expected] of addresses) {
      it(`of ${remote} is ${expected ?? "nothing that others could use"}`, () => {
        assert.equal(publicAddress(remote), expected);
      });
    }
  });

  describe("a folder", () => {
    let folder: string;
    beforeEach(async () => {
      folder = await mkdtemp(path.join(tmpdir(), "slipway-git-"));
    });
    afterEach(() => rm(folder, { recursive: true, force: true }));

    const git = (...args: string[]) =>
      runClient("git", ["-C", folder, "-c", "user.name=a", "-c", "user.email=a@example.com", ...args]);

    it("outside of git has no source", async () => {
      assert.deepEqual(await gitSource(folder), {});
    });

    it("without a commit has no source", async () => {
      await git("init", "-q");
      assert.deepEqual(await gitSource(folder), {});
    });

    it("has its revision, its remote without credentials, and whether it was modified", async () => {
      await git("init", "-q");
      await git("remote", "add", "origin", "https://me:secret@example.com/acme/hello.git");
      await writeFile(path.join(folder, "a"), "1");
      await git("add", "a");
      await git("commit", "-q", "-m", "one");
      const revision = await git("rev-parse", "HEAD");
      const repository = "https://example.com/acme/hello.git";
      assert.deepEqual(await gitSource(folder), { repository, revision, modified: false });
      await writeFile(path.join(folder, "b"), "untracked");
      assert.deepEqual(await gitSource(folder), { repository, revision, modified: true });
    });
  });

  const environments: readonly [string, NodeJS.ProcessEnv, string][] = [
    ["a laptop", {}, localBuilder],
    [
      "a variable alone",
      { GITHUB_WORKFLOW_REF: "acme/hello/.github/workflows/r.yml@refs/tags/v1" },
      localBuilder,
    ],
    [
      "GitHub",
      {
        GITHUB_ACTIONS: "true",
        GITHUB_SERVER_URL: "https://github.com",
        GITHUB_WORKFLOW_REF: "acme/hello/.github/workflows/release.yml@refs/tags/v1",
      },
      "https://github.com/acme/hello/.github/workflows/release.yml@refs/tags/v1",
    ],
    [
      "a server with a password in its address",
      {
        GITHUB_ACTIONS: "true",
        GITHUB_SERVER_URL: "https://bot:hunter2@github.acme.example",
        GITHUB_WORKFLOW_REF: "acme/hello/.github/workflows/release.yml@refs/tags/v1",
      },
      "https://github.acme.example/acme/hello/.github/workflows/release.yml@refs/tags/v1",
    ],
    [
      "a server that is not an address",
      { GITHUB_ACTIONS: "true", GITHUB_SERVER_URL: "hunter2", GITHUB_WORKFLOW_REF: "a/b/c@d" },
      localBuilder,
    ],
    [
      "GitLab",
      {
        GITLAB_CI: "true",
        CI_SERVER_URL: "https://gitlab.com",
        CI_PROJECT_PATH: "acme/hello",
        CI_CONFIG_REF_URI: "gitlab.com/acme/hello//.gitlab-ci.yml@refs/heads/main",
      },
      "https://gitlab.com/acme/hello//.gitlab-ci.yml@refs/heads/main",
    ],
  ];
  for (const [name, environment, id] of environments) {
    it(`${name} builds as ${id}`, () => {
      assert.deepEqual(builderOf(environment, "1.0.0"), { id, version: { slipway: "1.0.0" } });
    });
  }

  describe("a provenance", () => {
    const facts = {
      buildType: "urn:example",
      parameters: { platform: "linux/amd64" },
      dependencies: [{ uri: "file:a", digest: { sha256: "00" } }],
      builder: { id: localBuilder },
    };

    it("names the source first, and that files differed from it", () => {
      const source = { repository: "https://example.com/a.git", revision: "0".repeat(40), modified: true };
      assert.deepEqual(provenancePredicate({ ...facts, source }).buildDefinition.resolvedDependencies, [
        {
          uri: "git+https://example.com/a.git",
          digest: { gitCommit: "0".repeat(40) },
          annotations: { modified: true },
        },
        { uri: "file:a", digest: { sha256: "00" } },
      ]);
    });

    it("leaves out a source that is not known", () => {
      assert.deepEqual(provenancePredicate({ ...facts, source: {} }).buildDefinition.resolvedDependencies, [
        { uri: "file:a", digest: { sha256: "00" } },
      ]);
    });
  });
});
