import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import type { Properties } from "../../provider/base/properties";
import { hasProgram } from "../support/clients";
import { decide, failed, FakeGitHub, secondaryLimit, type FakeRepository } from "../support/fake-github";
import { git } from "../support/git-server";
import { ProviderProcess, secret, type Held } from "../support/provider-process";
import { requirement } from "../support/requirement";
import { requireSigners, sshKey, verifyCommit } from "../support/signed-commits";

const type = "slipway:git:Files";
const author = { name: "Acme releases", email: "releases@acme.example" };
const formula = "Formula/hello.rb";
const noTokens = { GITHUB_TOKEN: "", GH_TOKEN: "", GH_ENTERPRISE_TOKEN: "", GITHUB_ENTERPRISE_TOKEN: "" };

describe("files that are proposed by a pull request", () => {
  let root: string;
  let project: string;
  let fake: FakeGitHub;
  let repository: FakeRepository;
  let provider: ProviderProcess;

  before(async function () {
    requirement(this, hasProgram("git"), "git is not on PATH");
    root = await mkdtemp(path.join(tmpdir(), "slipway-pulls-test-"));
    project = path.join(root, "project");
    await mkdir(project);
    fake = await FakeGitHub.start();
    fake.gitRoot = root;
    provider = await ProviderProcess.start(project, { github: { endpoint: fake.url } }, noTokens);
  });
  beforeEach(async () => {
    fake.forget();
    for (const name of ["taps", "acme", "hand"])
      await rm(path.join(root, name), { recursive: true, force: true });
    await mkdir(path.join(root, "taps"));
    git(root, "init", "--quiet", "--bare", "--initial-branch=main", "taps/tap.git");
    git(root, "clone", "--quiet", "taps/tap.git", "hand");
    repository = fake.repository("taps/tap");
    await byHand((folder) => writeFile(path.join(folder, "README.md"), "# tap\n"));
  });
  afterEach(() => assert.deepEqual(fake.violations, [], "GitHub's OpenAPI description is kept to"));
  after(async () => {
    await provider?.stop();
    await fake?.stop();
    if (root) await rm(root, { recursive: true, force: true, maxRetries: 3 });
  });

  const tap = (...args: string[]) => git(path.join(root, "taps/tap.git"), ...args);
  const text = (version: string) => `class Hello\n  version "${version}"\nend\n`;
  const of = (version: string, more: Properties = {}): Properties => ({
    remote: `${fake.url}/taps/tap.git`,
    files: { [formula]: { content: text(version) } },
    author,
    token: secret(fake.token),
    message: `hello ${version}`,
    version: { value: version, file: formula, pattern: '^ *version "(.+)"$' },
    pullRequest: true,
    ...more,
  });
  const pulls = () =>
    repository.pulls.map(({ number, title, label, state }) => `${number} ${label} ${title} ${state}`);

  /** What somebody else does, and pushes. */
  async function byHand(change: (folder: string) => unknown): Promise<void> {
    const folder = path.join(root, "hand");
    if (tap("branch", "--list", "main") !== "") git(folder, "pull", "--quiet", "origin", "main");
    await change(folder);
    git(folder, "add", "--all");
    git(folder, "commit", "--quiet", "--message", "by hand");
    git(folder, "push", "--quiet", "origin", "HEAD:main");
  }

  /** Their owners take what a pull request has. */
  async function merge(number: number, branch: string, from = "origin"): Promise<void> {
    const folder = path.join(root, "hand");
    git(folder, "pull", "--quiet", "origin", "main");
    git(folder, "pull", "--quiet", "--no-edit", "--no-rebase", from, branch);
    git(folder, "push", "--quiet", "origin", "HEAD:main");
    decide(repository, number, "merged");
  }

  async function looked(held: Held): Promise<Held> {
    const read = await provider.read(held);
    assert.ok(read);
    return read;
  }

  it("wait without a difference while it is open, and are published once it is merged", async () => {
    const planned = await provider.create(type, of("1.0.0"), true);
    assert.equal(planned.state.state, "awaiting");
    assert.deepEqual([fake.writes(), tap("branch", "--list", "slipway/*")], [[], ""]);
    const held = await provider.create(type, of("1.0.0"));
    assert.deepEqual(pulls(), ["1 taps:slipway/hello-1.0.0 hello 1.0.0 open"]);
    assert.equal(tap("show", `slipway/hello-1.0.0:${formula}`), text("1.0.0").trimEnd());
    assert.equal(tap("log", "--format=%an: %s", "main..slipway/hello-1.0.0"), "Acme releases: hello 1.0.0");
    assert.equal(tap("ls-tree", "--name-only", "main"), "README.md");
    const url = `${fake.url}/taps/tap/pull/1`;
    assert.equal(held.state.state, "awaiting");
    assert.equal(held.state.reason, `pull request #1 is open: ${url}`);
    assert.deepEqual(held.state.foundPullRequest, {
      number: 1,
      url,
      state: "open",
      branch: "slipway/hello-1.0.0",
      version: "1.0.0",
    });
    fake.forget();
    const waiting = await looked(held);
    assert.equal(waiting.state.state, "awaiting");
    assert.ok(provider.messages.at(-1)?.includes(url), provider.messages.at(-1));
    assert.deepEqual((await provider.diff(waiting, of("1.0.0"))).changes, []);
    assert.equal(fake.requests.length, 1);
    await merge(1, "slipway/hello-1.0.0");
    const merged = await looked(waiting);
    assert.equal(merged.state.state, "published");
    assert.equal((merged.state.foundPullRequest as Properties).state, "merged");
    assert.deepEqual((await provider.diff(merged, of("1.0.0"))).changes, []);
    fake.forget();
    assert.equal((await looked(merged)).state.state, "published");
    assert.equal(fake.requests.length, 0);
    assert.doesNotMatch(provider.messages.join("\n"), new RegExp(fake.token));
  });

  it("are found again by a run that knows nothing of it, and by two at once", async () => {
    const both = await Promise.all([
      provider.create(type, of("1.0.0"), false, "one"),
      provider.create(type, of("1.0.0"), false, "two"),
    ]);
    const third = await provider.create(type, of("1.0.0"));
    for (const { state } of [...both, third]) {
      assert.deepEqual([state.state, (state.foundPullRequest as Properties).number], ["awaiting", 1]);
    }
    assert.equal(repository.pulls.length, 1);
  });

  it("that change are changed in it, and what its reviewers push to it stays otherwise", async () => {
    const held = await provider.create(type, of("1.0.0"));
    const folder = path.join(root, "hand");
    git(folder, "fetch", "--quiet", "origin", "slipway/hello-1.0.0");
    git(folder, "checkout", "--quiet", "-B", "review", "FETCH_HEAD");
    await writeFile(path.join(folder, "REVIEW"), "1");
    git(folder, "add", "--all");
    git(folder, "commit", "--quiet", "--message", "review");
    git(folder, "push", "--quiet", "origin", "review:slipway/hello-1.0.0");
    const reviewed = tap("rev-parse", "slipway/hello-1.0.0");
    assert.deepEqual((await provider.diff(await looked(held), of("1.0.0"))).changes, []);
    await provider.create(type, of("1.0.0"));
    assert.equal(tap("rev-parse", "slipway/hello-1.0.0"), reviewed);
    const other = of("1.0.0", {
      files: { [formula]: { content: `${text("1.0.0")}# better\n` } },
      pullRequest: { title: "Better", body: "Words." },
    });
    const { changes } = await provider.diff(await looked(held), other);
    assert.deepEqual(changes.sort(), ["files", "pullRequest"]);
    const updated = await provider.update(await looked(held), other);
    assert.equal(updated.state.state, "awaiting");
    assert.deepEqual(pulls(), ["1 taps:slipway/hello-1.0.0 Better open"]);
    assert.match(repository.pulls[0]?.body ?? "", /^Words\.\n\n<!-- slipway sha256:\w{64} -->$/);
    assert.match(tap("show", `slipway/hello-1.0.0:${formula}`), /# better/);
    assert.equal(tap("rev-list", "--count", "main..slipway/hello-1.0.0"), "1");
  });

  it("of a higher version take its place: it is closed, and the new one says so", async () => {
    const held = await provider.create(type, of("1.0.0"));
    const next = await provider.update(await looked(held), of("1.1.0"));
    assert.deepEqual(pulls(), [
      "1 taps:slipway/hello-1.0.0 hello 1.0.0 closed",
      "2 taps:slipway/hello-1.1.0 hello 1.1.0 open",
    ]);
    assert.match(repository.pulls[1]?.body ?? "", /^Supersedes #1\./);
    const lower = of("1.0.1");
    assert.deepEqual((await provider.diff(await looked(next), lower)).changes, ["version"]);
    const stays = await provider.update(await looked(next), lower);
    assert.equal(stays.state.state, "held");
    assert.match(String(stays.state.reason), /#2 has 1\.1\.0, which is higher than 1\.0\.1/);
    assert.deepEqual((await provider.diff(await looked(stays), lower)).changes, []);
    decide(repository, 2, "closed");
    const free = await looked(stays);
    assert.deepEqual((await provider.diff(free, lower)).changes, ["found"]);
    assert.equal((await provider.update(free, lower)).state.state, "awaiting");
    assert.equal(pulls()[2], "3 taps:slipway/hello-1.0.1 hello 1.0.1 open");
  });

  it("of a higher version take its place also where a run broke off before it was closed", async () => {
    const held = await provider.create(type, of("1.0.0", { gated: true }));
    fake.faults.push({ method: "PATCH", path: /\/pulls\/1$/, answer: failed(403, "Forbidden"), times: 1 });
    const broken = await provider.update(await looked(held), of("1.1.0", { gated: true }));
    assert.equal(broken.state.state, "failed");
    const read = await looked(broken);
    assert.deepEqual(
      (await provider.diff(read, of("1.1.0", { gated: true }))).changes.includes("state"),
      true,
    );
    assert.equal((await provider.update(read, of("1.1.0", { gated: true }))).state.state, "awaiting");
    assert.deepEqual(
      repository.pulls.map(({ state }) => state),
      ["closed", "open"],
    );
  });

  it("that are older than what the branch has, and pre-releases, are held as everywhere", async () => {
    await byHand(async (folder) => {
      await mkdir(path.join(folder, "Formula"), { recursive: true });
      await writeFile(path.join(folder, formula), text("2.0.0"));
    });
    for (const version of ["1.0.0", "3.0.0-rc.1"]) {
      const held = await provider.create(type, of(version));
      assert.equal(held.state.state, "held");
      assert.equal((await looked(held)).state.state, "held");
    }
    assert.deepEqual(fake.requests, []);
  });

  it("fail where it is closed without a merge, until something else is declared", async () => {
    const inputs = of("1.0.0", { gated: true });
    const held = await provider.create(type, inputs);
    decide(repository, 1, "closed");
    const read = await looked(held);
    assert.equal(read.state.state, "failed");
    assert.match(
      String(read.state.reason),
      /pull request #1 was closed without a merge: http.*change what is declared/,
    );
    assert.deepEqual((await provider.diff(read, inputs)).changes, ["state", "found"]);
    assert.equal((await provider.update(read, inputs)).state.state, "failed");
    await assert.rejects(provider.create(type, of("1.0.0")), /#1 was closed without a merge/);
    assert.equal(repository.pulls.length, 1);
    const other = of("1.0.0", {
      gated: true,
      files: { [formula]: { content: `${text("1.0.0")}# better\n` } },
    });
    assert.equal((await provider.update(read, other)).state.state, "awaiting");
    assert.equal(pulls()[1], "2 taps:slipway/hello-1.0.0 hello 1.0.0 open");
  });

  it("that were merged and changed since are their owners', and are not proposed again", async () => {
    const held = await provider.create(type, of("1.0.0"));
    await merge(1, "slipway/hello-1.0.0");
    await byHand((folder) => writeFile(path.join(folder, formula), `${text("1.0.0")}# theirs\n`));
    const read = await looked(held);
    assert.equal(read.state.state, "held");
    assert.match(String(read.state.reason), /#1 was merged, and the files are not as it had them/);
    assert.deepEqual((await provider.diff(read, of("1.0.0"))).changes, []);
    assert.deepEqual((await provider.diff(await looked(read), of("1.0.0"))).changes, []);
  });

  it("are signed where a key is declared", async function () {
    requireSigners(this);
    const { privateKey, publicKey } = sshKey(root, ["ed25519"]);
    await provider.create(type, of("1.0.0", { signingKey: secret(privateKey) }));
    const repositoryFolder = path.join(root, "taps/tap.git");
    assert.equal(verifyCommit(repositoryFolder, "slipway/hello-1.0.0", { ssh: [publicKey] }).ok, true);
  });

  it("go to a fork that is behind, which is brought to where the repository is first", async () => {
    await mkdir(path.join(root, "acme"));
    git(root, "clone", "--quiet", "--bare", "taps/tap.git", "acme/tap.git");
    fake.repository("acme/tap", { forkOf: "taps/tap" });
    await byHand((folder) => writeFile(path.join(folder, "newer.txt"), "1"));
    const inputs = of("1.0.0", { pullRequest: { fork: "acme/tap" } });
    await provider.create(type, inputs);
    assert.deepEqual(pulls(), ["1 acme:slipway/hello-1.0.0 hello 1.0.0 open"]);
    assert.deepEqual(fake.writes(), [
      "POST /repos/acme/tap/merge-upstream 200",
      "POST /repos/taps/tap/pulls 201",
    ]);
    assert.equal(tap("branch", "--list", "slipway/*"), "");
    const fork = path.join(root, "acme/tap.git");
    assert.equal(git(fork, "rev-parse", "slipway/hello-1.0.0^"), tap("rev-parse", "main"));
    const next = of("1.1.0", { pullRequest: { fork: "acme/tap" } });
    git(root, "--git-dir", fork, "update-ref", "refs/heads/main", "slipway/hello-1.0.0");
    await byHand((folder) => writeFile(path.join(folder, "newer.txt"), "2"));
    await assert.rejects(
      provider.create(type, next),
      /bringing main of acme\/tap to where taps\/tap is: .*409/,
    );
  });

  it("wait out a secondary rate limit", async () => {
    fake.faults.push({ method: "POST", path: /\/pulls$/, answer: secondaryLimit(1), times: 1 });
    assert.equal((await provider.create(type, of("1.0.0"))).state.state, "awaiting");
    assert.equal(repository.pulls.length, 1);
  });

  it("are one pull request where the answer to its opening is lost", async () => {
    fake.faults.push({ method: "POST", path: /\/pulls$/, loseAnswer: true, times: 1 });
    assert.equal((await provider.create(type, of("1.0.0"))).state.state, "awaiting");
    assert.equal(repository.pulls.length, 1);
  });

  it("say what a token may not, without the token; the state is kept where it is refused later", async () => {
    fake.faults.push({
      method: "POST",
      path: /\/pulls$/,
      answer: failed(403, "Resource not accessible by personal access token"),
    });
    await assert.rejects(provider.create(type, of("1.0.0")), (error: Error) => {
      assert.match(
        error.message,
        /opening a pull request of taps:slipway\/hello-1\.0\.0 to taps\/tap: POST .*403/,
      );
      assert.match(error.message, /public_repo/);
      assert.doesNotMatch(error.message, new RegExp(fake.token));
      return true;
    });
    fake.forget();
    const held = await provider.create(type, of("1.0.0"));
    fake.faults.push({ path: /\/pulls/, answer: failed(401, "Bad credentials") });
    assert.deepEqual((await looked(held)).state.foundPullRequest, held.state.foundPullRequest);
    fake.forget();
    fake.faults.push({ path: /\/pulls/, answer: failed(404, "Not Found") });
    await assert.rejects(looked(held), /taps\/tap does not exist, or the token may not see it/);
    const gated = await looked({ ...held, inputs: { ...held.inputs, gated: true } });
    assert.equal(gated.state.state, "unknown");
    assert.deepEqual((await provider.diff(gated, of("1.0.0", { gated: true }))).changes, []);
  });

  it("have a token, or nothing is pushed", async () => {
    const { token: _token, ...inputs } = of("1.0.0", {
      remote: "../taps/tap.git",
      pullRequest: { repository: "taps/tap" },
    });
    await assert.rejects(provider.create(type, inputs), /a pull request needs a token/);
    assert.equal(tap("branch", "--list", "slipway/*"), "");
  });

  it("of a version beside others leave the open pull request of another one alone", async () => {
    const beside = (version: string) => {
      const file = `manifests/${version}/hello.yaml`;
      return of(version, {
        files: { [file]: { content: `PackageVersion: ${version}\n` } },
        version: { value: version, file, pattern: "^PackageVersion: (.+)$" },
      });
    };
    const held = await provider.create(type, beside("1.1.0"));
    const from = provider.messages.length;
    const lower = await provider.update(await looked(held), beside("1.0.1"));
    assert.equal(lower.state.state, "awaiting");
    assert.deepEqual(pulls(), [
      "1 taps:slipway/hello-1.1.0 hello 1.1.0 open",
      "2 taps:slipway/hello-1.0.1 hello 1.0.1 open",
    ]);
    assert.doesNotMatch(provider.messages.slice(from).join("\n"), /it left the program/);
    await merge(2, "slipway/hello-1.0.1");
    assert.equal((await looked(lower)).state.state, "published");
  });

  it("take over what a run without a pull request has left, without one", async () => {
    const held = await provider.create(type, of("1.0.0", { pullRequest: false }));
    assert.equal(held.state.state, "published");
    assert.deepEqual((await provider.diff(await looked(held), of("1.0.0"))).changes, []);
    assert.equal((await provider.update(await looked(held), of("1.0.0"))).state.state, "published");
    assert.deepEqual(fake.writes(), []);
  });

  for (const [what, wrong, finding] of [
    ["a folder below .slipway", { remote: ".slipway/tap.git", token: undefined }, /folder of this checkout/],
    [
      "a repository of another host",
      { remote: "https://example.com/a/b.git" },
      /does not say which repository/,
    ],
    ["a fork that is none", { pullRequest: { fork: "acme" } }, /pullRequest.*owner\/name/],
  ] as [string, Properties, RegExp][]) {
    it(`are refused with ${what}`, async () => {
      await assert.rejects(provider.check(type, of("1.0.0", wrong)), finding);
    });
  }
});
