import { TarError } from "./tar-blocks";
import { tarBlock } from "./tar-header";

/** Fields of a header as writers of all times have written them. */

const checksumField = { start: 148, end: 156 } as const;

/** Text up to the first NUL. */
export function tarText(block: Buffer, start: number, length: number): string {
  const field = block.subarray(start, start + length);
  const end = field.indexOf(0);
  return field.toString("utf8", 0, end < 0 ? length : end);
}

/** A number in octal digits, or, with the highest bit set, in binary (GNU and star). @throws TarError */
export function tarNumber(block: Buffer, start: number, length: number): number {
  const field = block.subarray(start, start + length);
  const first = field[0] ?? 0;
  if ((first & 0x80) !== 0) {
    if ((first & 0x40) !== 0) return -1;
    let value = first & 0x3f;
    for (const byte of field.subarray(1)) value = value * 256 + byte;
    if (!Number.isSafeInteger(value)) throw new TarError("invalid tar header: a number that is too large");
    return value;
  }
  const text = field.toString("latin1").replace(/^[ \0]+|[ \0]+$/g, "");
  const digits = text.split("\0", 1)[0]?.trim() ?? "";
  if (!/^[0-7]*$/.test(digits)) throw new TarError("invalid tar header: a number that is none");
  return digits === "" ? 0 : Number.parseInt(digits, 8);
}

/** Returns whether a header has the sum of its bytes in it; old writers took them as signed. */
export function hasTarChecksum(block: Buffer): boolean {
  let [unsigned, signed] = [0, 0];
  for (let index = 0; index < tarBlock; index++) {
    const isSum = index >= checksumField.start && index < checksumField.end;
    const byte = isSum ? 0x20 : (block[index] ?? 0);
    unsigned += byte;
    signed += byte > 127 ? byte - 256 : byte;
  }
  let declared: number;
  try {
    declared = tarNumber(block, checksumField.start, checksumField.end - checksumField.start);
  } catch {
    return false;
  }
  return declared === unsigned || declared === signed;
}

/**
 * Records of an extended header (POSIX pax). The parts of sparse files of GNU's version 0.0, which
 * repeat two keys, are put together as `GNU.sparse.map`, as in version 0.1.
 *
 * @throws TarError
 */
export function paxRecords(bytes: Buffer): Map<string, string> {
  const records = new Map<string, string>();
  const parts: string[] = [];
  for (let position = 0; position < bytes.length;) {
    const space = bytes.indexOf(0x20, position);
    const length = /^\d{1,10}$/.exec(bytes.toString("latin1", position, space))?.[0];
    const end = position + Number(length ?? 0);
    const equals = bytes.indexOf(0x3d, space);
    if (!length || space < 0 || equals < 0 || equals >= end || bytes[end - 1] !== 0x0a) {
      throw new TarError("invalid tar header: a record of an extended header that is none");
    }
    const key = bytes.toString("utf8", space + 1, equals);
    const value = bytes.toString("utf8", equals + 1, end - 1);
    if (key === "GNU.sparse.offset" || key === "GNU.sparse.numbytes") parts.push(value);
    else records.set(key, value);
    position = end;
  }
  if (parts.length > 0) records.set("GNU.sparse.map", parts.join(","));
  return records;
}
