import { DigestMismatchError, isNotFound } from "../errors";
import type { BlobTransfer, PutBlobOptions, Repository } from "../repository";
import { pathOf, registryOf } from "./blob-homes";
import type { BlobDescriptor } from "./manifest-links";
import { NotInSourcesError, SourceBlob, type Sources } from "./sources";

/** An error of the sources of a blob; the target is not to blame. */
export class SourceBlobError extends Error {
  override readonly name = "SourceBlobError";
}

/**
 * Path of a source in the same registry as the target, to mount blobs from; undefined where there
 * is none.
 */
export function mountableSource(sources: Sources, target: Repository): string | undefined {
  if (target.registry === undefined) return undefined;
  for (const source of sources) {
    const same = source.registry !== undefined && registryOf(source) === registryOf(target);
    if (same && source.name !== target.name) return pathOf(source);
  }
  return undefined;
}

/**
 * Streams a blob from the first source that gives it straight to the target, unless it is there or
 * can be mounted.
 *
 * @throws SourceBlobError where no source gives it; what the target says otherwise
 */
export async function transferBlob(
  sources: Sources,
  target: Repository,
  blob: BlobDescriptor,
  options: PutBlobOptions,
): Promise<BlobTransfer> {
  let failure: unknown;
  for (const source of sources) {
    const content = new SourceBlob(source, blob, options.signal);
    try {
      return await target.putBlob(blob, content.open, options);
    } catch (error) {
      options.signal?.throwIfAborted();
      if (content.failure === undefined && !(error instanceof DigestMismatchError)) throw error;
      const reason = content.failure ?? error;
      if (!isNotFound(reason)) failure ??= reason;
    }
  }
  failure ??= new NotInSourcesError(
    `blob ${blob.digest} is in none of the sources (${sources.names}): push it to one of them`,
  );
  throw new SourceBlobError(failure instanceof Error ? failure.message : String(failure), { cause: failure });
}
