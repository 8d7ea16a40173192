import { createCipheriv, createHash } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import { MediaType } from "../../lib/oci/media-types";
import type { Descriptor } from "../../lib/oci/types";
import { fixtureTag, type FixtureImage } from "./fixture-image";
import { putBlob, putManifest } from "./registry-http";

/** Images of the fixture, each in a repository of its own. */
export const imageCount = 20;

const architectures = ["amd64", "arm64"];

/**
 * Sizes of layers, in bytes: those that all images of a platform share, and those of one image
 * alone.
 */
const sharedLayers = [20e6, 12e6, 4e6];
const ownLayers = [
  [20e6, 4e6],
  [16e6, 8e6],
  [12e6, 12e6],
];

/**
 * Publishes the fixture: indexes of two platforms, each with five layers of 4 to 20 MB, three of
 * which (60 % of the bytes) are those of every other image for that platform. The content comes
 * from a seed, is the same in every run and does not compress; the layers are tar files in gzip all
 * the same, as tools look at what layers are.
 */
export async function publishFixture(host: string): Promise<FixtureImage[]> {
  const bases = new Map<string, Blob[]>();
  for (const architecture of architectures) {
    bases.set(
      architecture,
      await Promise.all(sharedLayers.map((size, index) => layer(`base ${architecture} ${index}`, size))),
    );
  }
  const images: FixtureImage[] = [];
  const homes = new Map<string, string>();
  for (let number = 0; number < imageCount; number++) {
    const repository = `bench/image-${number}`;
    const blobs = new Map<string, number>();
    const children: Descriptor[] = [];
    for (const architecture of architectures) {
      const own = await Promise.all(
        (ownLayers[number % ownLayers.length] ?? []).map((size, index) =>
          layer(`own ${number} ${architecture} ${index}`, size),
        ),
      );
      const layers = [...(bases.get(architecture) ?? []), ...own];
      const config = blob(
        MediaType.ociConfig,
        Buffer.from(
          JSON.stringify({
            architecture,
            os: "linux",
            rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
            config: { Labels: { image: String(number) } },
          }),
        ),
      );
      for (const { bytes, descriptor } of [config, ...layers]) {
        await putBlob(host, repository, bytes, descriptor.digest, homes.get(descriptor.digest));
        homes.set(descriptor.digest, repository);
        blobs.set(descriptor.digest, descriptor.size);
      }
      const manifest = blob(
        MediaType.ociManifest,
        Buffer.from(
          JSON.stringify({
            schemaVersion: 2,
            mediaType: MediaType.ociManifest,
            config: config.descriptor,
            layers: layers.map(({ descriptor }) => descriptor),
          }),
        ),
      );
      await putManifest(host, repository, manifest.descriptor.digest, manifest.bytes, MediaType.ociManifest);
      children.push({ ...manifest.descriptor, platform: { os: "linux", architecture } });
    }
    const index = blob(
      MediaType.ociIndex,
      Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: MediaType.ociIndex, manifests: children })),
    );
    await putManifest(host, repository, fixtureTag, index.bytes, MediaType.ociIndex);
    const { digest } = index.descriptor;
    images.push({
      repository,
      digest,
      manifests: [digest, ...children.map((child) => child.digest)],
      blobs,
    });
  }
  return images;
}

interface Blob {
  bytes: Buffer;
  descriptor: { mediaType: string; digest: string; size: number };
  /** Digest of what a layer is before compression. */
  diffId: string;
}

/** A layer with one file of seeded bytes; its size is a little above that of the file. */
async function layer(seed: string, size: number): Promise<Blob> {
  const tar = pack();
  tar.entry({ name: seed.replaceAll(" ", "-"), mtime: new Date(0) }, seededBytes(seed, size));
  tar.finalize();
  const bytes = await buffer(tar);
  return { ...blob(MediaType.ociLayerGzip, gzipSync(bytes, { level: 0 })), diffId: digestOf(bytes) };
}

function blob(mediaType: string, bytes: Buffer): Blob {
  const digest = digestOf(bytes);
  return { bytes, descriptor: { mediaType, digest, size: bytes.length }, diffId: digest };
}

function seededBytes(seed: string, size: number): Buffer {
  const key = createHash("sha256").update(seed).digest();
  return createCipheriv("aes-256-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(size));
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
