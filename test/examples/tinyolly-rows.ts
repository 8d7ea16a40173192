import assert from "node:assert/strict";
import { crane } from "../support/clients";
import { PlatformImage } from "./platform-image";
import { imageNames, platforms } from "./tinyolly";
import { checkContents } from "./tinyolly-contents";
import { checkProofs } from "./tinyolly-proofs";
import type { RedirectedProd } from "./tinyolly-stack";

const children = ["ui", "otlp-receiver"] as const;

interface Index {
  manifests: { platform: { os: string; architecture: string } }[];
}

/** What a run says of the images that it has made. */
interface Outputs {
  built: Record<string, Record<string, { size: number; layers: number }>>;
  checks: Record<string, { result: string; detail: string; checkedAt: string }>;
}

/**
 * What TinyOlly's requirements ask of the published images of v2.0.0, by clients that are not ours.
 */
export function checkRows(prod: () => RedirectedProd): void {
  const reference = (name: string, tag = "v2.0.0") => `${prod().repository(name)}:${tag}`;
  const image = (name: string, platform: string) => new PlatformImage(reference(name), platform);

  it("TINY-08: every tag is one index for amd64 and arm64", async () => {
    for (const name of imageNames) {
      const { manifests } = JSON.parse(await crane(["manifest", reference(name, "latest")])) as Index;
      const found = manifests.map(({ platform }) => `${platform.os}/${platform.architecture}`);
      assert.deepEqual(found, [...platforms], name);
    }
  });

  it("TINY-05: on each platform the children's first layers are the base's", async () => {
    for (const platform of platforms) {
      const layersOf = async (name: string) =>
        (await image(name, platform).manifest()).layers.map(({ digest }) => digest);
      const base = await layersOf("python-base");
      for (const child of children) {
        const layers = await layersOf(child);
        assert.deepEqual(layers.slice(0, base.length), base, `${child} for ${platform}`);
        assert.ok(layers.length > base.length);
      }
    }
  });

  it("TINY-06: APP_DIR chooses the application of each child, and no other image has it", async () => {
    for (const name of imageNames) {
      const { history } = await image(name, "linux/arm64").config();
      const given = history.some(({ created_by: by }) => by?.includes("APP_DIR"));
      assert.equal(given, (children as readonly string[]).includes(name), name);
    }
  });

  checkContents(reference);

  it("TINY-42: the outputs have the size of each image on each platform, whose layers are compressed", async () => {
    const { built } = await prod().project.outputs<Outputs>();
    for (const name of imageNames) {
      for (const platform of platforms) {
        const bytes = Buffer.byteLength(await image(name, platform).manifestText());
        const { config, layers } = await image(name, platform).manifest();
        const size = layers.reduce((sum, layer) => sum + layer.size, bytes + config.size);
        assert.equal(built[name]?.[platform]?.size, size, `${name} for ${platform}`);
        assert.equal(built[name]?.[platform]?.layers, layers.length, `${name} for ${platform}`);
        for (const { mediaType } of layers) assert.match(mediaType, /[+.](gzip|zstd)$/);
      }
    }
  });

  it("BLEU-16, G-49: labels, user and reproducible times are in every image", async () => {
    for (const name of imageNames) {
      const { config, created } = await image(name, "linux/arm64").config();
      assert.equal(config.User, "10001:10001", name);
      assert.equal(created, "1970-01-01T00:00:00Z", name);
      assert.equal(config.Labels["org.opencontainers.image.version"], "v2.0.0", name);
      assert.equal(config.Labels["org.opencontainers.image.licenses"], "BSD-3-Clause", name);
    }
  });

  it("TINY-38: the outputs have a result for the pull of each image on both platforms", async () => {
    const { checks } = await prod().project.outputs<Outputs>();
    assert.deepEqual(Object.keys(checks).sort(), imageNames.map((name) => `pull ${name}`).sort());
    for (const { result, detail, checkedAt } of Object.values(checks)) {
      assert.equal(result, "passed");
      assert.match(detail, /^3 manifests and \d+ blobs can be pulled without signing in$/);
      assert.ok(Date.parse(checkedAt) > 0);
    }
  });

  checkProofs(prod);
}
