import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { putBytes } from "../../../../lib/oci/attach";
import { digestOf } from "../../../../lib/oci/digest";
import { DigestMismatchError, isNotFound } from "../../../../lib/oci/errors";
import { assembleImage, type AssembledImage } from "../../../../lib/oci/image/assemble";
import { BaseImageError, readBase } from "../../../../lib/oci/image/base";
import { imageIndex } from "../../../../lib/oci/image/index";
import { imageManifest } from "../../../../lib/oci/image/manifest";
import { LayerCache, type AssembledLayer } from "../../../../lib/oci/layer/cache";
import { LayoutError, OciLayout } from "../../../../lib/oci/layout";
import { MediaType } from "../../../../lib/oci/media-types";
import { parsePlatform } from "../../../../lib/oci/platform";
import type { Repository } from "../../../../lib/oci/repository";
import type { Descriptor, Index } from "../../../../lib/oci/types";
import { startCraneRegistry } from "../../../support/registries";
import { toolPath } from "../../../support/tools";
import { temporaryFolder } from "./temporary-folder";

const folder = temporaryFolder();
const layoutFolder = (): string => join(folder(), "layout");
const layout = (): OciLayout => new OciLayout(layoutFolder());

/**
 * Assembles and writes an image with one layer, and returns it with its descriptor for an index.
 */
async function putImage(
  target: Repository,
  platform: string,
  tag?: string,
): Promise<{ image: AssembledImage; layer: AssembledLayer; child: Descriptor }> {
  const cache = new LayerCache(join(folder(), "cache"));
  const layer = await cache.build(
    folder(),
    [
      { to: "/app/hello", content: `hello ${platform}\n`, mode: "0755" },
      { to: "/app/link", symlink: "hello" },
    ],
    { compression: "gzip" },
  );
  const image = assembleImage({
    platform: parsePlatform(platform),
    layers: [layer],
    config: { entrypoint: ["/app/hello"] },
  });
  await target.putBlob(layer, (offset) => createReadStream(layer.path, { start: offset }));
  await putBytes(target, image.config.bytes, MediaType.ociConfig);
  const descriptor = await target.putManifest(image.manifest.bytes, MediaType.ociManifest, { tag });
  return { image, layer, child: { ...descriptor, platform: parsePlatform(platform) } };
}

function indexJson(): Index {
  return JSON.parse(readFileSync(join(layoutFolder(), "index.json"), "utf8")) as Index;
}

describe("OCI image layout", () => {
  it("is read and validated by crane, pushed and pulled back the same", async function () {
    this.timeout(60_000);
    const crane = toolPath("crane");
    const { layer, child } = await putImage(layout(), "linux/amd64", "v1");
    const registry = await startCraneRegistry();
    try {
      const name = `${registry.host}/acme/hello:v1`;
      execFileSync(crane, ["push", layoutFolder(), name], { stdio: "pipe" });
      execFileSync(crane, ["validate", "--remote", name], { stdio: "pipe" });
      assert.equal(execFileSync(crane, ["digest", name]).toString().trim(), child.digest);
      const listing = execFileSync("tar", ["-tf", "-"], {
        input: execFileSync(crane, ["export", name, "-"]),
      });
      assert.match(listing.toString(), /app\/hello\n/);
      execFileSync(crane, ["pull", "--format=oci", name, join(folder(), "pulled")], { stdio: "pipe" });
      const pulled = new OciLayout(join(folder(), "pulled"));
      const base = await readBase(pulled, child.digest, parsePlatform("linux/amd64"));
      assert.deepEqual(
        base.layers.map(({ digest }) => digest),
        [layer.digest],
      );
    } finally {
      await registry.stop();
    }
  });

  for (const compression of ["none", "zstd", "gzip"] as const) {
    it(`has layers with compression ${compression} that crane exports`, async function () {
      this.timeout(60_000);
      const crane = toolPath("crane");
      writeFileSync(join(folder(), "big"), "0123456789".repeat(400_000));
      const layer = await new LayerCache(join(folder(), "cache")).build(
        folder(),
        [{ to: "/big", source: "big" }],
        { compression },
      );
      const image = assembleImage({ platform: parsePlatform("linux/arm64"), layers: [layer], config: {} });
      await layout().putBlob(layer, (offset) => createReadStream(layer.path, { start: offset }));
      await putBytes(layout(), image.config.bytes, MediaType.ociConfig);
      await layout().putManifest(image.manifest.bytes, MediaType.ociManifest, { tag: "v1" });
      const registry = await startCraneRegistry();
      try {
        const name = `${registry.host}/acme/${compression}:v1`;
        execFileSync(crane, ["push", layoutFolder(), name], { stdio: "pipe" });
        // `crane validate` knows gzip only.
        if (compression === "gzip") execFileSync(crane, ["validate", "--remote", name], { stdio: "pipe" });
        const exported = execFileSync(crane, ["export", name, "-"], { maxBuffer: 1e8 });
        const content = execFileSync("tar", ["-xOf", "-", "big"], { input: exported, maxBuffer: 1e8 });
        assert.ok(content.equals(readFileSync(join(folder(), "big"))));
      } finally {
        await registry.stop();
      }
    });
  }

  it("has the files that the specification asks for, and the index alone as entry", async () => {
    const [amd, arm] = [await putImage(layout(), "linux/amd64"), await putImage(layout(), "linux/arm64")];
    assert.equal(indexJson().manifests.length, 2);
    const index = imageIndex([amd.child, arm.child]);
    await layout().putManifest(index.bytes, index.descriptor.mediaType, { tag: "v1" });
    assert.deepEqual(indexJson(), {
      schemaVersion: 2,
      mediaType: MediaType.ociIndex,
      manifests: [{ ...index.descriptor, annotations: { "org.opencontainers.image.ref.name": "v1" } }],
    });
    assert.equal(readFileSync(join(layoutFolder(), "oci-layout"), "utf8"), `{"imageLayoutVersion":"1.0.0"}`);
    for (const name of readdirSync(join(layoutFolder(), "blobs/sha256"))) {
      assert.equal(digestOf(readFileSync(join(layoutFolder(), "blobs/sha256", name))), `sha256:${name}`);
    }
    assert.deepEqual(await layout().headManifest(amd.child.digest), {
      mediaType: MediaType.ociManifest,
      digest: amd.child.digest,
      size: amd.child.size,
    });
    assert.deepEqual((await layout().getManifest("v1")).bytes, index.bytes);
  });

  it("moves, adds and deletes tags", async () => {
    const one = (await putImage(layout(), "linux/amd64", "v1")).child;
    const two = (await putImage(layout(), "linux/arm64", "latest")).child;
    await layout().putManifest((await layout().getManifest("v1")).bytes, MediaType.ociManifest, {
      tag: "latest",
    });
    assert.deepEqual((await layout().listTags()).sort(), ["latest", "v1"]);
    assert.equal((await layout().headManifest("latest"))?.digest, one.digest);
    assert.ok(await layout().headManifest(two.digest), "what a tag leaves is still there");
    await layout().deleteTag("latest");
    await layout().deleteTag("never-there");
    assert.deepEqual(await layout().listTags(), ["v1"]);
    await layout().deleteTag("v1");
    assert.deepEqual(await layout().listTags(), []);
    assert.ok(await layout().headManifest(one.digest), "deleting a tag deletes no manifest");
    await layout().deleteManifest(one.digest);
    await layout().deleteManifest(one.digest);
    assert.equal(await layout().headManifest(one.digest), undefined);
  });

  it("keeps all tags that are set at the same time", async () => {
    const { image } = await putImage(layout(), "linux/amd64");
    const tags = Array.from({ length: 20 }, (_, index) => `t${index}`);
    await Promise.all(
      tags.map((tag) => layout().putManifest(image.manifest.bytes, MediaType.ociManifest, { tag })),
    );
    assert.deepEqual((await layout().listTags()).sort(), tags.sort());
  });

  it("lists what refers to a manifest, by type", async () => {
    const { child } = await putImage(layout(), "linux/amd64", "v1");
    const empty = await putBytes(layout(), Buffer.from("{}"), MediaType.ociEmpty);
    const subject = { mediaType: child.mediaType, digest: child.digest, size: child.size };
    const put = async (artifactType: string): Promise<Descriptor> => {
      const { bytes } = imageManifest(empty, [empty], {
        artifactType,
        subject,
        annotations: { of: artifactType },
      });
      return layout().putManifest(bytes, MediaType.ociManifest);
    };
    const sbom = await put("application/spdx+json");
    const signature = await put("application/signature");
    assert.deepEqual(
      (await layout().listReferrers(child.digest)).map(({ digest }) => digest),
      [sbom.digest, signature.digest],
    );
    assert.deepEqual(await layout().listReferrers(child.digest, "application/spdx+json"), [
      { ...sbom, artifactType: "application/spdx+json", annotations: { of: "application/spdx+json" } },
    ]);
    assert.deepEqual(await layout().listReferrers(digestOf("nothing")), []);
  });

  it("is empty where there is nothing, and a read makes nothing", async () => {
    assert.deepEqual(await layout().listTags(), []);
    assert.equal(await layout().headManifest("v1"), undefined);
    assert.equal(await layout().blobSize(digestOf("x")), undefined);
    await assert.rejects(layout().getManifest("v1"), (error: unknown) => {
      assert.ok(isNotFound(error));
      assert.match((error as Error).message, /oci-layout:.*layout has no manifest v1 \(it has no tags\)/);
      return true;
    });
    await assert.rejects(layout().getBlob({ digest: digestOf("x"), size: 1 }), isNotFound);
    assert.equal(existsSync(layoutFolder()), false);
  });

  it("says which tags there are", async () => {
    await putImage(layout(), "linux/amd64", "v1");
    await assert.rejects(layout().getManifest("v2"), /has no manifest v2 \(it has the tags v1\)/);
  });

  it("keeps nothing of a blob that is not what it should be", async () => {
    const bytes = Buffer.from("content");
    const descriptor = { digest: digestOf(bytes), size: bytes.length };
    for (const wrong of ["c0ntent", "content and more", "cont"]) {
      await assert.rejects(
        layout().putBlob(descriptor, () => Readable.from([Buffer.from(wrong)])),
        DigestMismatchError,
      );
    }
    const broken = new Readable({
      read() {
        this.push("con");
        this.destroy(new Error("the connection broke"));
      },
    });
    await assert.rejects(
      layout().putBlob(descriptor, () => broken),
      /the connection broke/,
    );
    assert.deepEqual(readdirSync(join(layoutFolder(), "blobs/sha256")), []);
    assert.equal(await layout().putBlob(descriptor, () => Readable.from([bytes])), "uploaded");
    assert.equal(await layout().putBlob(descriptor, () => Readable.from([bytes])), "present");
  });

  it("streams a blob from an offset, and checks one that is read whole", async () => {
    const bytes = Buffer.from("some content");
    const descriptor = await putBytes(layout(), bytes, "application/octet-stream");
    assert.equal((await buffer(await layout().getBlob(descriptor))).toString(), "some content");
    assert.equal((await buffer(await layout().getBlob(descriptor, { offset: 5 }))).toString(), "content");
    const path = join(layoutFolder(), "blobs/sha256", descriptor.digest.slice(7));
    writeFileSync(path, "same content");
    await assert.rejects(buffer(await layout().getBlob(descriptor)), DigestMismatchError);
    truncateSync(path, 3);
    await assert.rejects(layout().getBlob(descriptor), DigestMismatchError);
    assert.equal(
      await layout().putBlob(descriptor, () => Readable.from([bytes])),
      "uploaded",
      "it is repaired",
    );
  });

  it("refuses a manifest whose bytes were changed", async () => {
    const { child } = await putImage(layout(), "linux/amd64", "v1");
    const path = join(layoutFolder(), "blobs/sha256", child.digest.slice(7));
    writeFileSync(path, readFileSync(path, "utf8").replace("linux", "linus").replace("sha256", "sha255"));
    await assert.rejects(layout().getManifest("v1"), DigestMismatchError);
  });

  const damages: { name: string; file: string; content: string; reason: RegExp }[] = [
    {
      name: "of another version",
      file: "oci-layout",
      content: `{"imageLayoutVersion":"2.0.0"}`,
      reason: /version "2.0.0"; only "1.0.0"/,
    },
    {
      name: "with an oci-layout that is not JSON",
      file: "oci-layout",
      content: "{",
      reason: /oci-layout is not JSON/,
    },
    {
      name: "with an index.json that is not JSON",
      file: "index.json",
      content: "",
      reason: /index.json is not JSON/,
    },
    {
      name: "with an index.json that lists nothing",
      file: "index.json",
      content: "{}",
      reason: /lists no manifests/,
    },
  ];
  for (const { name, file, content, reason } of damages) {
    it(`refuses a layout ${name}`, async () => {
      await putImage(layout(), "linux/amd64", "v1");
      writeFileSync(join(layoutFolder(), file), content);
      for (const attempt of [() => layout().listTags(), () => putImage(layout(), "linux/arm64", "v2")]) {
        await assert.rejects(attempt, (error: unknown) => {
          assert.ok(error instanceof LayoutError, String(error));
          assert.match(error.message, reason);
          return true;
        });
      }
    });
  }

  it("takes no digest for a path", async () => {
    mkdirSync(layoutFolder(), { recursive: true });
    await assert.rejects(layout().blobSize("sha256:../../../etc/passwd"), /digest .* is not valid/);
    await assert.rejects(layout().deleteManifest("../../x"), /digest .* is not valid/);
  });
});

describe("base image", () => {
  it("is found by an index, and built on", async () => {
    const [amd, arm] = [await putImage(layout(), "linux/amd64"), await putImage(layout(), "linux/arm64")];
    const attestation = { ...amd.child, platform: { os: "unknown", architecture: "unknown" } };
    const index = imageIndex([attestation, amd.child, arm.child]);
    await layout().putManifest(index.bytes, MediaType.ociIndex, { tag: "v1" });
    const base = await readBase(layout(), "v1", parsePlatform("linux/arm64"));
    assert.equal(base.manifest.descriptor.digest, arm.child.digest);
    assert.deepEqual(base.config.bytes, arm.image.config.bytes);
    assert.deepEqual(base.layers, arm.image.layers);
    const image = assembleImage({
      platform: parsePlatform("linux/arm64"),
      base,
      layers: [amd.layer],
      config: { cmd: ["serve"] },
    });
    assert.deepEqual(
      image.layers.map(({ digest }) => digest),
      [arm.layer.digest, amd.layer.digest],
    );
    const config = JSON.parse(image.config.bytes.toString()) as {
      config: object;
      rootfs: { diff_ids: string[] };
    };
    assert.deepEqual(config.config, { Entrypoint: ["/app/hello"], Cmd: ["serve"] });
    assert.deepEqual(config.rootfs.diff_ids, [arm.layer.diffId, amd.layer.diffId]);
  });

  it("may have Docker's media types", async () => {
    const { image, layer } = await putImage(layout(), "linux/amd64");
    const manifest = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: MediaType.dockerManifest,
        config: { ...image.config.descriptor, mediaType: MediaType.dockerConfig },
        layers: [{ mediaType: MediaType.dockerLayerGzip, digest: layer.digest, size: layer.size }],
      }),
    );
    const child = await layout().putManifest(manifest, MediaType.dockerManifest);
    const list = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: MediaType.dockerManifestList,
        manifests: [{ ...child, platform: { os: "linux", architecture: "amd64" } }],
      }),
    );
    await layout().putManifest(list, MediaType.dockerManifestList, { tag: "v1" });
    const base = await readBase(layout(), "v1", parsePlatform("linux/amd64"));
    assert.deepEqual(base.manifest.bytes, manifest);
    const built = assembleImage({ platform: parsePlatform("linux/amd64"), base, layers: [], config: {} });
    assert.equal(built.layers[0]?.mediaType, MediaType.ociLayerGzip);
    assert.equal(built.manifest.descriptor.mediaType, MediaType.ociManifest);
  });

  /** Puts a copy of an image whose configuration names its platform in another way. */
  async function putSpelled(os: string, architecture: string, variant?: string): Promise<Descriptor> {
    const { image } = await putImage(layout(), "linux/amd64");
    const file = JSON.parse(image.config.bytes.toString()) as object;
    const bytes = Buffer.from(JSON.stringify({ ...file, os, architecture, variant }));
    const config = await putBytes(layout(), bytes, MediaType.ociConfig);
    const manifest = imageManifest(config, image.layers);
    return layout().putManifest(manifest.bytes, MediaType.ociManifest);
  }

  async function putList(manifests: readonly Descriptor[], tag?: string, fields = {}): Promise<Descriptor> {
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests, ...fields }));
    return layout().putManifest(bytes, MediaType.ociIndex, tag === undefined ? {} : { tag });
  }

  async function baseFor(platform: string, reference: string | undefined = "v1"): Promise<string> {
    return (await readBase(layout(), reference, parsePlatform(platform))).manifest.descriptor.digest;
  }

  it("is found by a platform as others write it", async () => {
    const amd = await putSpelled("linux", "x86_64");
    const arm = await putSpelled("Linux", "aarch64", "8");
    const v6 = await putSpelled("linux", "arm");
    await putList(
      [
        { ...amd, platform: { os: "linux", architecture: "x86_64" } },
        { ...arm, platform: { os: "linux", architecture: "aarch64", variant: "8" } },
        { ...v6, platform: { os: "linux", architecture: "arm", variant: "6" } },
      ],
      "v1",
    );
    assert.equal(await baseFor("linux/amd64"), amd.digest);
    assert.equal(await baseFor("linux/arm64"), arm.digest);
    assert.equal(await baseFor("linux/arm64/v8"), arm.digest);
    assert.equal(await baseFor("linux/arm/v6"), v6.digest);
    assert.equal(await baseFor("linux/arm/v7"), v6.digest, "the one of the older variant");
    assert.equal(await baseFor("linux/amd64/v3"), amd.digest, "the one of the older variant");
    await assert.rejects(baseFor("linux/arm/v5"), /it has linux\/amd64, linux\/arm64, linux\/arm\/v6$/);
  });

  it("is found by its configuration where the index names no platform", async () => {
    const [amd, arm] = [await putSpelled("linux", "amd64"), await putSpelled("linux", "aarch64")];
    const empty = await putBytes(layout(), Buffer.from("{}"), MediaType.ociEmpty);
    const { bytes } = imageManifest(empty, [empty], { artifactType: "application/x" });
    const artifact = await layout().putManifest(bytes, MediaType.ociManifest);
    const unknown = { os: "unknown", architecture: "unknown" };
    await putList(
      [
        artifact,
        { ...arm, platform: unknown, annotations: { "vnd.docker.reference.type": "attestation-manifest" } },
        amd,
        { ...arm, platform: { os: "", architecture: "" } },
      ],
      "v1",
    );
    assert.equal(await baseFor("linux/amd64"), amd.digest);
    assert.equal(await baseFor("linux/arm64"), arm.digest);
    await assert.rejects(baseFor("linux/s390x"), /it has linux\/amd64, linux\/arm64$/);
  });

  it("is found through indexes in an index, with and without a platform", async () => {
    const [amd, arm] = [await putSpelled("linux", "amd64"), await putSpelled("linux", "arm64")];
    const s390x = await putSpelled("linux", "s390x");
    const platform = { os: "linux", architecture: "arm64" };
    const inner = await putList([amd]);
    const stated = await putList([{ ...arm, platform }]);
    const empty = await putList([], undefined, { manifests: null });
    await putList([empty, { ...empty, platform }, { ...stated, platform }, inner, s390x], "v1");
    assert.equal(await baseFor("linux/amd64"), amd.digest);
    assert.equal(await baseFor("linux/arm64"), arm.digest);
    assert.equal(await baseFor("linux/s390x"), s390x.digest);
  });

  /** Layouts of other programs: what index.json has beside its entries, and the tags of those. */
  const layouts: [title: string, fields: object, names: (string | undefined)[], reference?: string][] = [
    ["entries without annotations, one a platform", {}, [undefined, undefined]],
    ["no media type", { mediaType: undefined }, [undefined, undefined]],
    ["one name for two platforms", {}, ["v1", "v1"], "v1"],
    ["whole references as names", {}, ["docker.io/acme/hello:v1", "docker.io/acme/hello:v1"], "v1"],
    ["one name, and none asked for", {}, ["any", "any"]],
  ];
  for (const [title, fields, names, reference] of layouts) {
    it(`is found in a layout with ${title}`, async () => {
      const [amd, arm] = [await putSpelled("linux", "amd64"), await putSpelled("linux", "arm64")];
      const file = join(layoutFolder(), "index.json");
      const manifests = [amd, arm].map((descriptor, index) => ({
        ...descriptor,
        annotations: names[index] && { "org.opencontainers.image.ref.name": names[index] },
      }));
      writeFileSync(file, JSON.stringify({ schemaVersion: 2, manifests, ...fields }));
      const find = async (platform: string) =>
        (await readBase(layout(), reference, parsePlatform(platform))).manifest.descriptor.digest;
      assert.equal(await find("linux/amd64"), amd.digest);
      assert.equal(await find("linux/arm64"), arm.digest);
    });
  }

  it("has to be named where a layout has several", async () => {
    await putImage(layout(), "linux/amd64", "v1");
    await putImage(layout(), "linux/arm64", "v2");
    await assert.rejects(
      readBase(layout(), undefined, parsePlatform("linux/amd64")),
      /has several images: name one of the tags v1, v2/,
    );
  });

  it("is refused where the index has none for the platform, with those it has", async () => {
    const children = [await putImage(layout(), "linux/amd64"), await putImage(layout(), "linux/arm/v7")];
    const index = imageIndex(children.map(({ child }) => child));
    await layout().putManifest(index.bytes, MediaType.ociIndex, { tag: "v1" });
    await assert.rejects(readBase(layout(), "v1", parsePlatform("linux/s390x")), (error: unknown) => {
      assert.ok(error instanceof BaseImageError);
      assert.match(
        error.message,
        /^oci-layout:.*layout:v1 has no image for linux\/s390x; it has linux\/amd64, linux\/arm\/v7$/,
      );
      return true;
    });
  });

  it("is refused where the one image is for another platform", async () => {
    await putImage(layout(), "linux/amd64", "v1");
    await assert.rejects(
      readBase(layout(), "v1", parsePlatform("linux/arm64")),
      /v1 is for linux\/amd64, not for linux\/arm64/,
    );
  });

  it("is refused where it does not exist", async () => {
    await assert.rejects(readBase(layout(), "v1", parsePlatform("linux/arm64")), isNotFound);
  });

  it("is refused where it is an artifact and no image", async () => {
    const empty = await putBytes(layout(), Buffer.from("{}"), MediaType.ociEmpty);
    const { bytes } = imageManifest(empty, [empty], { artifactType: "application/x" });
    await layout().putManifest(bytes, MediaType.ociManifest, { tag: "v1" });
    await assert.rejects(
      readBase(layout(), "v1", parsePlatform("linux/amd64")),
      /v1 is not an image: its configuration is "application\/vnd.oci.empty.v1\+json"/,
    );
  });

  it("is refused where its configuration has other layers than its manifest", async () => {
    const { image, layer } = await putImage(layout(), "linux/amd64");
    const { bytes } = imageManifest(
      image.config.descriptor,
      [layer, layer].map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
    );
    await layout().putManifest(bytes, MediaType.ociManifest, { tag: "v1" });
    await assert.rejects(
      readBase(layout(), "v1", parsePlatform("linux/amd64")),
      /v1 is damaged: its manifest lists 2 layers and its configuration 1/,
    );
  });

  it("is refused where its configuration is damaged", async () => {
    const { image } = await putImage(layout(), "linux/amd64", "v1");
    const path = join(layoutFolder(), "blobs/sha256", image.config.descriptor.digest.slice(7));
    writeFileSync(path, readFileSync(path, "utf8").replace("amd64", "amd65"));
    await assert.rejects(readBase(layout(), "v1", parsePlatform("linux/amd64")), DigestMismatchError);
  });
});
