import type { BaseImage } from "../oci/image/base";
import type { DockerImage } from "../oci/archive/docker-manifest";
import { blobPath } from "../oci/archive/layout-reader";
import { packTar } from "../oci/archive/pack";
import type { Descriptor } from "../oci/types";

/**
 * Writes one image as `docker load` takes it, back to Docker 1.10: blobs and `manifest.json`
 * (Docker "Image Specification v1.2", "Combined Image JSON + Filesystem Changeset Format").
 *
 * @param names full names with a tag, e.g. `ghcr.io/acme/hello:v1`
 */
export async function writeImageArchive(
  file: string,
  image: BaseImage,
  names: readonly string[],
): Promise<void> {
  const { config, layers, repository } = image;
  const listed: DockerImage[] = [
    {
      Config: blobPath(config.descriptor.digest),
      RepoTags: [...names],
      Layers: layers.map(({ digest }) => blobPath(digest)),
    },
  ];
  const manifest = Buffer.from(JSON.stringify(listed));
  const blobs = [...new Map(layers.map((layer) => [layer.digest, layer])).values()];
  await packTar(
    file,
    [
      { path: "manifest.json", size: manifest.length, content: () => [manifest] },
      { path: blobPath(config.descriptor.digest), size: config.bytes.length, content: () => [config.bytes] },
      ...blobs.map((blob: Descriptor) => ({
        path: blobPath(blob.digest),
        size: blob.size,
        content: () => content(blob),
      })),
    ],
    () => Promise.resolve(),
  );

  async function* content(blob: Descriptor): AsyncIterable<Uint8Array> {
    yield* (await repository.getBlob(blob)) as AsyncIterable<Uint8Array>;
  }
}
