import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import * as path from "node:path";
import { crane } from "../support/clients";
import { EngineProject, resourceCounts } from "../support/engine";
import { startDistribution, type TestRegistry } from "../support/registries";
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

  it("stay when they leave the program", async () => {
    await declare("v1.1.0", "", "[]");
    const text = await project.upWithoutPreview();
    assert.match(text, /docs\/DIGESTS\.md stays as it is: it was removed from the program only|retain/);
    assert.equal(await project.read("README.md"), ofVersion("v1.1.0"));
  });
});
