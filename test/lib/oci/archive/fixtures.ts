import { createReadStream, realpathSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { digestOf } from "../../../../lib/oci/digest";
import { assembleImage } from "../../../../lib/oci/image/assemble";
import { imageIndex } from "../../../../lib/oci/image/index";
import { imageManifest } from "../../../../lib/oci/image/manifest";
import { LayerCache } from "../../../../lib/oci/layer/cache";
import type { Compression } from "../../../../lib/oci/layer/compression";
import type { LayerFile } from "../../../../lib/oci/layer/entry";
import { MediaType } from "../../../../lib/oci/media-types";
import { parsePlatform } from "../../../../lib/oci/platform";
import type { Repository } from "../../../../lib/oci/repository";
import type { Descriptor, Index, Manifest } from "../../../../lib/oci/types";

/** A program of Debian that needs no library, so that an image can run with nothing else in it. */
export const staticProgram = realpathSync("/sbin/ldconfig");

export async function putBytes(
  target: Repository,
  content: Buffer | string,
  mediaType: string,
): Promise<Descriptor> {
  const bytes = Buffer.from(content);
  const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
  await target.putBlob(descriptor, (offset) => Readable.from([bytes.subarray(offset)]));
  return descriptor;
}

/** An image as it was written. */
export interface WrittenImage {
  /** With platform, as an index lists it. */
  descriptor: Descriptor;
  config: Descriptor;
  layers: readonly Descriptor[];
}

/** Options of {@link putImage}. */
export interface PutImageOptions {
  tag?: string;
  compression?: Compression;
  /** Layers, lowest first. Default: one with a small file. */
  layers?: LayerFile[][];
}

/** Assembles an image and writes it. */
export async function putImage(
  target: Repository,
  folder: string,
  platform: string,
  options: PutImageOptions = {},
): Promise<WrittenImage> {
  const { compression = "gzip", tag } = options;
  const files = options.layers ?? [[{ to: "/app/hello", content: `hello ${platform}\n` }]];
  const cache = new LayerCache(join(folder, "cache"));
  const layers = [];
  for (const layer of files) layers.push(await cache.build("/", layer, { compression }));
  const image = assembleImage({
    platform: parsePlatform(platform),
    layers,
    config: { entrypoint: ["/bin/tool"], cmd: ["--version"], labels: { built: "by a test" } },
  });
  for (const layer of layers) {
    await target.putBlob(layer, (offset) => createReadStream(layer.path, { start: offset }));
  }
  await putBytes(target, image.config.bytes, MediaType.ociConfig);
  const descriptor = await target.putManifest(image.manifest.bytes, MediaType.ociManifest, { tag });
  return {
    descriptor: { ...descriptor, platform: parsePlatform(platform) },
    config: image.config.descriptor,
    layers: image.layers,
  };
}

/** Writes a multi-platform image with a referrer to its index, and one to its first image. */
export async function putMultiPlatform(
  target: Repository,
  folder: string,
  tag: string,
  platforms = ["linux/amd64", "linux/arm64"],
): Promise<{ index: Descriptor; images: WrittenImage[]; referrers: Descriptor[] }> {
  const images: WrittenImage[] = [];
  for (const platform of platforms) images.push(await putImage(target, folder, platform));
  const { bytes } = imageIndex(images.map(({ descriptor }) => descriptor));
  const index = await target.putManifest(bytes, MediaType.ociIndex, { tag });
  const referrers = [
    await putReferrer(target, index, "application/spdx+json"),
    await putReferrer(target, images[0]?.descriptor ?? index, "application/signature"),
  ];
  return { index, images, referrers };
}

/** Writes an artifact about a manifest. */
export async function putReferrer(
  target: Repository,
  { mediaType, digest, size }: Descriptor,
  artifactType: string,
): Promise<Descriptor> {
  const empty = await putBytes(target, "{}", MediaType.ociEmpty);
  const content = await putBytes(target, `content about ${digest}`, artifactType);
  const subject = { mediaType, digest, size };
  const { bytes } = imageManifest(empty, [content], { artifactType, subject });
  return target.putManifest(bytes, MediaType.ociManifest);
}

/**
 * Copies tags with everything they lead to and what refers to it, and returns the digests of the
 * blobs sent.
 */
export async function copyTags(from: Repository, to: Repository, tags: readonly string[]): Promise<string[]> {
  const sent: string[] = [];
  const copy = async (reference: string, tag?: string): Promise<void> => {
    const { bytes, descriptor } = await from.getManifest(reference);
    const content = JSON.parse(bytes.toString("utf8")) as Partial<Manifest & Index>;
    for (const child of content.manifests ?? []) await copy(child.digest);
    for (const blob of [...(content.config ? [content.config] : []), ...(content.layers ?? [])]) {
      const transfer = await to.putBlob(blob, (offset) => from.getBlob(blob, { offset }));
      if (transfer === "uploaded") sent.push(blob.digest);
    }
    await to.putManifest(bytes, descriptor.mediaType, { tag });
    for (const referrer of await from.listReferrers(descriptor.digest)) await copy(referrer.digest);
  };
  for (const tag of tags) await copy(tag, tag);
  return sent;
}
