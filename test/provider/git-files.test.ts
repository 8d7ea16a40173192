import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { RemoteBranch } from "../../lib/git/remote-branch";
import type { Properties } from "../../provider/base/properties";
import { unknown } from "../../provider/base/unknown";
import { hasProgram } from "../support/clients";
import { git, GitServer } from "../support/git-server";
import { ProviderProcess, secret, type Held } from "../support/provider-process";
import { requirement } from "../support/requirement";

const type = "slipway:git:Files";
const author = { name: "Acme releases", email: "releases@acme.example" };
const formula = "Formula/hello.rb";

describe("files on a branch of a git repository", () => {
  let root: string;
  let project: string;
  let provider: ProviderProcess;

  before(async function () {
    requirement(this, hasProgram("git"), "git is not on PATH");
    root = await mkdtemp(path.join(tmpdir(), "slipway-git-test-"));
    project = path.join(root, "project");
    await mkdir(project);
    provider = await ProviderProcess.start(project);
  });
  beforeEach(async () => {
    for (const name of ["tap.git", "other"])
      await rm(path.join(root, name), { recursive: true, force: true });
    git(root, "init", "--quiet", "--bare", "--initial-branch=main", "tap.git");
    git(root, "clone", "--quiet", "tap.git", "other");
  });
  after(async () => {
    await provider?.stop();
    if (root) await rm(root, { recursive: true, force: true, maxRetries: 3 });
  });

  const tap = (...args: string[]) => git(path.join(root, "tap.git"), ...args);
  const shown = (file: string) => tap("show", `main:${file}`);
  const commits = () => tap("log", "--format=%an: %s", "main").split("\n");
  const declared = (more: Properties = {}): Properties => ({
    remote: "../tap.git",
    files: { [formula]: { content: "class Hello\nend\n" } },
    author,
    ...more,
  });

  /** What somebody else does, and pushes. */
  async function byHand(change: (folder: string) => unknown, message = "by hand"): Promise<void> {
    const folder = path.join(root, "other");
    if (tap("branch", "--list") !== "") git(folder, "pull", "--quiet", "origin", "main");
    await change(folder);
    git(folder, "add", "--all");
    git(folder, "commit", "--quiet", "--message", message);
    git(folder, "push", "--quiet", "origin", "HEAD:main");
  }

  async function looked(held: Held): Promise<Held> {
    const read = await provider.read(held);
    assert.ok(read);
    return read;
  }

  it("are one commit with author and message, on a branch that is made; a preview makes none", async () => {
    const inputs = declared({
      files: {
        [formula]: { content: "class Hello\nend\n" },
        "bin/hello": { source: "hello.sh", executable: true },
      },
      message: "hello 1.0.0",
    });
    await writeFile(path.join(project, "hello.sh"), "#!/bin/sh\n");
    await provider.create(type, inputs, true);
    assert.equal(tap("branch", "--list"), "");
    const held = await provider.create(type, inputs);
    assert.deepEqual(commits(), ["Acme releases: hello 1.0.0"]);
    assert.equal(shown(formula), "class Hello\nend");
    assert.match(tap("ls-tree", "-r", "main"), /^100644 .*Formula\/hello\.rb\n100755 .*bin\/hello$/);
    assert.equal(held.state.commit, tap("rev-parse", "main"));
    assert.deepEqual((await provider.diff(await looked(held), inputs)).changes, []);
    await provider.create(type, inputs);
    assert.equal(commits().length, 1);
  });

  it("are put into a repository below .slipway that is made by the first commit", async () => {
    const inputs = declared({ remote: ".slipway/tap.git" });
    const folder = path.join(project, ".slipway", "tap.git");
    await provider.create(type, inputs, true);
    assert.equal(existsSync(folder), false);
    const held = await provider.create(type, inputs);
    assert.equal(git(folder, "show", `HEAD:${formula}`), "class Hello\nend");
    assert.deepEqual((await provider.diff(await looked(held), inputs)).changes, []);
    await rm(folder, { recursive: true });
    assert.deepEqual((await provider.diff(await looked(held), inputs)).changes, ["found"]);
  });

  it("are planned while their content is not known yet", async () => {
    const inputs = declared({ files: { [formula]: { content: unknown } } });
    const planned = await provider.create(type, inputs, true);
    assert.equal(planned.state.found, unknown);
    const held = await provider.create(type, declared());
    assert.deepEqual((await provider.diff(held, inputs)).changes, ["files"]);
  });

  it("leave the other files of the branch alone, and those that leave the program", async () => {
    await provider.create(type, declared());
    await byHand((folder) => writeFile(path.join(folder, "README.md"), "# tap\n"));
    const held = await provider.create(type, declared());
    const next = declared({ files: { "Formula/other.rb": { content: "class Other\nend\n" } } });
    const updated = await provider.update(await looked(held), next);
    assert.deepEqual(tap("ls-tree", "-r", "--name-only", "main").split("\n"), [
      "Formula/hello.rb",
      "Formula/other.rb",
      "README.md",
    ]);
    assert.deepEqual((await provider.diff(updated, next)).changes, []);
    assert.ok(
      provider.messages.includes("Formula/hello.rb stays in ../tap.git (branch main): it left the program"),
    );
  });

  for (const [what, change, said, kind] of [
    [
      "changed",
      (folder: string) => writeFile(path.join(folder, formula), "class Changed\nend\n"),
      /^somebody changed Formula\/hello\.rb in \.\.\/tap\.git \(branch main\) to sha256:[0-9a-f]{12}, committed as sha256:[0-9a-f]{12}; `pulumi up` puts it back$/,
      "update",
    ],
    [
      "deleted",
      (folder: string) => git(folder, "rm", "--quiet", formula),
      /^somebody deleted Formula\/hello\.rb in /,
      "add",
    ],
    [
      "made a folder",
      async (folder: string) => {
        git(folder, "rm", "--quiet", formula);
        await mkdir(path.join(folder, formula), { recursive: true });
        await writeFile(path.join(folder, formula, "file"), "1");
      },
      /^somebody changed Formula\/hello\.rb in /,
      "update",
    ],
  ] as [string, (folder: string) => unknown, RegExp, string][]) {
    it(`that somebody has ${what} are drift, and are put back`, async () => {
      const held = await provider.create(type, declared());
      await byHand(change);
      const from = provider.messages.length;
      const read = await looked(held);
      assert.ok(
        provider.messages.slice(from).some((line) => said.test(line)),
        provider.messages.join("\n"),
      );
      const { details } = await provider.diff(read, declared());
      assert.deepEqual(details, { 'found["Formula/hello.rb"]': kind });
      await provider.update(read, declared());
      assert.equal(shown(formula), "class Hello\nend");
      assert.equal(commits().length, 3);
    });
  }

  it("that somebody else has put there are not replaced without being told", async () => {
    await provider.create(type, declared({ files: { "one.txt": { content: "1" } } }));
    await byHand((folder) => writeFile(path.join(folder, "two.txt"), "of others\n"));
    const inputs = declared({ files: { "two.txt": { content: "2" } } });
    for (const preview of [true, false]) {
      await assert.rejects(
        provider.create(type, inputs, preview),
        /two\.txt in \.\.\/tap\.git \(branch main\) is sha256:\w{12}, and was put there by somebody else; .*takeOver: true/,
      );
    }
    assert.equal(shown("two.txt"), "of others");
    await provider.create(type, { ...inputs, takeOver: true });
    assert.equal(shown("two.txt"), "2");
  });

  it("are committed by two runs at once, each on top of the other", async () => {
    const names = ["a", "b", "c", "d"];
    await Promise.all(
      names.map((name) =>
        provider.create(type, declared({ files: { [`${name}.txt`]: { content: name } } }), false, name),
      ),
    );
    assert.deepEqual(
      tap("ls-tree", "--name-only", "main").split("\n"),
      names.map((name) => `${name}.txt`),
    );
    assert.equal(commits().length, names.length);
  });

  it("never go over what was pushed after they were looked at", async () => {
    const branch = await RemoteBranch.open(path.join(root, "tap.git"), "main");
    try {
      const file = { bytes: Buffer.from("ours\n"), executable: false };
      const commit = () => branch.commit(new Map([["x.txt", file]]), { message: "ours", author });
      for (const theirs of ["one\n", "two\n"]) {
        await branch.files(["x.txt"]);
        await byHand((folder) => writeFile(path.join(folder, "x.txt"), theirs));
        assert.equal(await commit(), undefined);
        assert.equal(shown("x.txt"), theirs.trimEnd());
      }
      await branch.files(["x.txt"]);
      assert.equal(await commit(), tap("rev-parse", "main"));
    } finally {
      await branch.close();
    }
  });

  it("say what the other side refuses, and the next run does it", async () => {
    const hook = path.join(root, "tap.git", "hooks", "pre-receive");
    await mkdir(path.dirname(hook), { recursive: true });
    await writeFile(hook, "#!/bin/sh\necho 'reviews are required' >&2\nexit 1\n", { mode: 0o755 });
    await assert.rejects(
      provider.create(type, declared()),
      /\.\.\/tap\.git \(branch main\): git push: .*reviews are required[^]*the next run begins anew/,
    );
    assert.equal(tap("branch", "--list"), "");
    await rm(hook);
    await provider.create(type, declared());
    assert.equal(shown(formula), "class Hello\nend");
  });

  describe("of a version", () => {
    const of = (value: string, more: Properties = {}) =>
      declared({
        files: { [formula]: { content: `class Hello\n  version "${value}"\nend\n` } },
        version: { value, file: formula, pattern: '^ *version "(.+)"$', ...more },
      });
    const version = () => /"(.*)"/.exec(shown(formula))?.[1];

    it("take the place of a lower one, and are put back where somebody changes them", async () => {
      let held = await provider.create(type, of("1.9.0"));
      held = await provider.update(await looked(held), of("1.10.0"));
      assert.equal(version(), "1.10.0");
      await byHand((folder) =>
        writeFile(path.join(folder, formula), 'class Hello\n  version "1.9.0"\nend\n'),
      );
      const read = await looked(held);
      assert.deepEqual((await provider.diff(read, of("1.10.0"))).changes, ["found"]);
      await provider.update(read, of("1.10.0"));
      assert.equal(version(), "1.10.0");
    });

    for (const [what, value, more, reason] of [
      [
        "a patch of an old line",
        "1.2.9",
        {},
        /Formula\/hello\.rb is of 2\.0\.0, which is higher than 1\.2\.9/,
      ],
      [
        "a pre-release",
        "2.1.0-rc.1",
        {},
        /2\.1\.0-rc\.1 is a pre-release, and only stable versions are for it/,
      ],
      ["a pre-release of an old line", "1.3.0-rc.1", { prereleases: true }, /higher than 1\.3\.0-rc\.1/],
    ] as [string, string, Properties, RegExp][]) {
      it(`${what} stays away, is no difference, and no drift`, async () => {
        await provider.create(type, of("2.0.0"));
        const from = provider.messages.length;
        const held = await provider.create(type, of(value, more), false, "another");
        assert.equal(version(), "2.0.0");
        assert.equal(held.state.state, "held");
        assert.match(String(held.state.reason), reason);
        const read = await looked(held);
        assert.deepEqual((await provider.diff(read, of(value, more))).changes, []);
        await byHand((folder) => writeFile(path.join(folder, "README.md"), "# tap\n"));
        assert.deepEqual((await provider.diff(await looked(held), of(value, more))).changes, []);
        assert.ok(provider.messages.slice(from).every((line) => !line.includes("somebody")));
      });
    }

    it("that were held go there when the version is higher", async () => {
      await provider.create(type, of("2.0.0"));
      const held = await provider.create(type, of("2.1.0-rc.1"), false, "another");
      const read = await looked(held);
      const next = of("2.1.0");
      assert.deepEqual((await provider.diff(read, next)).changes, ["files"]);
      assert.equal((await provider.update(read, next)).state.state, "published");
      assert.equal(version(), "2.1.0");
    });

    it("go there as a pre-release where that is declared", async () => {
      await provider.create(type, of("2.0.0"));
      await provider.create(type, of("2.1.0-rc.1", { prereleases: true }), false, "another");
      assert.equal(version(), "2.1.0-rc.1");
    });

    it("are not replaced by other ones of the same version that somebody else has put there", async () => {
      const others = of("2.0.0");
      await provider.create(type, { ...others, files: { [formula]: { content: '  version "2.0.0"\n' } } });
      await assert.rejects(provider.create(type, others, true, "another"), /was put there by somebody else/);
      await byHand((folder) => writeFile(path.join(folder, formula), "class Hello\nend\n"));
      await assert.rejects(provider.create(type, others, true, "another"), /was put there by somebody else/);
    });
  });

  describe("with a gate", () => {
    const gate = (held: Held) => ({
      channels: [{ channel: "tap", state: held.state.state, reason: held.state.reason }],
    });

    it("that cannot be put there are told, do not end the run but at the gate, and the next run does it", async () => {
      const inputs = declared({ remote: "../gone.git", gated: true });
      const planned = await provider.create(type, inputs, true);
      assert.equal(planned.state.state, "failed");
      const held = await provider.create(type, inputs);
      assert.match(String(held.state.reason), /gone\.git/);
      assert.match(
        provider.messages.at(-1) ?? "",
        /has not got the release: .*gone\.git[^]*The next update tries again/,
      );
      await provider.create("slipway:channel:Gate", gate(held), true);
      await assert.rejects(
        provider.create("slipway:channel:Gate", gate(held)),
        /1 of 1 channels have not got the release; everything else is published:\n- tap: .*gone\.git/,
      );
      git(root, "init", "--quiet", "--bare", "--initial-branch=main", "gone.git");
      try {
        const read = await looked(held);
        assert.ok((await provider.diff(read, inputs)).changes.includes("state"));
        const updated = await provider.update(read, inputs);
        assert.equal(updated.state.state, "published");
        assert.equal((await provider.create("slipway:channel:Gate", gate(updated))).state.published, 1);
      } finally {
        await rm(path.join(root, "gone.git"), { recursive: true, force: true });
      }
    });

    it("are taken to be as they were while nobody answers, and nothing is put back", async () => {
      const inputs = declared({ gated: true });
      const held = await provider.create(type, inputs);
      await rm(path.join(root, "tap.git"), { recursive: true });
      const read = await looked(held);
      assert.equal(read.state.state, "unknown");
      assert.deepEqual(read.state.found, held.state.found);
      assert.deepEqual((await provider.diff(read, inputs)).changes, []);
      await provider.create("slipway:channel:Gate", gate(read));
    });

    it("wait for the next run where the AUR takes nothing for a time, which fails no run", async () => {
      const hook = path.join(root, "tap.git", "hooks", "pre-receive");
      const words = "The AUR is down due to maintenance. We will be back soon.";
      await writeFile(hook, `#!/bin/sh\necho '${words}' >&2\nexit 1\n`, { mode: 0o755 });
      const inputs = declared({ gated: true });
      const held = await provider.create(type, inputs);
      assert.equal(held.state.state, "awaiting");
      assert.match(String(held.state.reason), new RegExp(words));
      assert.match(provider.messages.at(-1) ?? "", /takes nothing now; the next update tries again/);
      assert.equal((await provider.create("slipway:channel:Gate", gate(held))).state.published, 0);
      await rm(hook);
      const read = await looked(held);
      assert.deepEqual((await provider.diff(read, inputs)).changes, ["found"]);
      assert.equal((await provider.update(read, inputs)).state.state, "published");
      assert.equal(shown(formula), "class Hello\nend");
    });

    it("wait for as long as their grace, counted from when they were first seen to wait", async () => {
      const hook = path.join(root, "tap.git", "hooks", "pre-receive");
      const refuse = () =>
        writeFile(hook, "#!/bin/sh\necho 'The AUR is down due to maintenance' >&2\nexit 1\n", {
          mode: 0o755,
        });
      await refuse();
      const inputs = declared({ gated: true });
      const first = await provider.create(type, inputs);
      const since = String(first.state.awaitingSince);
      assert.ok(Math.abs(Date.parse(since) - Date.now()) < 60_000, since);

      // Two days go by; somebody else pushes, and for a time nobody answers.
      const earlier = new Date(Date.now() - 2 * 86_400_000).toISOString();
      let held: Held = { ...first, state: { ...first.state, awaitingSince: earlier } };
      await rm(hook);
      await byHand((folder) => writeFile(path.join(folder, "other.txt"), "of others\n"));
      await refuse();
      held = await looked(held);
      assert.deepEqual([held.state.state, held.state.awaitingSince], ["awaiting", earlier]);
      await rename(path.join(root, "tap.git"), path.join(root, "away.git"));
      held = await looked(held);
      assert.deepEqual([held.state.state, held.state.awaitingSince], ["unknown", earlier]);
      await rename(path.join(root, "away.git"), path.join(root, "tap.git"));
      held = await provider.update(await looked(held), inputs);
      assert.deepEqual([held.state.state, held.state.awaitingSince], ["awaiting", earlier]);

      const waiting = (grace?: string) => ({
        channels: gate(held).channels.map((one) => ({ ...one, awaitingSince: earlier, grace })),
      });
      const gateType = "slipway:channel:Gate";
      await provider.create(gateType, waiting());
      const patient = await provider.create(gateType, waiting("3d"));
      assert.deepEqual((await provider.diff(patient, waiting("3d"))).changes, []);
      await assert.rejects(
        provider.create(gateType, waiting("36h")),
        /1 of 1 channels have not got[^]*- tap: it waits since 20\S+Z, longer than its grace of 36h: .*down due to/,
      );
      // What has changed is the time alone.
      const overdue = { ...patient, inputs: waiting("36h") };
      assert.deepEqual((await provider.diff(overdue, waiting("36h"))).changes, ["channels"]);
      await assert.rejects(
        provider.create(gateType, waiting("a week")),
        /channels\[0\]\.grace: .*minutes \(m\), .* are expected \(a valid example: "7d"\)/,
      );

      await rm(hook);
      const done = await provider.update(await looked(held), inputs);
      assert.deepEqual([done.state.state, done.state.awaitingSince], ["published", undefined]);
    });

    it("a file of somebody else's is refused at preview all the same", async () => {
      await byHand((folder) => writeFile(path.join(folder, "two.txt"), "of others\n"));
      const inputs = declared({ files: { "two.txt": { content: "2" } }, gated: true });
      await assert.rejects(provider.create(type, inputs, true), /was put there by somebody else/);
      assert.equal((await provider.create(type, inputs)).state.state, "failed");
    });
  });

  describe("over HTTP", () => {
    const token = "tok-1f0e9d8c7b6a5f4e";
    let server: GitServer;
    let elsewhere: GitServer;

    before(async () => {
      server = await GitServer.start(root, token);
      elsewhere = await GitServer.start(root, token);
    });
    after(async () => {
      await server?.stop();
      await elsewhere?.stop();
    });
    const remote = () => `${server.url}/tap.git`;

    it("are committed with a token, which is in no message and not in the state in clear", async () => {
      const inputs = declared({ remote: remote(), token: secret(token) });
      const held = await provider.create(type, inputs);
      assert.equal(shown(formula), "class Hello\nend");
      assert.ok(held.secrets?.state.has(JSON.stringify(["token"])));
      assert.deepEqual((await provider.diff(await looked(held), inputs)).changes, []);
      assert.doesNotMatch(provider.messages.join("\n"), new RegExp(token));
    });

    it("a wrong token is refused in words that do not have it; what was there is taken to be so", async () => {
      const inputs = declared({ remote: remote(), token: secret("wrong-token-0123456789") });
      await assert.rejects(provider.create(type, inputs), (error: Error) => {
        assert.match(error.message, /tap\.git \(branch main\): the token is not accepted\. Give a token/);
        assert.doesNotMatch(error.message, /wrong-token/);
        return true;
      });
      const held = await provider.create(type, declared({ remote: remote(), token: secret(token) }));
      held.inputs.token = held.state.token = "wrong-token-0123456789";
      assert.deepEqual((await looked(held)).state.found, held.state.found);
    });

    it("a redirect to another host is not followed: the token stays where it belongs", async () => {
      server.redirect = elsewhere.url;
      try {
        const inputs = declared({ remote: remote(), token: secret(token) });
        await assert.rejects(provider.create(type, inputs), /git ls-remote/);
        assert.deepEqual(elsewhere.authorizations, []);
      } finally {
        server.redirect = undefined;
      }
    });
  });

  for (const [what, wrong, finding] of [
    ["a password in the address", { remote: "https://me:secret@example.com/tap.git" }, /remote.*credentials/],
    ["plain HTTP to another machine", { remote: "http://example.com/tap.git" }, /remote.*https/],
    ["an address that is an option", { remote: "--upload-pack=touch" }, /remote.*no address/],
    ["a helper of git as the address", { remote: "ext::sh -c true" }, /remote.*no address/],
    ["a branch that git does not take", { branch: "a..b" }, /branch.*no name of a branch/],
    ["no file", { files: {} }, /files.*at least one/],
    ["a path out of the repository", { files: { "../x": { content: "" } } }, /\.\.\/x/],
    ["a path into .git", { files: { ".git/config": { content: "" } } }, /\.git/],
    [
      "a file with two contents",
      { files: { x: { content: "", source: "y" } } },
      /exactly one of content, source and edits/,
    ],
    ["a source that is not there", { files: { x: { source: "gone.txt" } } }, /source.*gone\.txt/],
    ["a token in clear", { remote: "https://example.com/tap.git", token: "abc" }, /token.*secret/],
    ["a token for a folder", { token: secret("abc") }, /token.*not used/],
    [
      "a version that is none",
      { version: { value: "one", file: formula, pattern: "(.)" } },
      /version\.value.*no semantic version/,
    ],
    ["a pattern without a group", { version: { value: "1.0.0", file: formula, pattern: "x" } }, /one group/],
    [
      "a pattern that is none",
      { version: { value: "1.0.0", file: formula, pattern: "(" } },
      /version\.pattern/,
    ],
    ["an author without an address", { author: { name: "A", email: "a" } }, /author\.email/],
  ] as [string, Properties, RegExp][]) {
    it(`are refused with ${what}`, async () => {
      await assert.rejects(provider.check(type, declared(wrong)), finding);
      assert.equal(await readFile(path.join(root, "tap.git", "HEAD"), "utf8"), "ref: refs/heads/main\n");
    });
  }
});
