import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import { digestOf } from "../../../lib/oci/digest";
import { MediaType } from "../../../lib/oci/media-types";
import type { Descriptor } from "../../../lib/oci/types";

/** Content with its descriptor. */
export interface Content {
  descriptor: Descriptor;
  bytes: Buffer;
}

/** A small image, whole and valid. */
export interface SmallImage {
  manifest: Content;
  config: Content;
  layer: Content;
}

/**
 * Makes an image of one layer for linux/amd64; of a file, or of a layer's uncompressed tar that a
 * test made.
 */
export async function smallImage(tar?: Buffer): Promise<SmallImage> {
  const unpacked = tar ?? (await oneFile());
  const layer = content(MediaType.ociLayerGzip, gzipSync(unpacked));
  const config = jsonContent(MediaType.ociConfig, {
    architecture: "amd64",
    os: "linux",
    config: {},
    rootfs: { type: "layers", diff_ids: [digestOf(unpacked)] },
  });
  const manifest = jsonContent(MediaType.ociManifest, {
    schemaVersion: 2,
    mediaType: MediaType.ociManifest,
    config: config.descriptor,
    layers: [layer.descriptor],
  });
  return { manifest, config, layer };
}

/** JSON as content. */
export function jsonContent(mediaType: string, value: object): Content {
  return content(mediaType, Buffer.from(JSON.stringify(value)));
}

function content(mediaType: string, bytes: Buffer): Content {
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes };
}

async function oneFile(): Promise<Buffer> {
  const archive = pack();
  archive.entry({ name: "hello.txt", mtime: new Date(0) }, "hello\n");
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
