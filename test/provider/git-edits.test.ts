import assert from "node:assert/strict";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import type { Properties } from "../../provider/base/properties";
import { unknown } from "../../provider/base/unknown";
import { hasProgram } from "../support/clients";
import { git } from "../support/git-server";
import { CheckFailed, ProviderProcess, secret, type Held } from "../support/provider-process";
import { requirement } from "../support/requirement";

const type = "slipway:git:Files";
const author = { name: "Acme releases", email: "releases@acme.example" };
const page = "docs/index.html";

/** A page with line ends of Windows, and no last one. */
const html = (inside: string, title = "Hello") =>
  `<h1>${title}</h1>\r\n  <!-- slipway:begin install -->\r\n${inside}  <!-- slipway:end install -->\r\n<footer>ours</footer>`;
const compose = (tag: string) =>
  `# of the site\nservices:\n  app:\n    image: "ghcr.io/acme/hello:${tag}" # the app\n`;

const install = (text: unknown): Properties => ({ edits: [{ region: { name: "install", text } }] });
const follow = (tag: string, digest?: unknown): Properties => ({
  edits: [
    {
      references: {
        images: [{ name: "hello", repositories: ["ghcr.io/acme/hello"], tag, ...(digest ? { digest } : {}) }],
      },
    },
  ],
});

describe("edits of files on a branch of a git repository", () => {
  let root: string;
  let project: string;
  let provider: ProviderProcess;

  before(async function () {
    requirement(this, hasProgram("git"), "git is not on PATH");
    root = await mkdtemp(path.join(tmpdir(), "slipway-git-edits-"));
    project = path.join(root, "project");
    await mkdir(path.join(project, "templates"), { recursive: true });
    await writeFile(path.join(project, "templates", "page.md"), "# {name}\n");
    provider = await ProviderProcess.start(project);
  });
  beforeEach(async () => {
    for (const name of ["site.git", "other"])
      await rm(path.join(root, name), { recursive: true, force: true });
    git(root, "init", "--quiet", "--bare", "--initial-branch=main", "site.git");
    git(root, "clone", "--quiet", "site.git", "other");
    await byHand({ [page]: html(""), "compose.yml": compose("v1.0.0"), "README.md": "of others\n" });
  });
  after(async () => {
    await provider?.stop();
    if (root) await rm(root, { recursive: true, force: true, maxRetries: 3 });
  });

  const site = (...args: string[]) => git(path.join(root, "site.git"), ...args);
  /** A file as it is, to the byte. */
  const text = (file: string) => site("cat-file", "blob", `main:${file}`);
  const head = () => site("rev-parse", "main");
  const declared = (files: Properties, more: Properties = {}): Properties => ({
    remote: "../site.git",
    files,
    author,
    ...more,
  });

  /** What somebody else does, and pushes. */
  async function byHand(files: Record<string, string | undefined>, branch = "main"): Promise<void> {
    const folder = path.join(root, "other");
    if (site("branch", "--list") !== "") git(folder, "pull", "--quiet", "origin", "main");
    for (const [file, content] of Object.entries(files)) {
      const at = path.join(folder, file);
      await mkdir(path.dirname(at), { recursive: true });
      if (content === undefined) await rm(at);
      else await writeFile(at, content);
    }
    git(folder, "add", "--all");
    git(folder, "commit", "--quiet", "--message", "by hand");
    git(folder, "push", "--quiet", "origin", `HEAD:${branch}`);
  }

  async function looked(held: Held): Promise<Held> {
    const read = await provider.read(held);
    assert.ok(read);
    return read;
  }
  const changes = async (held: Held, inputs: Properties) =>
    (await provider.diff(await looked(held), inputs)).details;

  async function refused(inputs: Properties, message: RegExp, property?: string): Promise<void> {
    const before = head();
    await assert.rejects(provider.create(type, inputs, true), (error: Error) => {
      assert.ok(error instanceof CheckFailed, error.message);
      assert.match(error.message, message);
      if (property !== undefined) assert.equal(error.failures[0]?.property, property);
      return true;
    });
    assert.equal(head(), before);
  }

  it("write a region and references, and leave every other byte; a preview commits nothing", async () => {
    const inputs = declared({
      [page]: install("<pre>\ndocker pull\n</pre>"),
      "compose.yml": follow("v1.1.0"),
    });
    const before = head();
    const planned = await provider.create(type, inputs, true);
    assert.equal(head(), before);
    const held = await provider.create(type, inputs);
    assert.equal(text(page), html("  <pre>\r\n  docker pull\r\n  </pre>\r\n"));
    assert.equal(text("compose.yml"), compose("v1.1.0").trimEnd());
    assert.equal(text("README.md"), "of others");
    assert.equal(site("rev-list", "--count", `${before}..main`), "1");
    assert.deepEqual(planned.state.owned, held.state.owned);
    assert.deepEqual(held.state.owned, {
      [page]: { install: "<pre>\ndocker pull\n</pre>" },
      "compose.yml": { "image references": "ghcr.io/acme/hello:v1.1.0" },
    });
    assert.deepEqual(await changes(held, inputs), {});
    // Another machine, which knows nothing of it, finds it as it is to be.
    const now = head();
    assert.deepEqual(await changes(await provider.create(type, inputs, false, "another"), inputs), {});
    assert.equal(head(), now);
  });

  it("show by file and region what changes, with both texts", async () => {
    const held = await provider.create(
      type,
      declared({ [page]: install("one"), "compose.yml": follow("v1.0.0") }),
    );
    const next = declared({ [page]: install("two"), "compose.yml": follow("v1.1.0") });
    const { details, inputs } = await provider.diff(await looked(held), next);
    assert.deepEqual(details, {
      'owned["docs/index.html"]["install"]': "update",
      'owned["compose.yml"]["image references"]': "update",
    });
    assert.deepEqual(
      [held.state.owned, inputs.owned],
      [
        { [page]: { install: "one" }, "compose.yml": { "image references": "ghcr.io/acme/hello:v1.0.0" } },
        { [page]: { install: "two" }, "compose.yml": { "image references": "ghcr.io/acme/hello:v1.1.0" } },
      ],
    );
  });

  it("what others change around them is no drift, and stays; what they change in a region is, with its line", async () => {
    const inputs = declared({ [page]: install("one\ntwo") });
    let held = await provider.create(type, inputs);
    await byHand({ [page]: html("  one\r\n  two\r\n", "Another title"), "README.md": "more\n" });
    const from = provider.messages.length;
    assert.deepEqual(await changes(held, inputs), {});
    assert.deepEqual(provider.messages.slice(from), []);
    await byHand({ [page]: html("  one\r\n  three\r\n", "A third title") });
    held = await looked(held);
    assert.ok(
      provider.messages.includes(
        'somebody changed docs/index.html in ../site.git (branch main) in region "install", from its line 2; `pulumi up` puts it back',
      ),
      provider.messages.join("\n"),
    );
    assert.deepEqual(await changes(held, inputs), { 'owned["docs/index.html"]["install"]': "update" });
    await provider.update(held, inputs);
    assert.equal(text(page), html("  one\r\n  two\r\n", "A third title"));
  });

  it("are applied anew to what somebody else has pushed meanwhile", async () => {
    await byHand(
      { [page]: `<p>news</p>\n${html("", "Moved").replace("<footer>", "<hr><footer>")}` },
      "theirs",
    );
    const theirs = site("rev-parse", "theirs");
    const hook = path.join(root, "site.git", "hooks", "pre-receive");
    // They are faster by one moment, once.
    await writeFile(
      hook,
      `#!/bin/sh\nrm "$0"\nunset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES\n` +
        `exec git update-ref refs/heads/main ${theirs}\n`,
      { mode: 0o755 },
    );
    const from = provider.messages.length;
    const held = await provider.create(type, declared({ [page]: install("one") }));
    assert.ok(
      provider.messages.slice(from).some((line) => line.includes("somebody else has pushed meanwhile")),
      provider.messages.join("\n"),
    );
    assert.equal(
      text(page),
      `<p>news</p>\n${html("  one\r\n", "Moved").replace("<footer>", "<hr><footer>")}`,
    );
    assert.equal(site("rev-parse", "main~1"), theirs);
    assert.equal(held.state.commit, head());
  });

  it("are made of a template of the project, which is followed", async () => {
    const of = (name: string): Properties =>
      declared({ "hello.md": { edits: [{ template: { from: "templates/page.md", values: { name } } }] } });
    const held = await provider.create(type, of("Hello"));
    assert.match(text("hello.md"), /^<!-- Written by Slipway\. .* -->\n\n# Hello$/);
    assert.deepEqual(await changes(held, of("Hello")), {});
    await writeFile(path.join(project, "templates", "page.md"), "# The new {name}\n");
    try {
      assert.deepEqual(await changes(held, of("Hello")), { 'owned["hello.md"]["file"]': "update" });
    } finally {
      await writeFile(path.join(project, "templates", "page.md"), "# {name}\n");
    }
  });

  for (const [what, content, reason] of [
    ["missing", "<h1>Hello</h1>\n", /docs\/index\.html has no region "install"\. Put these two lines/],
    [
      "doubled",
      `${html("")}\r\n${html("")}`,
      /docs\/index\.html, line 6: region "install" begins twice: in line 2 too/,
    ],
    [
      "without its end",
      "\n<!-- slipway:begin install -->\n",
      /docs\/index\.html, line 2: region "install" begins, and does not end/,
    ],
    ["no file", undefined, /docs\/index\.html is not there, and region "install" is to stand in it/],
  ] as [string, string | undefined, RegExp][]) {
    it(`are refused by a preview where a marker is ${what}, with file and repository, also while the text is not known`, async () => {
      await byHand({ [page]: content });
      for (const inside of ["one", unknown]) {
        await refused(declared({ [page]: install(inside) }), reason, 'files["docs/index.html"].edits[0]');
        await refused(
          declared({ [page]: install(inside) }),
          /: \.\.\/site\.git \(branch main\): docs\/index/,
        );
      }
    });
  }

  it("are refused by a preview where it is somebody else's file, a folder, no text, or a secret", async () => {
    const whole = (more: Properties = {}) =>
      declared({ "README.md": { edits: [{ whole: { text: "ours\n" } }], ...more } });
    await refused(whole(), /README\.md is there, and Slipway has not written it: .*takeOver: true/);
    await refused(
      declared({ docs: { edits: [{ whole: { text: "ours\n" } }] } }),
      /docs is a folder or a link/,
    );
    await refused(
      declared({ [page]: install(secret("s3cret")) }),
      /is a secret, which the file would have in clear/,
    );
    await refused(
      declared({ [page]: install("one") }, { remote: "https://github.com/acme/site.git", pullRequest: true }),
      /which a pull request does not know while it waits: leave out pullRequest/,
    );
    await provider.create(type, whole({ takeOver: true }));
    assert.match(text("README.md"), /\n\nours$/);
    git(path.join(root, "other"), "pull", "--quiet", "origin", "main");
    await writeFile(path.join(root, "other", "bytes.md"), Buffer.from([0xff, 0xfe, 0x0a]));
    await byHand({});
    await refused(declared({ "bytes.md": install("one") }), /"bytes\.md" is no UTF-8/);
  });

  it("whose texts are not known yet leave the others known", async () => {
    const held = await provider.create(
      type,
      declared({ [page]: install("one"), "compose.yml": follow("v1.0.0") }),
    );
    const next = declared({ [page]: install("two"), "compose.yml": follow("v1.0.0", unknown) });
    assert.deepEqual(await changes(held, next), {
      'owned["docs/index.html"]["install"]': "update",
      'files["compose.yml"].edits': "update",
    });
  });

  describe("of a version that no file says", () => {
    const of = (value: string, more: Properties = {}) =>
      declared({ [page]: install(`The version is ${value}.`) }, { version: { value, ...more } });
    const version = () => /version is (\S+)\.\r/.exec(text(page))?.[1];

    it("give way to higher ones, and stay for lower ones and pre-releases, which is said once", async () => {
      let held = await provider.create(type, of("v1.0.0"));
      held = await provider.update(await looked(held), of("v1.1.0"));
      assert.deepEqual([version(), held.state.foundVersion], ["v1.1.0", "1.1.0"]);
      for (const [value, reason] of [
        ["v1.0.1", /what is there is of 1\.1\.0, which is higher than 1\.0\.1/],
        ["v1.2.0-rc.1", /is a pre-release/],
      ] as const) {
        assert.deepEqual(await changes(held, of(value)), { "version.value": "update" });
        const stays = await provider.update(await looked(held), of(value));
        assert.equal(stays.state.state, "held");
        assert.match(String(stays.state.reason), reason);
        await byHand({ "README.md": `${value}\n` });
        assert.deepEqual(await changes(stays, of(value)), {});
        assert.equal(version(), "v1.1.0");
        held = await provider.update(await looked(stays), of("v1.1.0"));
        assert.deepEqual(await changes(held, of("v1.1.0")), {});
      }
      await provider.update(await looked(held), of("v1.2.0-rc.1", { prereleases: true }));
      assert.equal(version(), "v1.2.0-rc.1");
    });

    it("stay for a lower one where the branch says which it has, whoever has put it there", async () => {
      const says = { file: page, pattern: "version is (\\S+)\\.$" };
      await provider.create(type, of("v2.0.0", says));
      const held = await provider.create(type, of("v1.0.1", says), false, "another");
      assert.match(
        String(held.state.reason),
        /docs\/index\.html is of 2\.0\.0, which is higher than 1\.0\.1/,
      );
      assert.equal(version(), "v2.0.0");
      await provider.create(type, of("v2.0.1", says), false, "a third");
      assert.equal(version(), "v2.0.1");
    });

    it("note the next one where their texts are the same, without a commit", async () => {
      const same = (value: string) => declared({ [page]: install("always this") }, { version: { value } });
      let held = await provider.create(type, same("v1.0.0"));
      const before = head();
      assert.deepEqual(await changes(held, same("v1.1.0")), { "version.value": "update" });
      held = await provider.update(await looked(held), same("v1.1.0"));
      assert.equal(head(), before);
      assert.equal((await provider.update(await looked(held), same("v1.0.1"))).state.state, "held");
    });
  });

  describe("with a gate", () => {
    it("are told to have failed where the repository is gone, and the next run does it", async () => {
      const inputs = declared({ [page]: install("one") }, { gated: true });
      await rename(path.join(root, "site.git"), path.join(root, "away.git"));
      const held = await provider.create(type, inputs);
      assert.equal(held.state.state, "failed");
      await rename(path.join(root, "away.git"), path.join(root, "site.git"));
      const read = await looked(held);
      assert.deepEqual(await changes(read, inputs), {
        state: "update",
        'owned["docs/index.html"]["install"]': "update",
      });
      assert.equal((await provider.update(read, inputs)).state.state, "published");
      assert.equal(text(page), html("  one\r\n"));
    });

    it("are taken to be as they were while nobody answers; what is new fails", async () => {
      const inputs = declared({ [page]: install("one") }, { gated: true });
      const held = await provider.create(type, inputs);
      await rename(path.join(root, "site.git"), path.join(root, "away.git"));
      try {
        const read = await looked(held);
        assert.equal(read.state.state, "unknown");
        assert.deepEqual((await provider.diff(read, inputs)).details, {});
        const next = declared({ [page]: install("two") }, { gated: true });
        assert.deepEqual((await provider.diff(read, next)).details, {
          'files["docs/index.html"].edits': "update",
        });
        assert.equal((await provider.update(read, next)).state.state, "failed");
      } finally {
        await rename(path.join(root, "away.git"), path.join(root, "site.git"));
      }
    });

    it("fail where a marker has gone since the preview, and change nothing", async () => {
      const inputs = declared({ [page]: install("one") }, { gated: true });
      const checked = await provider.checkKeepingSecrets(type, inputs);
      await byHand({ [page]: "<h1>Hello</h1>\n" });
      const before = head();
      const held = await provider.createChecked(type, checked);
      assert.equal(held.state.state, "failed");
      assert.match(
        String(held.state.reason),
        /^\.\.\/site\.git \(branch main\): docs\/index\.html has no region/,
      );
      assert.equal(head(), before);
    });

    it("never take what somebody else has put there for their own, however often they are tried", async () => {
      for (const file of [
        { content: "ours\n" },
        { edits: [{ whole: { text: "ours\n" } }] },
      ] as Properties[]) {
        const inputs = declared({ "NEWS.md": file }, { gated: true });
        const checked = await provider.checkKeepingSecrets(type, inputs);
        await byHand({ "NEWS.md": "of others\n" });
        let held = await provider.createChecked(type, checked);
        for (let tries = 0; tries < 2; tries++) {
          assert.equal(held.state.state, "failed");
          assert.match(String(held.state.reason), /takeOver: true/);
          held = await provider.update(await looked(held), inputs);
        }
        assert.equal(text("NEWS.md"), "of others");
        await byHand({ "NEWS.md": undefined });
      }
    });
  });
});
