import assert from "node:assert/strict";
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { embeddedRegistry, gitFacts, ociRegistry } from "../../components";
import { checkDistribution } from "../../components/declaration/check-distribution";
import type { DistributionArgs } from "../../components/distribution-args";
import { runClient } from "../support/clients";

const other = "0123456789abcdef0123456789abcdef01234567";
const source = "https://github.com/acme/hello";

describe("a declared commit", () => {
  const before = process.cwd();
  let root: string;
  let checkout: string;
  let head: string;

  beforeEach(async () => {
    root = await realpath(await mkdtemp(path.join(tmpdir(), "slipway-commit-")));
    checkout = path.join(root, "checkout");
    await mkdir(checkout);
    head = await initialize(checkout);
    process.chdir(checkout);
  });
  afterEach(async () => {
    process.chdir(before);
    await rm(root, { recursive: true, force: true });
  });

  const git = (directory: string, ...args: string[]) =>
    runClient("git", ["-C", directory, "-c", "user.name=a", "-c", "user.email=a@example.com", ...args]);

  /** Makes a checkout with one commit, and returns that. */
  async function initialize(directory: string): Promise<string> {
    await git(directory, "init", "-q", "-b", "main");
    await writeFile(path.join(directory, "file"), directory);
    await git(directory, "add", "file");
    await git(directory, "commit", "-q", "-m", "one");
    return git(directory, "rev-parse", "HEAD");
  }

  function refusal(fields: Partial<DistributionArgs>): string {
    try {
      checkDistribution("hello", {
        version: "v1.0.0",
        registries: [ociRegistry({ host: "ghcr.io", namespace: "acme" })],
        platforms: ["linux/amd64"],
        images: { hello: { files: [{ to: "/hello", content: "hello" }] } },
        ...fields,
      });
    } catch (error) {
      return (error as Error).message;
    }
    return "accepted";
  }

  it("is that of the checkout, or is refused with the ways out", () => {
    assert.equal(refusal({ commit: head }), "accepted");
    const text = refusal({ commit: other });
    assert.ok(text.includes(`commit: "${other}" is not the commit that is built: `), text);
    assert.ok(text.includes(`the git checkout is at ${head}. Leave the field out`), text);
    assert.match(text, /take it from gitFacts\(\), or check that commit out; .* belongs in source$/);
    assert.match(refusal({ commit: head.slice(0, 7) }), /a full commit hash is expected/);
  });

  it("is found from a subfolder, in a shallow clone, and in a worktree", async () => {
    await mkdir("sub");
    process.chdir("sub");
    assert.equal(refusal({ commit: head }), "accepted");
    assert.match(refusal({ commit: other }), /is not the commit that is built/);
    await git(checkout, "commit", "-q", "--allow-empty", "-m", "two");
    const newest = await git(checkout, "rev-parse", "HEAD");
    await git(root, "clone", "-q", "--depth", "1", `file://${checkout}`, "shallow");
    await git(checkout, "worktree", "add", "-q", "--detach", path.join(root, "worktree"), head);
    process.chdir(path.join(root, "shallow"));
    assert.equal(refusal({ commit: newest }), "accepted");
    assert.match(refusal({ commit: head }), new RegExp(`the git checkout is at ${newest}`));
    process.chdir(path.join(root, "worktree"));
    assert.equal(refusal({ commit: head }), "accepted");
    assert.match(refusal({ commit: newest }), new RegExp(`the git checkout is at ${head}`));
  });

  it("is accepted outside of git, and before the first commit", async () => {
    process.chdir(root);
    assert.equal(refusal({ commit: other }), "accepted");
    await git(root, "init", "-q");
    assert.equal(refusal({ commit: other }), "accepted");
  });

  it("is that of gitFacts(), whatever the job was started for", () => {
    const names = ["GITHUB_ACTIONS", "GITHUB_SHA", "GITHUB_REF"];
    const inherited = names.map((name) => [name, process.env[name]] as const);
    Object.assign(process.env, {
      GITHUB_ACTIONS: "true",
      GITHUB_SHA: other,
      GITHUB_REF: "refs/pull/7/merge",
    });
    try {
      assert.equal(refusal({ commit: gitFacts().commit }), "accepted");
      process.chdir(root);
      const { commit } = gitFacts();
      assert.equal(commit, other);
      assert.equal(refusal({ commit }), "accepted");
    } finally {
      for (const [name, value] of inherited) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    }
  });

  it("may be that of another repository, which source names", async () => {
    await git(checkout, "remote", "add", "origin", "git@work:acme/packages.git");
    assert.equal(refusal({ commit: other, source }), "accepted");
    assert.match(refusal({ commit: other }), /is not the commit/);
    await git(checkout, "remote", "add", "upstream", "ssh://git@ssh.github.com:443/Acme/Hello.git");
    assert.match(refusal({ commit: other, source }), /is not the commit/);
    assert.match(refusal({ commit: other, source: `${source}/tree/main/cli` }), /is not the commit/);
    assert.equal(refusal({ commit: other, source: `${source}-world` }), "accepted");
  });

  it("is believed on the embedded registry only, where a checkout came from nowhere", () => {
    assert.match(refusal({ commit: other, source }), /is not the commit/);
    assert.equal(refusal({ commit: other, source, registries: [embeddedRegistry()] }), "accepted");
    assert.match(refusal({ commit: other, registries: [embeddedRegistry()] }), /is not the commit/);
  });

  it("may be that of a folder that is built and is a checkout of its own", async () => {
    await mkdir("upstream");
    const commit = await initialize(path.join(checkout, "upstream"));
    const binaries = { hello: { command: ["make"], sources: ["*"], directory: "upstream" } };
    assert.equal(refusal({ commit, binaries }), "accepted");
    assert.match(refusal({ commit }), /is not the commit/);
    const images = { hello: { dockerfile: "Dockerfile", context: "upstream" } };
    assert.equal(refusal({ commit, images }), "accepted");
    process.chdir(root);
    const elsewhere = { hello: { ...binaries.hello, directory: "checkout/upstream" } };
    assert.equal(refusal({ commit, binaries: elsewhere }), "accepted");
    assert.match(refusal({ commit: head, binaries: elsewhere }), new RegExp(`is at ${commit}`));
  });
});
