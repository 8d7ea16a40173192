import assert from "node:assert/strict";
import { crane } from "../support/clients";
import { EngineProject, resourceCounts } from "../support/engine";
import { startDistribution, type TestRegistry } from "../support/registries";
import { RequestRecord } from "./observation";

const imageCount = 100;
const tags = ["v1.0.0", "v1.0", "v1", "latest", "stable"];

/** A hundred images in one registry, each mirrored to two others under five tags. */
function program(source: string, targets: readonly string[]): string {
  return `
import { Image, Mirror, MirrorGate } from "@slipway";

const mirrors = [];
for (let number = 0; number < ${imageCount}; number += 1) {
  const image = new Image(\`image-\${number}\`, {
    repository: \`${source}/image-\${number}\`,
    platform: "linux/amd64",
    layers: [{ files: [{ to: "/number", content: String(number) }] }],
  });
  for (const target of ${JSON.stringify(targets)}) {
    mirrors.push(
      new Mirror(\`image-\${number}@\${target}\`, {
        source: \`${source}/image-\${number}\`,
        digest: image.digest,
        target: \`\${target}/image-\${number}\`,
        tags: ${JSON.stringify(tags)}.map((tag) => ({ tag, moves: tag === "v1.0.0" ? "never" : "always" })),
      }),
    );
  }
}
new MirrorGate("mirrors", { mirrors: mirrors.map(({ target, missing }) => ({ target, missing })) });
`;
}

describe("500 tags of 100 images that are unchanged in two mirrors", () => {
  let source: TestRegistry;
  let targets: TestRegistry[];
  let project: EngineProject;

  before(async () => {
    source = await startDistribution();
    targets = [await startDistribution(), await startDistribution()];
    project = await EngineProject.create({
      program: program(
        source.host,
        targets.map(({ host }) => host),
      ),
    });
    await project.upWithoutPreview();
  });

  after(async () => {
    await project?.remove();
    for (const registry of [source, ...(targets ?? [])]) await registry?.stop();
  });

  it("cost a plain preview one request for each tag and target, and none that writes", async () => {
    const records = targets.map((registry) => new RequestRecord(registry));
    for (const record of records) await record.take();
    const text = await project.preview();
    assert.deepEqual(Object.keys(resourceCounts(text)), ["unchanged"], text);
    for (const record of records) {
      const requests = await record.take();
      assert.deepEqual(
        requests.filter(({ method }) => method !== "GET" && method !== "HEAD"),
        [],
      );
      const byTag = new Map<string, number>();
      for (const { path } of requests) {
        const [, image, tag] = /^\/v2\/(image-\d+)\/manifests\/([^/?:]+)$/.exec(path) ?? [];
        if (tag === undefined || !tags.includes(tag)) continue;
        byTag.set(`${image}:${tag}`, (byTag.get(`${image}:${tag}`) ?? 0) + 1);
      }
      assert.equal(byTag.size, imageCount * tags.length);
      assert.deepEqual([...new Set(byTag.values())], [1]);
      // Beside its tags an image is a manifest, a configuration and a layer.
      assert.ok(requests.length <= imageCount * (tags.length + 3) + 1, `${requests.length} requests`);
    }
  });

  it("show the one tag that is moved among them", async () => {
    const [target] = targets;
    const other = await crane(["digest", `${target?.host}/image-1:latest`]);
    await crane(["copy", `${target?.host}/image-1:latest`, `${target?.host}/image-0:latest`]);
    const text = await project.preview();
    assert.equal(resourceCounts(text).update, 1, text);
    assert.ok(text.includes(`=> "${other}"`), text);
  });
});
