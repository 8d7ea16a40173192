import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import * as path from "node:path";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { crane, hasProgram } from "../support/clients";
import { EngineProject, resourceCounts } from "../support/engine";
import { git } from "../support/git-server";
import { startDistribution, type TestRegistry } from "../support/registries";
import { requirement } from "../support/requirement";
import { requireTools } from "../support/tools";

const readme = (inside: string) =>
  `# App\n\n<!-- slipway:begin version -->\n${inside}<!-- slipway:end version -->\n\nBy hand.\n`;
const ofVersion = (version: string) => readme(`\nThe latest version is ${version}.\n\n`);

/** A README, a page of its own kind with the digest, and a file that needs no release. */
const documents = `[
  fileRegions("README.md", { version: "The latest version is {version}." }),
  {
    kind: "digests",
    path: "docs/DIGESTS.md",
    edits: ({ images, digestOf, version }) => [
      { whole: { text: digestOf("app").apply((digest) => \`\${version}: \${images.app.repositories[0]}@\${digest}\\n\`) } },
    ],
  },
  { kind: "list", path: "images.txt", follows: "declaration", edits: ({ images }) => [{ whole: { text: Object.keys(images).join() + "\\n" } }] },
]`;

describe("documents of a distribution", function () {
  this.timeout(120_000);
  let registry: TestRegistry;
  let project: EngineProject;

  before(async function () {
    requireTools(this, "pulumi", "registry", "crane");
    registry = await startDistribution();
    project = await EngineProject.create({
      program: "",
      files: { "app.txt": "1", "README.md": readme("") },
    });
  });
  after(async () => {
    await project?.remove();
    await registry?.stop();
  });

  const declare = (version: string, fields = "", list = documents) =>
    project.program(`
import { branchTags, combineTags, Distribution, fileRegions, ociRegistry, semverTags } from "@slipway";

new Distribution("app", {
  ${version === "" ? "" : `version: "${version}",`}
  registries: [ociRegistry({ host: "${registry.host}" })],
  platforms: ["linux/amd64"],
  tags: combineTags(semverTags({ prefix: "v" }), branchTags()),
  images: { app: { files: [{ to: "/app.txt", source: "app.txt" }] } },
  documents: ${list},
  ${fields}
});
`);
  const has = (file: string) => existsSync(path.join(project.directory, file));

  it("are written when the release is there; without one, those that need none", async () => {
    await declare("", `branch: "main",`);
    await project.upWithoutPreview();
    assert.match(await project.read("images.txt"), /^app\n$/);
    await declare("v1.0.0", `environment: "test",`);
    await project.upWithoutPreview();
    assert.deepEqual([await project.read("README.md"), has("docs/DIGESTS.md")], [readme(""), false]);
    await declare("v1.0.0");
    const preview = await project.preview();
    assert.match(preview, /slipway:files:Document: \(create\)\s+\[urn=\S+::app:README\.md\]/);
    assert.equal(await project.read("README.md"), readme(""));
    await project.upWithoutPreview();
    assert.equal(await project.read("README.md"), ofVersion("v1.0.0"));
    const digest = (await crane(["digest", `${registry.host}/app:v1.0.0`])).trim();
    assert.match(
      await project.read("docs/DIGESTS.md"),
      new RegExp(`\\nv1\\.0\\.0: ${registry.host}/app@${digest}\\n$`),
    );
    const again = await project.upWithoutPreview();
    assert.deepEqual(Object.keys(resourceCounts(again)), ["unchanged"], again);
  });

  it("are previewed by their lines, and follow the next release", async () => {
    await project.write({ "app.txt": "2" });
    await declare("v1.1.0");
    const preview = await project.preview();
    assert.match(
      preview,
      /::app:README\.md\]\s+~ owned +: \{\s+~ version: "The latest version is v1\.0\.0\." => "The latest version is v1\.1\.0\."/,
    );
    assert.match(preview, /\n +- v1\.0\.0: \S+\/app@sha256:\w+\n +\+ v1\.1\.0: \S+\/app@sha256:\w+\n/);
    await project.upWithoutPreview();
    assert.equal(await project.read("README.md"), ofVersion("v1.1.0"));
  });

  it("stay as they are for a patch of an old line, and are put back where somebody has edited them", async () => {
    await project.write({ "app.txt": "1.1" });
    await declare("v1.0.1");
    const text = await project.upWithoutPreview();
    assert.match(text, /README\.md stays as it is: it is of v1\.1\.0, which is higher than v1\.0\.1/);
    assert.equal(await project.read("README.md"), ofVersion("v1.1.0"));
    await project.write({ "app.txt": "2" });
    await declare("v1.1.0");
    await project.upWithoutPreview();
    await project.write({ "README.md": ofVersion("v9.9.9") });
    const preview = await project.preview();
    assert.match(
      preview,
      /somebody changed README\.md in region "version", from its line 1; `pulumi up` puts it back/,
    );
    await project.upWithoutPreview();
    assert.equal(await project.read("README.md"), ofVersion("v1.1.0"));
  });

  it("are refused before anything is made where a marker is not there", async () => {
    await declare("v1.2.0", "", `[fileRegions("README.md", { versions: "a" })]`);
    const { code, text } = await project.run(["preview"]);
    assert.notEqual(code, 0, text);
    assert.match(text, /README\.md has no region "versions"; did you mean "version", in line 3\?/);
  });

  it("CORE-23: go into another repository, whose other lines are its own, and which refuses nothing of the release", async function () {
    requirement(this, hasProgram("git"), "git is not on PATH");
    const site = path.join(project.directory, "site.git");
    const clone = path.join(project.directory, "clone");
    git(project.directory, "init", "--quiet", "--bare", "--initial-branch=main", site);
    git(project.directory, "clone", "--quiet", site, clone);
    await mkdir(path.join(clone, "docs"));
    const byHand = async (text: string) => {
      await writeFile(path.join(clone, "docs/install.md"), text);
      git(clone, "add", "--all");
      git(clone, "commit", "--quiet", "--message", "by hand");
      git(clone, "push", "--quiet", "origin", "HEAD:main");
    };
    const page = () => git(site, "show", "main:docs/install.md");
    const into = `[fileRegions("docs/install.md", { version: "The latest version is {version}." }, {
      into: { remote: "site.git", author: { name: "Acme", email: "a@acme.example" } },
    })]`;
    await byHand("no marker\n");
    await declare("v1.2.0", "", into);
    const { code, text: refusal } = await project.run(["preview"]);
    assert.notEqual(code, 0, refusal);
    assert.match(refusal, /site\.git \(branch main\): docs\/install\.md has no region "version"/);
    await byHand(readme(""));
    await project.upWithoutPreview();
    assert.equal(page(), ofVersion("v1.2.0").trimEnd());
    git(clone, "pull", "--quiet", "origin", "main");
    await byHand(`${ofVersion("v1.2.0")}More by hand.\n`);
    const again = await project.upWithoutPreview();
    assert.deepEqual(Object.keys(resourceCounts(again)), ["unchanged"], again);
    await declare("v1.3.0", "", into);
    const preview = await project.preview();
    assert.match(
      preview,
      /::app:documents@site\.git\][^]*?docs\/install\.md: \{\s+~ version: "The latest version is v1\.2\.0\." => "The latest version is v1\.3\.0\."/,
    );
    await project.upWithoutPreview();
    assert.equal(page(), `${ofVersion("v1.3.0")}More by hand.`);
    // A website that cannot be written to fails the run, after everything else.
    await writeFile(path.join(site, "hooks", "pre-receive"), "#!/bin/sh\necho closed >&2\nexit 1\n", {
      mode: 0o755,
    });
    await declare("v1.4.0", "", into);
    const failed = await project.run(["up", "--yes", "--skip-preview"]);
    assert.notEqual(failed.code, 0, failed.text);
    assert.match(
      failed.text,
      /1 of 1 channels have not got the release; everything else is published:\s+- documents in site\.git \(branch main\): .*closed/,
    );
    assert.match(await crane(["digest", `${registry.host}/app:v1.4.0`]), /^sha256:/);
    const [commit] = (await readFile(path.join(site, "refs/heads/main"), "utf8")).split("\n");
    assert.equal(git(site, "log", "-1", "--format=%an: %s", String(commit)), "Acme: app v1.3.0");
  });

  it("stay when they leave the program", async () => {
    await declare("v1.1.0", "", "[]");
    const text = await project.upWithoutPreview();
    assert.match(text, /docs\/DIGESTS\.md stays as it is: it was removed from the program only|retain/);
    assert.equal(await project.read("README.md"), ofVersion("v1.1.0"));
  });
});
