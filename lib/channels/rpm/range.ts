import { open } from "node:fs/promises";

/** Where the header of a package is in its file, which clients read first, and what follows it. */
export interface RpmRange {
  /** In bytes from the start of the file. */
  readonly headerStart: number;
  readonly headerEnd: number;
  /** Bytes of the payload before compression. */
  readonly payloadSize: number;
}

/** A file that is not a package as this program writes it. */
export class RpmFormatError extends Error {
  override readonly name = "RpmFormatError";
}

const leadSize = 96;
const leadMagic = Buffer.from([0xed, 0xab, 0xee, 0xdb]);
const headerMagic = Buffer.from([0x8e, 0xad, 0xe8]);
/** Bytes of a header before its index, and of an entry of that. */
const introSize = 16;
const entrySize = 16;
const payloadSizeTag = 1007;

/**
 * Bytes from the start of a file that {@link parseRange} needs: the lead, the signature header, which
 * has one signature and a few sums, and the start of the main header.
 */
const startSize = 64 * 1024;

/** @throws RpmFormatError */
export async function readRange(file: string): Promise<RpmRange> {
  const opened = await open(file, "r");
  try {
    const start = Buffer.alloc(startSize);
    const { bytesRead } = await opened.read(start, 0, start.length, 0);
    return parseRange(start.subarray(0, bytesRead));
  } finally {
    await opened.close();
  }
}

/**
 * Source: RPM format v4 (rpm.org, manual/format_v4).
 *
 * @param start of the file
 * @throws RpmFormatError
 */
export function parseRange(start: Buffer): RpmRange {
  if (!start.subarray(0, leadMagic.length).equals(leadMagic))
    throw new RpmFormatError("is no package of rpm");
  const signature = headerAt(start, leadSize);
  const headerStart = signature.end + ((8 - (signature.end % 8)) % 8);
  const { end: headerEnd } = headerAt(start, headerStart);
  for (let at = leadSize + introSize; at < signature.store; at += entrySize) {
    if (at + entrySize > start.length) break;
    if (start.readUInt32BE(at) !== payloadSizeTag) continue;
    const value = signature.store + start.readUInt32BE(at + 8);
    if (value + 4 > start.length) break;
    return { headerStart, headerEnd, payloadSize: start.readUInt32BE(value) };
  }
  throw new RpmFormatError("does not say how large its payload is");
}

/** Where the store of a header begins, and where it ends. */
function headerAt(bytes: Buffer, at: number): { store: number; end: number } {
  const isHeader =
    at + introSize <= bytes.length && bytes.subarray(at, at + headerMagic.length).equals(headerMagic);
  if (!isHeader) throw new RpmFormatError(`has no header at byte ${at}`);
  const store = at + introSize + bytes.readUInt32BE(at + 8) * entrySize;
  return { store, end: store + bytes.readUInt32BE(at + 12) };
}
