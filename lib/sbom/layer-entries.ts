import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract, type Extract, type Header } from "tar-stream";
import { shortDigest } from "../oci/digest";
import { unpackedWithin, UnpackLimitError, type UnpackLimit } from "../oci/layer/unpack-limit";
import { unzstd } from "../oci/layer/zstd-decompression";
import type { Repository } from "../oci/repository";
import type { Descriptor } from "../oci/types";
import { ImageLimitError } from "./limits";
import { SbomError } from "./sbom-error";

/**
 * Fields of the extended headers of one entry, at most: times, a long name, and extended
 * attributes. Those of a global header count for each entry, for they are copied to each.
 */
const maximumFields = 256;

/** An entry of a layer: its header, and its content, which can be read once. */
export type LayerArchiveEntry = AsyncIterable<Buffer> & { readonly header: Header };

/**
 * Reads a layer from its start to its end; nothing of it is kept. The content of every entry has to
 * be taken, by `visit` or, where `visit` leaves it, by this function.
 *
 * @param visit called for one entry after the other
 * @throws SbomError for a layer that is not an archive, of an unknown type, or more than any image
 * needs
 * @throws RegistryError and DigestMismatchError of the repository
 */
export async function readLayer(
  repository: Repository,
  layer: Descriptor,
  visit: (entry: LayerArchiveEntry) => Promise<void>,
  { signal, unpack }: { signal?: AbortSignal; unpack?: UnpackLimit } = {},
): Promise<void> {
  const name = `layer ${shortDigest(layer.digest)} of ${repository.name}`;
  const decompress = decompression(layer.mediaType);
  if (!decompress) {
    throw new SbomError(
      `${name} is of type ${JSON.stringify(layer.mediaType)}, which is not an archive of ` +
        "files, so its content cannot be listed. Name the digest of an image, not of an " +
        "artifact.",
    );
  }
  signal?.throwIfAborted();
  const blob = await repository.getBlob(layer, { signal });
  let ofBlob: Error | undefined;
  blob.once("error", (error) => (ofBlob = error));
  const archive = extract();
  const entries = (async () => {
    for await (const entry of archive as Extract & AsyncIterable<LayerArchiveEntry>) {
      if (Object.keys((entry.header.pax as object | undefined) ?? {}).length > maximumFields) {
        throw new ImageLimitError(`has an entry with more than ${maximumFields} extended attributes`);
      }
      await visit(entry);
      for await (const _chunk of entry);
    }
  })();
  // What fails first is told; the other failures follow from it.
  const [reading, visiting] = await Promise.allSettled([
    pipeline(
      unpackedWithin(decompress(blob), layer.size, unpack),
      archive as unknown as NodeJS.WritableStream,
      { signal },
    ).catch((error: unknown) => {
      archive.destroy(error as Error);
      throw error;
    }),
    entries.catch((error: unknown) => {
      blob.destroy(error as Error);
      throw error;
    }),
  ]);
  blob.destroy();
  signal?.throwIfAborted();
  if (visiting.status === "fulfilled" && reading.status === "fulfilled") return;
  const failure: unknown = ofBlob ?? (reading.status === "rejected" ? reading.reason : undefined);
  const cause = failure ?? (visiting.status === "rejected" ? (visiting.reason as unknown) : undefined);
  withinLimits(name, () => {
    // A visitor that gives up closes the archive, and that is how the reading ends then.
    const gaveUp: unknown = visiting.status === "rejected" ? visiting.reason : undefined;
    if (gaveUp instanceof ImageLimitError) throw gaveUp;
    if (cause instanceof UnpackLimitError) throw cause;
  });
  if (cause instanceof Error && isOwnFailure(cause)) {
    throw new SbomError(`${name} cannot be read: ${cause.message}`, { cause });
  }
  throw cause;
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
  return (
    error.name === "ZstdError" ||
    code.startsWith("Z_") ||
    /^(Invalid tar header|Unexpected end of data|Premature close|Unknown format|Header exceeds max size|Invalid header|Invalid pax header)/.test(
      error.message,
    )
  );
}

function decompression(mediaType: string): ((blob: Readable) => AsyncIterable<Uint8Array>) | undefined {
  if (!/\.(rootfs\.(foreign\.)?diff|layer\.(nondistributable\.)?v1)\.tar/.test(mediaType)) return undefined;
  if (/\.tar$/.test(mediaType)) return (blob) => blob;
  if (/\.tar[.+]gzip$/.test(mediaType)) {
    return (blob) => {
      const gunzip = createGunzip();
      blob.once("error", (error) => gunzip.destroy(error));
      gunzip.once("close", () => blob.destroy());
      return blob.pipe(gunzip);
    };
  }
  if (/\.tar[.+]zstd$/.test(mediaType)) return (blob) => unzstd(blob as AsyncIterable<Uint8Array>);
  return undefined;
}
