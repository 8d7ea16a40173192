import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { gitFacts, type GitFactsArgs } from "../../components/git-facts";
import { ciReference } from "../../lib/provenance/ci-reference";
import { runClient } from "../support/clients";

const commit = "1".repeat(40);

describe("what a CI job was started for", () => {
  const nothing = { tag: undefined, branch: undefined, pullRequest: undefined, commit };
  const github = { GITHUB_ACTIONS: "true", GITHUB_SHA: commit };
  const gitlab = { GITLAB_CI: "true", CI_COMMIT_SHA: commit };
  const cases: readonly [string, NodeJS.ProcessEnv, object | undefined][] = [
    ["no CI", { GITHUB_REF: "refs/tags/v1.0.0" }, undefined],
    ["GitHub, a tag", { ...github, GITHUB_REF: "refs/tags/v1.0.0" }, { ...nothing, tag: "v1.0.0" }],
    ["GitHub, a branch", { ...github, GITHUB_REF: "refs/heads/fix/a" }, { ...nothing, branch: "fix/a" }],
    [
      "GitHub, a pull request",
      { ...github, GITHUB_REF: "refs/pull/7/merge" },
      { ...nothing, pullRequest: 7 },
    ],
    ["GitLab, a tag", { ...gitlab, CI_COMMIT_TAG: "cli/v1.0.0" }, { ...nothing, tag: "cli/v1.0.0" }],
    ["GitLab, a branch", { ...gitlab, CI_COMMIT_BRANCH: "main" }, { ...nothing, branch: "main" }],
    ["GitLab, a merge request", { ...gitlab, CI_MERGE_REQUEST_IID: "12" }, { ...nothing, pullRequest: 12 }],
  ];
  for (const [name, environment, expected] of cases) {
    it(name, () => assert.deepEqual(ciReference(environment), expected));
  }
});

describe("facts of git", () => {
  let folder: string;
  let head: string;
  const variables = ["GITHUB_ACTIONS", "GITHUB_REF", "GITHUB_SHA", "GITLAB_CI"];
  const inherited = variables.map((name) => [name, process.env[name]] as const);

  beforeEach(async () => {
    for (const name of variables) delete process.env[name];
    folder = await mkdtemp(path.join(tmpdir(), "slipway-git-"));
    await git("init", "-q", "-b", "main");
    await writeFile(path.join(folder, "a"), "1");
    await git("add", "a");
    await git("commit", "-q", "-m", "one");
    head = await git("rev-parse", "HEAD");
  });
  afterEach(async () => {
    for (const [name, value] of inherited) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    await rm(folder, { recursive: true, force: true });
  });

  const git = (...args: string[]) =>
    runClient("git", ["-C", folder, "-c", "user.name=a", "-c", "user.email=a@example.com", ...args]);
  const facts = (args: GitFactsArgs = {}) => gitFacts({ directory: folder, ...args });
  const inJob = (ref: string) =>
    Object.assign(process.env, { GITHUB_ACTIONS: "true", GITHUB_REF: ref, GITHUB_SHA: "f".repeat(40) });
  const clean = { version: undefined, tag: undefined, pullRequest: undefined, dirty: false };

  it("of a branch have no version", () => {
    assert.deepEqual(facts(), { ...clean, commit: head, branch: "main" });
  });

  it("have the highest version of the tags at the commit", async () => {
    for (const tag of ["v1.9.0", "v1.10.0", "v1.10.0-rc.1", "v1", "nightly", "cli/v2.0.0"])
      await git("tag", tag);
    assert.deepEqual(facts(), {
      ...clean,
      version: "v1.10.0",
      tag: "v1.10.0",
      commit: head,
      branch: "main",
    });
    const { version, tag } = facts({ tagPrefix: "cli/" });
    assert.deepEqual({ version, tag }, { version: "v2.0.0", tag: "cli/v2.0.0" });
  });

  it("have what the job was started for, and the commit that is there", async () => {
    await git("tag", "v1.0.0");
    inJob("refs/heads/main");
    assert.deepEqual(facts(), { ...clean, commit: head, branch: "main" });
    inJob("refs/pull/7/merge");
    assert.deepEqual(facts(), { ...clean, commit: head, branch: undefined, pullRequest: 7 });
    inJob("refs/tags/v1.0.0");
    assert.deepEqual(facts(), {
      ...clean,
      version: "v1.0.0",
      tag: "v1.0.0",
      commit: head,
      branch: undefined,
    });
    // That of another project of the repository.
    assert.equal(facts({ tagPrefix: "cli/" }).version, undefined);
    inJob("refs/tags/cli/next");
    assert.throws(
      () => facts({ tagPrefix: "cli/" }),
      /"cli\/next".* no version .*valid example: "cli\/v1.2.3"/,
    );
  });

  it("refuse a stable version of files that are in no commit", async () => {
    await writeFile(path.join(folder, "b"), "new");
    assert.equal(facts().dirty, true);
    await git("tag", "v1.0.0-rc.1");
    assert.equal(facts().version, "v1.0.0-rc.1");
    await git("tag", "v1.0.0");
    assert.throws(
      () => facts(),
      /v1\.0\.0 would be released from files that are not in its commit: b\. Commit/,
    );
    const { version, dirty } = facts({ allowDirty: true });
    assert.deepEqual({ version, dirty }, { version: "v1.0.0", dirty: true });
  });

  it("outside of git are what the job says, and else nothing", async () => {
    await rm(path.join(folder, ".git"), { recursive: true });
    assert.deepEqual(facts(), { ...clean, commit: undefined, branch: undefined, dirty: undefined });
    inJob("refs/tags/v1.0.0");
    const { version, commit: said, dirty } = facts();
    assert.deepEqual({ version, said, dirty }, { version: "v1.0.0", said: "f".repeat(40), dirty: undefined });
  });

  it("tell in git's words what git cannot do", async () => {
    await writeFile(path.join(folder, ".git", "config"), "[core\n");
    assert.throws(() => facts(), /^Error: git rev-parse .*: fatal: bad config line 1/);
  });
});
