import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import { putBytes } from "../../../lib/oci/attach";
import { digestOf } from "../../../lib/oci/digest";
import { loadZstd } from "../../../lib/oci/layer/zstd";
import { MediaType } from "../../../lib/oci/media-types";
import type { Repository } from "../../../lib/oci/repository";
import type { Descriptor, Platform } from "../../../lib/oci/types";

/** One entry of a layer: a file unless it says otherwise. */
export interface TestEntry {
  name: string;
  content?: string | Buffer;
  mode?: number;
  type?: "file" | "directory" | "symlink" | "link" | "fifo";
  linkname?: string;
}

/** The archive of a layer. */
export async function archiveOf(entries: readonly TestEntry[]): Promise<Buffer> {
  const archive = pack();
  for (const { name, content = "", mode = 0o644, type = "file", linkname } of entries) {
    const header = { name, mode, type, linkname, mtime: new Date(0) };
    if (type === "file") archive.entry(header, content);
    else archive.entry(header);
  }
  archive.finalize();
  const parts: Buffer[] = [];
  for await (const part of archive as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts);
}

export type TestCompression = "gzip" | "zstd" | "none";

const layerTypes = {
  gzip: MediaType.ociLayerGzip,
  zstd: MediaType.ociLayerZstd,
  none: MediaType.ociLayerTar,
} as const;

export async function compress(archive: Buffer, compression: TestCompression): Promise<Buffer> {
  if (compression === "none") return archive;
  return compression === "gzip" ? gzipSync(archive) : Buffer.from((await loadZstd())(archive));
}

/** How an image is made. */
export interface TestImage {
  platform?: Platform;
  layers: readonly (readonly TestEntry[])[];
  compression?: TestCompression;
  created?: string;
  annotations?: Record<string, string>;
}

/** Puts an image into a repository. Returns its descriptor, with the platform. */
export async function putImage(repository: Repository, image: TestImage): Promise<Descriptor> {
  const { platform = { os: "linux", architecture: "amd64" }, compression = "gzip", annotations } = image;
  const layers: Descriptor[] = [];
  const diffIds: string[] = [];
  for (const entries of image.layers) {
    const archive = await archiveOf(entries);
    diffIds.push(digestOf(archive));
    layers.push(await putBytes(repository, await compress(archive, compression), layerTypes[compression]));
  }
  const config = await putJson(repository, {
    ...platform,
    ...(image.created ? { created: image.created } : {}),
    config: {},
    rootfs: { type: "layers", diff_ids: diffIds },
  });
  const manifest = {
    schemaVersion: 2,
    mediaType: MediaType.ociManifest,
    config: { ...config, mediaType: MediaType.ociConfig },
    layers,
    ...(annotations ? { annotations } : {}),
  };
  const descriptor = await repository.putManifest(
    Buffer.from(JSON.stringify(manifest)),
    MediaType.ociManifest,
  );
  return { mediaType: descriptor.mediaType, digest: descriptor.digest, size: descriptor.size, platform };
}

/** Puts an index of images into a repository. */
export async function putIndex(
  repository: Repository,
  manifests: readonly Descriptor[],
): Promise<Descriptor> {
  const index = { schemaVersion: 2, mediaType: MediaType.ociIndex, manifests };
  return repository.putManifest(Buffer.from(JSON.stringify(index)), MediaType.ociIndex);
}

async function putJson(repository: Repository, value: unknown): Promise<Descriptor> {
  return putBytes(repository, Buffer.from(JSON.stringify(value)), "application/json");
}

/** Hexadecimal hash of a content. */
export function hash(algorithm: "sha1" | "sha256", content: string | Buffer): string {
  return createHash(algorithm).update(content).digest("hex");
}

/** An image of two layers with packages of all kinds that the built-in generator reads. */
export const debianLayers: readonly (readonly TestEntry[])[] = [
  [
    { name: "etc/os-release", type: "symlink", linkname: "../usr/lib/os-release" },
    {
      name: "usr/lib/os-release",
      content: 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
    },
    {
      name: "var/lib/dpkg/status",
      content:
        "Package: libc6\nStatus: install ok installed\nArchitecture: amd64\nSource: glibc\nVersion: 2.36-9+deb12u10\n\n" +
        "Package: old\nStatus: deinstall ok config-files\nArchitecture: amd64\nVersion: 1.0\n",
    },
    { name: "tmp/removed", content: "of the base" },
  ],
  [
    { name: "tmp/.wh.removed" },
    {
      name: "usr/lib/python3/dist-packages/Foo_Bar-1.0.dist-info/METADATA",
      content: "Metadata-Version: 2.1\nName: Foo_Bar\nVersion: 1.0\nLicense: MIT\n\nA text.\n",
    },
    {
      name: "app/node_modules/@acme/thing/package.json",
      content: '{"name":"@acme/thing","version":"3.2.1","license":"A license of our own"}',
      mode: 0o600,
    },
    { name: "app/run", content: "#!/bin/sh\n", mode: 0o755 },
  ],
];
