import { compressedPieces } from "../oci/layer/compressed-pieces";
import { readSize } from "../oci/layer/file-content";
import { entryContent } from "../oci/layer/tar";
import type { ArchiveEntry } from "./entries";
import { ArchiveError, type FileFormat } from "./format";

/**
 * The content of the only entry, as it is or compressed. Its name and mode are lost: what is
 * released so is a program.
 *
 * @throws ArchiveError where there is another number of entries than one, or it is no file with
 * content
 * @throws DigestMismatchError where the file is no longer what its entry says
 */
export async function* fileStream(
  entries: readonly ArchiveEntry[],
  format: FileFormat,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const [entry, ...others] = entries;
  if (!entry || others.length > 0) {
    throw new ArchiveError("entries", `has ${entries.length} files: the format ${format} holds exactly one`);
  }
  const { content } = entry;
  if (!content || entry.size === 0) {
    throw new ArchiveError("entries[0]", `is no file with content, which the format ${format} needs`);
  }
  const bytes = entryContent(entry, content, Buffer.allocUnsafe(readSize));
  yield* compressedPieces(bytes, format === "gz" ? "gzip" : "none", signal);
}
