import assert from "node:assert/strict";
import { crane } from "../support/clients";
import { EngineProject, resourceCounts } from "../support/engine";
import { startDistribution, type TestRegistry } from "../support/registries";
import { appProgram } from "./app-program";
import { RequestRecord, tagDigests } from "./observation";

describe("PROD-04: drift: what somebody changed by hand is shown and put back by plain runs", () => {
  let registry: TestRegistry;
  let requests: RequestRecord;
  let project: EngineProject;
  let app: string;
  /** The tags as published. */
  let published: Record<string, string>;
  let index: string;
  /** The images of the index, for amd64 and arm64. */
  let images: string[];

  before(async () => {
    registry = await startDistribution();
    requests = new RequestRecord(registry);
    app = `${registry.host}/app`;
    project = await EngineProject.create({
      program: appProgram({ registry: registry.host, version: "v1.0.0" }),
      files: { "app.txt": "one\n" },
    });
    await project.upWithoutPreview();
    published = await tagDigests(app);
    index = published["v1.0.0"] ?? "";
    const { manifests } = JSON.parse(await crane(["manifest", `${app}@${index}`])) as {
      manifests: { digest: string }[];
    };
    images = manifests.map(({ digest }) => digest);
    assert.deepEqual(Object.keys(published), ["latest", "v1", "v1.0", "v1.0.0"]);
  });

  after(async () => {
    await project?.remove();
    await registry?.stop();
  });

  it("shows an alias that was moved and one that was deleted, with both digests, and changes nothing", async () => {
    await crane(["tag", `${app}@${images[0]}`, "latest"]);
    await crane(["delete", `${app}:v1`]);
    await requests.take();

    const preview = await project.preview();
    assert.deepEqual(resourceCounts(preview), { update: 1, unchanged: 10 });
    assert.match(preview, /~ slipway:oci:Tags: \(update\)\s+\[id=\S+\/app\]\s+\[urn=\S+::app:aliases\]/);
    assert.match(preview, new RegExp(`~ latest\\s*: "${images[0]}" => "${index}"`));
    assert.match(preview, new RegExp(`\\+ v1\\s*: "${index}"`));
    const [moved, deleted] = [images[0], index].map((digest) => digest?.slice(0, 19));
    const sentences = [
      `warning: somebody moved ${app}:latest to ${moved} from ${deleted}; \`pulumi up\` puts it back`,
      `warning: somebody deleted ${app}:v1, which was ${deleted}; \`pulumi up\` puts it back`,
    ];
    for (const sentence of sentences) assert.equal(preview.split(sentence).length, 2, preview);
    assert.deepEqual(await requests.takeWrites(), []);
  });

  it("puts both back, and writes nothing else", async () => {
    const text = await project.up();
    assert.deepEqual(resourceCounts(text), { updated: 1, unchanged: 10 });
    const writes = (await requests.takeWrites())
      // The question whether the registry sets several tags at once puts what is there.
      .filter(({ path }) => !path.includes(`/${index}?tag=`))
      .map(({ method, path }) => `${method} ${path}`);
    assert.deepEqual(writes.sort(), ["PUT /v2/app/manifests/latest", "PUT /v2/app/manifests/v1"]);
    assert.deepEqual(await tagDigests(app), published);
  });

  it("pushes an image that was deleted again, and puts a version tag back that was moved", async () => {
    await crane(["tag", `${app}@${images[0]}`, "v1.0.0"]);
    await crane(["delete", `${app}@${images[1]}`]);
    await assert.rejects(crane(["manifest", `${app}@${images[1]}`]), /MANIFEST_UNKNOWN/);

    const text = await project.up();
    const alarm = `warning: somebody MOVED THE VERSION TAG ${app}:v1.0.0 to ${images[0]}, and it was published as ${index}`;
    assert.ok(text.includes(alarm), text);
    assert.deepEqual(resourceCounts(text), { created: 1, updated: 1, unchanged: 9 });
    assert.deepEqual(await tagDigests(app), published);
    await crane(["validate", "--remote", `${app}:v1.0.0`]);
  });

  it("publishes everything again where index, images and tags are gone", async () => {
    for (const digest of [index, ...images]) await crane(["delete", `${app}@${digest}`]);
    assert.deepEqual(await tagDigests(app), {});

    await project.upWithoutPreview();
    assert.deepEqual(await tagDigests(app), published);
    await crane(["validate", "--remote", `${app}:latest`]);
  });

  it("finds nothing to do after that", async () => {
    await requests.take();
    assert.deepEqual(resourceCounts(await project.preview()), { unchanged: 11 });
    assert.deepEqual(await requests.takeWrites(), []);
  });
});
