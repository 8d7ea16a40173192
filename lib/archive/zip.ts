import { crc32 } from "node:zlib";
import { Zip, ZipPassThrough, type ZipInputFile } from "fflate";
import { compressionPool } from "../oci/layer/compression-pool";
import { compressedPieces } from "../oci/layer/compressed-pieces";
import { readSize } from "../oci/layer/file-content";
import { lastDeflateBlock } from "../oci/layer/deflate-blocks";
import { entryContent } from "../oci/layer/tar";
import type { ArchiveEntry } from "./entries";
import { ArchiveError } from "./format";

/**
 * Largest archive that the format holds without the zip64 extension, which not every unpacker
 * knows. In bytes.
 */
const largestZip = 0xffff_ffff;

/**
 * Bytes that an entry takes beside its content and twice its name: local header, descriptor,
 * central header.
 */
const entryOverhead = 30 + 16 + 46;

/**
 * Bytes up to which a file is compressed at once, which takes half of the time: with its result, it
 * is in memory then.
 */
const largestWhole = 16 * 1024 * 1024;

/** Most that deflate adds to content that does not compress: 5 bytes for each stored block. */
const storedOverhead = 1.001;

/** Most entries without zip64. */
const mostEntries = 0xffff;

/** Method "deflated" (APPNOTE.TXT 4.4.5). */
const deflated = 8;

/**
 * "Made by" Unix: the upper half of the external attributes is the mode (APPNOTE.TXT 4.4.2,
 * 4.4.15).
 */
const madeByUnix = 3;

const typeBits: Readonly<Record<Exclude<ArchiveEntry["type"], "directory">, number>> = {
  file: 0o100000,
  symlink: 0o120000,
};

/**
 * Writes entries, in the order given, as a zip archive whose bytes follow from them alone. Times
 * are 1980-01-01, the earliest that the format has. Content is read as it is needed, and compressed
 * by the threads that layers have; sizes stand in data descriptors after it.
 *
 * Source: PKWARE APPNOTE.TXT 6.3.
 *
 * @throws ArchiveError before the first byte where the archive could pass 4 GiB or 65535 entries
 * @throws DigestMismatchError where a file is no longer what its entry says.
 */
export async function* zipStream(
  entries: readonly ArchiveEntry[],
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  refuseTooLarge(entries);
  let ready: Uint8Array[] = [];
  let failure: Error | undefined;
  const zip = new Zip((error, bytes) => {
    failure ??= error ?? undefined;
    if (!error) ready.push(bytes);
  });
  const take = (): Uint8Array[] => {
    if (failure) throw failure;
    const taken = ready;
    ready = [];
    return taken;
  };
  const buffer = Buffer.allocUnsafeSlow(readSize);
  for (const entry of entries) {
    if (entry.type === "directory") continue;
    const attributes = {
      // The format has local times: the same local date, wherever the machine is.
      mtime: new Date(1980, 0, 1),
      os: madeByUnix,
      attrs: ((typeBits[entry.type] | entry.mode) << 16) >>> 0,
    };
    const name = entry.path.slice(1);
    if (entry.type === "symlink" || entry.size === 0 || !entry.content) {
      const file = Object.assign(new ZipPassThrough(name), attributes);
      zip.add(file);
      file.push(Buffer.from(entry.linkname ?? "", "utf8"), true);
    } else {
      const file: ZipInputFile = { filename: name, size: 0, crc: 0, compression: deflated, ...attributes };
      zip.add(file);
      const content = measured(entryContent(entry, entry.content, buffer), file);
      if (entry.size <= largestWhole)
        file.ondata?.(null, await deflatedWhole(content, entry.size, signal), true);
      else {
        for await (const blocks of compressedPieces(content, "deflate-blocks", signal)) {
          file.ondata?.(null, blocks, false);
          yield* take();
        }
        file.ondata?.(null, lastDeflateBlock, true);
      }
    }
    yield* take();
  }
  zip.end();
  yield* take();
}

/** The whole content as one deflate stream. */
async function deflatedWhole(
  content: AsyncIterable<Uint8Array>,
  size: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  const whole = new Uint8Array(size);
  let length = 0;
  for await (const bytes of content) {
    signal?.throwIfAborted();
    whole.set(bytes, length);
    length += bytes.length;
  }
  return compressionPool.compress("deflate", whole, size);
}

/** Counts what goes into a file of the archive. */
async function* measured(
  content: AsyncIterable<Uint8Array>,
  file: ZipInputFile,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const bytes of content) {
    file.size += bytes.length;
    file.crc = crc32(bytes, file.crc);
    yield bytes;
  }
}

function refuseTooLarge(entries: readonly ArchiveEntry[]): void {
  const size = entries.reduce(
    (sum, entry) =>
      sum + Math.ceil(entry.size * storedOverhead) + entryOverhead + 2 * Buffer.byteLength(entry.path),
    22,
  );
  if (size <= largestZip && entries.length <= mostEntries) return;
  const what =
    size > largestZip
      ? `has ${size} bytes of content, and 4 GiB`
      : `has ${entries.length} entries, and 65535`;
  throw new ArchiveError(
    "format",
    `a zip archive ${what} is the most that every unpacker reads: declare "tar.gz" or "tar.zst", or split it`,
  );
}
