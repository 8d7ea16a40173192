import { shortDigest } from "../oci/digest";
import { TarError } from "../oci/layer/tar-blocks";
import { readTar, type TarEntry } from "../oci/layer/tar-reader";
import {
  unpackedWithin,
  unpackedAtMost,
  UnpackLimitError,
  type UnpackLimit,
} from "../oci/layer/unpack-limit";
import { unpacked } from "../oci/layer/unpacked";
import type { Repository } from "../oci/repository";
import type { Descriptor } from "../oci/types";
import { ImageLimitError } from "./limits";
import { SbomError } from "./sbom-error";

/** Records of the extended header of one entry, at most: times, a long name, and extended attributes. */
const maximumFields = 256;

/** Where the layers of an image are read: its repository, or what has their bytes already. */
export type LayerSource = Pick<Repository, "name" | "getBlob">;

/**
 * Reads a layer from its start to its end; nothing of it is kept.
 *
 * @param visit called for one entry after the other, whose content it may read
 * @throws SbomError for a layer that is not an archive, of an unknown type, or more than any image
 * needs
 * @throws RegistryError and DigestMismatchError of the repository
 */
export async function readLayer(
  repository: LayerSource,
  layer: Descriptor,
  visit: (entry: TarEntry) => Promise<void>,
  { signal, unpack }: { signal?: AbortSignal; unpack?: UnpackLimit } = {},
): Promise<void> {
  const name = `layer ${shortDigest(layer.digest)} of ${repository.name}`;
  if (!isArchive(layer.mediaType)) {
    throw new SbomError(
      `${name} is of type ${JSON.stringify(layer.mediaType)}, which is not an archive of ` +
        "files, so its content cannot be listed. Name the digest of an image, not of an " +
        "artifact.",
    );
  }
  signal?.throwIfAborted();
  const blob = await repository.getBlob(layer, { signal });
  const mostHoles = unpackedAtMost(layer.size, unpack);
  let holes = 0;
  try {
    const content = unpackedWithin(unpacked(blob as AsyncIterable<Uint8Array>), layer.size, unpack);
    for await (const entry of readTar(content)) {
      if (entry.fields > maximumFields) {
        throw new ImageLimitError(`has an entry with more than ${maximumFields} extended attributes`);
      }
      if (entry.sparse && (holes += entry.size) > mostHoles) {
        throw new UnpackLimitError(`has sparse files of more than ${mostHoles} bytes`);
      }
      await visit(entry);
    }
  } catch (error) {
    signal?.throwIfAborted();
    withinLimits(name, () => {
      if (error instanceof ImageLimitError || error instanceof UnpackLimitError) throw error;
    });
    if (error instanceof Error && isOwnFailure(error)) {
      throw new SbomError(`${name} cannot be read: ${error.message}`, { cause: error });
    }
    throw error;
  } finally {
    blob.destroy();
  }
}

/**
 * Runs what can pass a limit.
 *
 * @param name of the layer or image, for messages
 * @throws SbomError in place of the limit's own error
 */
export function withinLimits<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ImageLimitError || error instanceof UnpackLimitError)) throw error;
    throw new SbomError(
      `${name} ${error.message}. Inspect it before it is used; if it is right, have another program list it`,
      { cause: error },
    );
  }
}

/**
 * A failure of the archive's form, not one of the registry or the caller, which say themselves what
 * they are about.
 */
function isOwnFailure(error: Error): boolean {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  return error instanceof TarError || error.name === "ZstdError" || code.startsWith("Z_");
}

/** Whether a type is that of a layer; what it says of the compression does not count. */
function isArchive(mediaType: string): boolean {
  return /\.(rootfs\.(foreign\.)?diff|layer\.(nondistributable\.)?v1)\.tar([.+][a-z0-9]+)?$/.test(mediaType);
}
