import { createHash } from "node:crypto";
import { DigestMismatchError } from "../errors";
import type { LayerEntry } from "./entry";
import { readFileContent, readSize, readSmallFile } from "./file-content";
import { tarEnd, tarHeader, tarPadding } from "./tar-header";

/**
 * Writes entries, in the order given, as a tar archive whose bytes follow from them alone. Content
 * is read as it is needed, in pieces of up to 1 MiB; a piece is valid until the next is asked for.
 *
 * @param mtimeSeconds modification time of every entry, in seconds since 1970; default 0
 * @param header what writes the header of an entry. Default: ustar, with PAX records where needed
 * @throws DigestMismatchError where a file is no longer what its entry says
 * @throws RangeError for a time that a tar header cannot hold.
 */
export async function* tarStream(
  entries: readonly LayerEntry[],
  mtimeSeconds = 0,
  header: (entry: LayerEntry, mtimeSeconds: number) => Buffer = tarHeader,
): AsyncGenerator<Buffer, void, undefined> {
  if (!Number.isInteger(mtimeSeconds) || mtimeSeconds < 0 || mtimeSeconds > 0o77777777777) {
    throw new RangeError(
      `modification time ${mtimeSeconds} is not a whole number of seconds since 1970 (a valid example: 0)`,
    );
  }
  const buffer = Buffer.allocUnsafeSlow(readSize);
  for (const entry of entries) {
    yield header(entry, mtimeSeconds);
    if (entry.type === "file" && entry.content) {
      yield* entryContent(entry, entry.content, buffer);
      yield tarPadding(entry.size);
    }
  }
  yield tarEnd;
}

/**
 * Content of a file entry, checked while it is read; a piece is valid until the next is asked for.
 * @throws DigestMismatchError
 */
export async function* entryContent(
  entry: LayerEntry,
  content: NonNullable<LayerEntry["content"]>,
  buffer: Buffer,
): AsyncGenerator<Buffer, void, undefined> {
  if ("bytes" in content) {
    yield content.bytes;
    return;
  }
  const whole = readSmallFile(content.path, entry.size, buffer);
  const hash = createHash("sha256");
  let size = 0;
  for await (const piece of whole ? [whole] : readFileContent(content.path)) {
    size += piece.length;
    // Never more than the header says: what came after it would be read as another entry.
    if (size > entry.size) throw changed(entry, content.path, `more than ${entry.size} bytes`);
    hash.update(piece);
    yield piece;
  }
  const digest = `sha256:${hash.digest("hex")}`;
  if (size !== entry.size || digest !== entry.digest) {
    throw changed(entry, content.path, `${digest} (${size} bytes)`);
  }
}

function changed(entry: LayerEntry, path: string, actual: string): DigestMismatchError {
  return new DigestMismatchError(
    `${path}, for ${entry.path}, changed after it was hashed: build again once nothing writes to it`,
    `${entry.digest} (${entry.size} bytes)`,
    actual,
  );
}
