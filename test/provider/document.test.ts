import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import type { Properties } from "../../provider/base/properties";
import { unknown } from "../../provider/base/unknown";
import { git } from "../support/git-server";
import { CheckFailed, ProviderProcess, secret, type Held } from "../support/provider-process";

const type = "slipway:files:Document";
const readme = "# Hello\r\n\r\n<!-- slipway:begin install -->\r\n<!-- slipway:end install -->\r\n\r\nBy hand";
const region = (text: unknown, more: Properties = {}): Properties => ({
  path: "README.md",
  edits: [{ region: { name: "install", text } }],
  ...more,
});
const whole = (text: unknown, more: Properties = {}): Properties => ({
  path: "docs/VERSIONS.md",
  edits: [{ whole: { text } }],
  ...more,
});

describe("documents of the project", () => {
  let root: string;
  let project: string;
  let provider: ProviderProcess;

  before(async () => {
    root = await mkdtemp(path.join(tmpdir(), "slipway-documents-"));
    git(root, "init", "--quiet", "repository");
    project = path.join(root, "repository", "project");
    await mkdir(project);
    provider = await ProviderProcess.start(project);
  });
  beforeEach(async () => {
    for (const name of await readdir(project)) await rm(at(name), { recursive: true });
    await writeFile(at("README.md"), readme);
  });
  after(async () => {
    await provider?.stop();
    await rm(root, { recursive: true, force: true, maxRetries: 3 });
  });

  const at = (file: string) => path.join(project, file);
  const text = (file = "README.md") => readFile(at(file), "utf8");
  const full = (inside: string) => readme.replace("install -->\r\n", `install -->\r\n\r\n${inside}\r\n\r\n`);

  async function looked(held: Held): Promise<Held> {
    const read = await provider.read(held);
    assert.ok(read);
    return read;
  }
  const changes = async (held: Held, inputs: Properties) =>
    (await provider.diff(await looked(held), inputs)).details;

  async function refused(inputs: Properties, message: RegExp, property?: string): Promise<void> {
    const before = await text();
    await assert.rejects(provider.create(type, inputs, true), (error: Error) => {
      assert.ok(error instanceof CheckFailed, error.message);
      assert.match(error.message, message);
      if (property !== undefined) assert.equal(error.failures[0]?.property, property);
      return true;
    });
    assert.equal(await text(), before);
  }

  it("get a region and nothing else; a preview writes nothing", async () => {
    const inputs = region("brew install hello\n\nThen run it.");
    const planned = await provider.create(type, inputs, true);
    assert.equal(await text(), readme);
    const held = await provider.create(type, inputs);
    assert.equal(await text(), full("brew install hello\r\n\r\nThen run it."));
    assert.deepEqual(planned.state, held.state);
    assert.deepEqual(await readdir(project), ["README.md"]);
    assert.deepEqual(await changes(held, inputs), {});
    // Another machine, which knows nothing of it, finds it as it is to be.
    assert.deepEqual(await changes(await provider.create(type, inputs), inputs), {});
  });

  it("show by region what changes, with both texts", async () => {
    const held = await provider.create(type, region("brew install hello"));
    const { details, inputs } = await provider.diff(await looked(held), region("npm install hello"));
    assert.deepEqual(details, { 'owned["install"]': "update" });
    assert.deepEqual(
      [held.state.owned, inputs.owned],
      [{ install: "brew install hello" }, { install: "npm install hello" }],
    );
    await provider.update(held, region("npm install hello"));
    assert.equal(await text(), full("npm install hello"));
  });

  it("are planned while a text is not known yet, and refused then too", async () => {
    const planned = await provider.create(type, region(unknown), true);
    assert.equal(planned.state.owned, unknown);
    const held = await provider.create(type, region("x"));
    assert.deepEqual(await changes(held, region(unknown)), { edits: "update" });
    await writeFile(at("README.md"), "no marker");
    await refused(region(unknown), /README\.md has no region "install"/, "edits[0]");
  });

  it("drift: what was edited by hand in a region is named with its line, and put back; elsewhere it stays", async () => {
    const inputs = region("one\ntwo");
    const held = await provider.create(type, inputs);
    await writeFile(at("README.md"), full("one\r\nthree").replace("By hand", "By another hand\r\n"));
    const seen = await looked(held);
    assert.ok(
      provider.messages.includes(
        'somebody changed README.md in region "install", from its line 2; `pulumi up` puts it back',
      ),
    );
    assert.deepEqual((await provider.diff(seen, inputs)).details, { 'owned["install"]': "update" });
    await provider.update(seen, inputs);
    assert.equal(await text(), full("one\r\ntwo").replace("By hand", "By another hand\r\n"));
  });

  it("are made, and made again where somebody has deleted them", async () => {
    const inputs = whole("# Versions\n");
    const held = await provider.create(type, inputs);
    const made = await text("docs/VERSIONS.md");
    assert.match(made, /^<!-- Written by Slipway\. .* -->\n\n# Versions\n$/);
    await rm(at("docs"), { recursive: true });
    const seen = await looked(held);
    assert.ok(provider.messages.includes("somebody deleted docs/VERSIONS.md; `pulumi up` puts it back"));
    assert.deepEqual((await provider.diff(seen, inputs)).details, { 'owned["file"]': "add" });
    await provider.update(seen, inputs);
    assert.equal(await text("docs/VERSIONS.md"), made);
  });

  it("take no file of somebody else, unless told to; their own they know in every checkout", async () => {
    await mkdir(at("docs"));
    await writeFile(at("docs/VERSIONS.md"), "by hand\n");
    const message = /docs\/VERSIONS\.md is there, and Slipway has not written it: .* takeOver: true/;
    await refused(whole("x"), message, "edits[0]");
    await refused(whole(unknown), message);
    await provider.create(type, whole("x", { takeOver: true }));
    assert.match(await text("docs/VERSIONS.md"), /x$/);
    await provider.create(type, whole("y"));
    assert.match(await text("docs/VERSIONS.md"), /y$/);
    // One that has no comments is its own where it is the same.
    await writeFile(at("package.json"), "{}\n");
    await provider.create(type, { ...whole("{}\n"), path: "package.json" });
    await refused({ ...whole("{ }\n"), path: "package.json" }, /package\.json is there/);
  });

  it("have the permission bits that are declared, and those that they have otherwise", async () => {
    const mode = async (file: string) => ((await stat(at(file))).mode & 0o777).toString(8);
    const script = { ...whole("#!/bin/sh\n", { mode: "755" }), path: "start.sh" };
    const held = await provider.create(type, script);
    assert.equal(await mode("start.sh"), "755");
    await chmod(at("start.sh"), 0o644);
    const seen = await looked(held);
    assert.deepEqual((await provider.diff(seen, script)).details, { mode: "update" });
    await provider.update(seen, script);
    assert.equal(await mode("start.sh"), "755");
    await chmod(at("README.md"), 0o600);
    await provider.create(type, region("x"));
    assert.equal(await mode("README.md"), "600");
  });

  it("are written where a link leads to, which stays a link", async () => {
    await mkdir(at("docs"));
    await writeFile(at("docs/README.md"), readme);
    await rm(at("README.md"));
    await symlink("docs/README.md", at("README.md"));
    await provider.create(type, region("x"));
    assert.equal(await text("docs/README.md"), full("x"));
    assert.deepEqual(
      (await readdir(project, { withFileTypes: true })).map((one) => one.isSymbolicLink()),
      [true, false],
    );
  });

  it("may be elsewhere in the git repository, and nowhere else", async () => {
    const shared = { ...whole("on: push\n"), path: "../.github/workflows/release.yml" };
    await provider.create(type, shared);
    assert.match(
      await readFile(path.join(root, "repository/.github/workflows/release.yml"), "utf8"),
      /on: push\n$/,
    );
    await refused(
      { ...shared, path: "../../release.yml" },
      /which is outside of \S+\/repository: documents are/,
      "path",
    );
    await symlink(root, at("away"));
    await refused({ ...shared, path: "away/release.yml" }, /which is outside of/, "path");
    for (const [name, message] of [
      ["/etc/hosts", /is absolute/],
      ["docs/../README.md", /has a "\." or "\.\."/],
      ["../.git/config", /is git's own/],
      ["a\\b", /backslash/],
      ["docs/", /empty component/],
    ] as const)
      await refused({ ...shared, path: name }, message, "path");
  });

  it("are no files of other bytes than UTF-8, and no folders", async () => {
    await writeFile(at("README.md"), Buffer.concat([Buffer.from([0xe9, 0x0a]), Buffer.from(readme)]));
    await assert.rejects(provider.create(type, region("x")), /"README\.md" is no UTF-8/);
    await rm(at("README.md"));
    await mkdir(at("README.md"));
    await assert.rejects(provider.create(type, region("x")), /"README\.md" cannot be read: EISDIR/);
    await rm(at("README.md"), { recursive: true });
    await assert.rejects(
      provider.create(type, region("x")),
      /README\.md is not there, and region "install" is to stand in it/,
    );
  });

  it("have no secret, and no control character", async () => {
    await refused(
      region(secret("s3cret")),
      /edits\[0\]\.region\.text: is a secret, which the file would have in clear/,
    );
    await refused(region("a\u202Eb"), /control character U\+202E/);
  });

  it("stay as they are for a pre-release, and for a lower version, which is said once", async () => {
    const stable = region("v1.1.0", { version: "v1.1.0" });
    const held = await provider.create(type, stable);
    for (const [version, reason] of [
      ["v1.2.0-rc.1", /v1\.2\.0-rc\.1 is a pre-release, and prereleases: true is not declared/],
      ["v1.0.1", /it is of v1\.1\.0, which is higher than v1\.0\.1/],
    ] as const) {
      const other = region(version, { version });
      const seen = await looked(held);
      assert.deepEqual((await provider.diff(seen, other)).details, { version: "update" });
      const updated = await provider.update(seen, other);
      assert.match(provider.messages.at(-1) ?? "", reason);
      assert.equal(await text(), full("v1.1.0"));
      assert.deepEqual(await changes(updated, other), {});
      const next = await provider.update(updated, region("v1.3.0", { version: "v1.3.0" }));
      assert.equal(await text(), full("v1.3.0"));
      assert.equal(next.state.version, "v1.3.0");
      await writeFile(at("README.md"), full("v1.1.0"));
    }
    const asked = region("v2.0.0-rc.1", { version: "v2.0.0-rc.1", prereleases: true });
    await provider.update(held, asked);
    assert.equal(await text(), full("v2.0.0-rc.1"));
  });

  it("are made of a template; what a template does not have may still be unknown", async () => {
    await mkdir(at("templates"));
    await writeFile(at("templates/HUB.md"), "# {name}\n\n{images}\n");
    const inputs = (values: Properties, more: Properties = {}): Properties => ({
      path: "HUB.md",
      edits: [{ template: { from: "templates/HUB.md", values, ...more } }],
    });
    const planned = await provider.create(
      type,
      inputs({ name: "Hello", images: "hello", digest: unknown }),
      true,
    );
    const made = "<!-- Written by Slipway. Edit the declaration, not this file. -->\n\n# Hello\n\nhello\n";
    assert.deepEqual(planned.state.owned, { file: made });
    const held = await provider.create(type, inputs({ name: "Hello", images: "hello", digest: "sha256:1" }));
    assert.equal(await text("HUB.md"), made);
    assert.deepEqual(await changes(held, inputs({ name: "Hello", images: "hello", digest: unknown })), {});
    assert.deepEqual(await changes(held, inputs({ name: unknown, images: "hello" })), { edits: "update" });
    await writeFile(at("templates/HUB.md"), "# {name}\n\nNo images.\n");
    const values = { name: "Hello", images: "hello" };
    assert.deepEqual(await changes(held, inputs(values)), { 'owned["file"]': "update" });
    assert.equal(provider.messages.includes("somebody changed HUB.md"), false);
    await provider.update(await looked(held), inputs(values));
    assert.match(await text("HUB.md"), /No images\.\n$/);
    await refused(
      inputs({ nam: unknown }),
      /templates\/HUB\.md, line 1: nothing takes the place of \{name\}; did you mean \{nam\}\?/,
    );
    await refused(
      inputs(values, { longest: 10, mark: false }),
      /longest: templates\/HUB\.md makes a text of 19 characters, and 10 are possible: shorten it/,
    );
    await provider.create(type, inputs(values, { longest: 19, mark: false }));
    await refused(
      { path: "HUB.md", edits: [{ template: { from: "templates/OTHER.md", values } }] },
      /"templates\/OTHER\.md" cannot be read: ENOENT/,
    );
    await refused(inputs({ name: secret("s3cret") }), /edits\[0\]\.template\.values\.name: is a secret/);
  });

  it("stay when they leave the program", async () => {
    const held = await provider.create(type, region("x"));
    await provider.delete(held);
    assert.equal(await text(), full("x"));
    assert.equal(provider.messages.at(-1), "README.md stays as it is: it was removed from the program only");
  });
});
