import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { builderOf, localBuilder } from "../../../lib/provenance/builder";
import { declaredSource, gitSource, publicAddress } from "../../../lib/provenance/git-source";
import { ofPlatforms, provenancePredicate, type Source } from "../../../lib/provenance/predicate";
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

    it("has the tag of the version that is at its revision", async () => {
      await git("init", "-q");
      await writeFile(path.join(folder, "a"), "1");
      await git("add", "a");
      await git("commit", "-q", "-m", "one");
      for (const tag of ["v1.1.0", "cli/v1.2.0", "latest"]) await git("tag", tag);
      const refs = await Promise.all(
        ["v1.1.0", "1.1.0", "v1.2.0", "v1.2.1", undefined].map(
          async (version) => (await gitSource(folder, version)).ref,
        ),
      );
      assert.deepEqual(refs, [
        "refs/tags/v1.1.0",
        "refs/tags/v1.1.0",
        "refs/tags/cli/v1.2.0",
        undefined,
        undefined,
      ]);
    });
  });

  describe("a declared source", () => {
    const [here, there] = ["1".repeat(40), "2".repeat(40)];
    const repository = "https://example.com/acme/hello";
    const git = { repository: "ssh://example.com/fork/hello", revision: here, modified: false };
    const tagged = { ...git, ref: "refs/tags/v1.0.0" };
    const cases: readonly [string, Source, Source, Source][] = [
      ["of which nothing is said is git's", {}, tagged, tagged],
      ["is named by its repository", { repository }, tagged, { ...tagged, repository }],
      ["at git's revision has its tag", { revision: here }, tagged, tagged],
      [
        "at another revision has none, and its files differ",
        { revision: there },
        tagged,
        { repository: git.repository, revision: there, modified: true },
      ],
      [
        "outside of git is what is said",
        { repository, revision: there },
        {},
        { repository, revision: there },
      ],
      ["has no password", { repository: "https://me:pw@example.com/acme/hello" }, {}, { repository }],
    ];
    for (const [name, declared, found, expected] of cases) {
      it(name, () => assert.deepEqual(declaredSource(declared, found), expected));
    }
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

    it("names the tag that was built", () => {
      const source = { repository: "https://example.com/a", ref: "refs/tags/v1.0.0" };
      const { buildDefinition } = provenancePredicate({ ...facts, source });
      assert.equal(
        buildDefinition.resolvedDependencies[0]?.uri,
        "git+https://example.com/a@refs/tags/v1.0.0",
      );
    });

    it("of an index has what went into its platforms, and that of a manifest what went into it", () => {
      const of = (uri: string, platform?: string) =>
        platform === undefined ? { uri } : { uri, annotations: { platform } };
      const dependencies = [of("a", "linux/amd64"), of("b", "linux/arm64"), of("c", "darwin/arm64"), of("d")];
      const predicate = provenancePredicate({ ...facts, dependencies, source: {} });
      const uris = (...platforms: string[]) =>
        ofPlatforms(predicate, new Set(platforms)).buildDefinition.resolvedDependencies.map(({ uri }) => uri);
      assert.deepEqual(uris("linux/amd64", "linux/arm64"), ["a", "b", "d"]);
      assert.deepEqual(uris("linux/arm64"), ["b", "d"]);
    });

    it("leaves out a source that is not known", () => {
      assert.deepEqual(provenancePredicate({ ...facts, source: {} }).buildDefinition.resolvedDependencies, [
        { uri: "file:a", digest: { sha256: "00" } },
      ]);
    });
  });
});
