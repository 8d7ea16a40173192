import type { FileHandle } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { compressedPieces } from "../oci/layer/compressed-pieces";
import { lastDeflateBlock } from "../oci/layer/deflate-blocks";
import { readSize } from "../oci/layer/file-content";
import { entryContent } from "../oci/layer/tar";
import type { ArchiveEntry } from "./entries";
import { ArchiveError } from "./format";

/** Largest value of a field of four bytes; larger archives need zip64. */
const largestField = 0xffff_ffff;

/** Most entries without zip64. */
const mostEntries = 0xffff;

/** Bytes of the headers without names (APPNOTE.TXT 4.3.7, 4.3.12, 4.3.16). */
const localSize = 30;
const centralSize = 46;
const endSize = 22;

/** The earliest date of the format, 1980-01-01 (APPNOTE.TXT 4.4.6). */
const earliestDate = 0x21;

/** Needed to extract: 2.0, deflate (APPNOTE.TXT 4.4.3). */
const neededVersion = 20;

/** Made by Unix, whose mode is in the upper half of the attributes (APPNOTE.TXT 4.4.2). */
const madeByUnix = 3 << 8;

/** Names are UTF-8 (APPNOTE.TXT 4.4.4, bit 11). */
const utf8Flag = 1 << 11;

const deflated = 8;
const regularFile = 0o100000;

interface Written {
  readonly name: Buffer;
  readonly mode: number;
  readonly offset: number;
  readonly crc: number;
  readonly compressedSize: number;
  readonly size: number;
}

/**
 * Writes files as a zip archive in which sizes stand before their content: who reads it as a stream
 * sees what those see who read its directory. Python's index takes no other (warehouse,
 * `utils/zipfiles.py`: "ZIP contains a data descriptor"), and packages of NuGet are written so. The bytes follow from the entries alone.
 *
 * Source: PKWARE APPNOTE.TXT 6.3.
 *
 * @throws ArchiveError where an entry is no file, or the archive would need zip64
 * @throws DigestMismatchError where a file is no longer what its entry says
 */
export async function writeSizedZip(
  file: FileHandle,
  entries: readonly ArchiveEntry[],
  signal?: AbortSignal,
): Promise<void> {
  let position = 0;
  const append = async (bytes: Uint8Array) => {
    if (position + bytes.length > largestField) throw tooLarge("more than 4 GiB");
    await file.write(bytes, 0, bytes.length, position);
    position += bytes.length;
  };
  if (entries.length > mostEntries) throw tooLarge("more than 65535 files");
  const written: Written[] = [];
  const buffer = Buffer.allocUnsafeSlow(readSize);
  for (const entry of entries) {
    signal?.throwIfAborted();
    if (entry.type !== "file") throw new ArchiveError("entries", `has ${entry.path}, which is no file`);
    const offset = position;
    const name = Buffer.from(entry.path.slice(1), "utf8");
    await append(localHeader({ name, mode: entry.mode, offset, crc: 0, compressedSize: 0, size: 0 }));
    const start = position;
    let crc = 0;
    const content = entryContent(entry, entry.content ?? { bytes: Buffer.alloc(0) }, buffer);
    const measured = (async function* () {
      for await (const bytes of content) {
        crc = crc32(bytes, crc);
        yield bytes;
      }
    })();
    for await (const blocks of compressedPieces(measured, "deflate-blocks", signal)) await append(blocks);
    await append(lastDeflateBlock);
    const done = { name, mode: entry.mode, offset, crc, compressedSize: position - start, size: entry.size };
    const header = localHeader(done);
    await file.write(header, 0, header.length, offset);
    written.push(done);
  }
  const directory = position;
  for (const entry of written) await append(centralHeader(entry));
  await append(endOfDirectory(written.length, position - directory, directory));
}

function localHeader(entry: Written): Buffer {
  const header = Buffer.alloc(localSize);
  header.write("PK\x03\x04", 0, "latin1");
  commonFields(entry).copy(header, 4);
  return Buffer.concat([header, entry.name]);
}

function centralHeader(entry: Written): Buffer {
  const header = Buffer.alloc(centralSize);
  header.write("PK\x01\x02", 0, "latin1");
  header.writeUInt16LE(madeByUnix | neededVersion, 4);
  commonFields(entry).copy(header, 6);
  header.writeUInt32LE(((regularFile | entry.mode) << 16) >>> 0, 38);
  header.writeUInt32LE(entry.offset, 42);
  return Buffer.concat([header, entry.name]);
}

/** What both headers have, from the version that is needed to the length of the name. */
function commonFields({ name, crc, compressedSize, size }: Written): Buffer {
  const fields = Buffer.alloc(24);
  fields.writeUInt16LE(neededVersion, 0);
  fields.writeUInt16LE(utf8Flag, 2);
  fields.writeUInt16LE(deflated, 4);
  fields.writeUInt16LE(earliestDate, 8);
  fields.writeUInt32LE(crc, 10);
  fields.writeUInt32LE(compressedSize, 14);
  fields.writeUInt32LE(size, 18);
  fields.writeUInt16LE(name.length, 22);
  return fields;
}

function endOfDirectory(count: number, size: number, offset: number): Buffer {
  const end = Buffer.alloc(endSize);
  end.write("PK\x05\x06", 0, "latin1");
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(offset, 16);
  return end;
}

function tooLarge(what: string): ArchiveError {
  return new ArchiveError("entries", `has ${what}, and a package takes no more`);
}
