import assert from "node:assert/strict";
import { EngineProject, resourceCounts } from "../support/engine";
import { startDistribution, type TestRegistry } from "../support/registries";
import { RequestRecord, tagDigests } from "./observation";

/** A program whose binary leaves a trace each time that it is built. */
function program(registry: string): string {
  return `
import { Distribution, ociRegistry } from "@slipway";

new Distribution("app", {
  version: "v1.0.0",
  registries: [ociRegistry({ host: ${JSON.stringify(registry)} })],
  platforms: ["linux/amd64"],
  binaries: {
    app: {
      command: "cp app.txt {output}/app; echo built >> builds.log",
      sources: ["app.txt"],
      atPreview: false,
    },
  },
  images: { app: { files: [{ to: "/app", binary: "app" }] } },
});
`;
}

describe("commands that may not run at preview", () => {
  let registry: TestRegistry;
  let requests: RequestRecord;
  let project: EngineProject;

  before(async () => {
    registry = await startDistribution();
    requests = new RequestRecord(registry);
    project = await EngineProject.create({
      program: program(registry.host),
      files: { "app.txt": "one\n", "builds.log": "" },
    });
  });

  after(async () => {
    await project?.remove();
    await registry?.stop();
  });

  const builds = async () => (await project.read("builds.log")).split("\n").filter(Boolean).length;

  it("previews what depends on them as unknown until built, and builds nothing", async () => {
    const preview = await project.preview();
    assert.match(preview, /unknown until built/);
    assert.deepEqual(resourceCounts(preview), { create: 11 });
    const created = preview
      .split(/^\s*\+ /m)
      .filter((part) => /^slipway:oci:(Image|Index|Tags): /.test(part));
    assert.equal(created.length, 4);
    for (const part of created) assert.match(part, /^\s+digest\s*: \[unknown\]$/m);
    assert.equal(await builds(), 0);
    assert.deepEqual(await requests.takeWrites(), []);
  });

  it("builds once and publishes at the update", async () => {
    await project.up();
    assert.equal(await builds(), 1);
    const tags = await tagDigests(`${registry.host}/app`);
    assert.deepEqual(Object.keys(tags), ["latest", "v1", "v1.0", "v1.0.0"]);
  });

  it("finds nothing to do after that, and builds nothing", async () => {
    assert.deepEqual(resourceCounts(await project.preview()), { unchanged: 11 });
    assert.equal(await builds(), 1);
  });

  it("previews changed sources as unknown again", async () => {
    await project.write({ "app.txt": "two\n" });
    const preview = await project.preview();
    assert.match(preview, /unknown until built/);
    for (const tag of ["v1.0.0", "v1.0", "v1", "latest"]) {
      assert.match(preview, new RegExp(`~ ${tag} *: "sha256:\\w+" +=> \\[unknown\\]`));
    }
    assert.equal(await builds(), 1);
  });
});
