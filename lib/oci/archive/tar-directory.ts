import type { FileHandle } from "node:fs/promises";
import { tarBlock } from "../layer/tar-header";
import { ArchiveError } from "./archive-error";

/** Where the content of a file in a tar archive is; both in bytes. */
export interface TarEntry {
  readonly offset: number;
  readonly size: number;
}

/** Files of a tar archive by their path in it, without a leading `./`. */
export type TarDirectory = ReadonlyMap<string, TarEntry>;

/** Files of an image layout are some hundred, and all are remembered by name. */
const maximumEntries = 500_000;

/** More than this is not a PAX or GNU record about one file. */
const maximumRecordSize = 1024 * 1024;

const compressions: readonly { name: string; magic: Buffer; program: string }[] = [
  { name: "gzip", magic: Buffer.from([0x1f, 0x8b]), program: "gunzip" },
  { name: "zstd", magic: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), program: "unzstd" },
  { name: "bzip2", magic: Buffer.from("BZh"), program: "bunzip2" },
  { name: "xz", magic: Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a]), program: "unxz" },
];

/** Facts about a file in records before its header, which override the header. */
interface Overrides {
  path?: string;
  linkpath?: string;
  size?: number;
}

/**
 * Reads where the files of a tar archive are: one read per header, none of the content. Knows
 * ustar, PAX and GNU headers. Hard links stand for the file that they name; directories and what
 * else is not a file are left out.
 *
 * Source: POSIX.1-2017, pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format".
 *
 * @param size of the file in bytes
 * @param name of the archive, for messages
 * @throws ArchiveError for a file that is compressed, cut off, damaged or no tar archive
 */
export async function readTarDirectory(file: FileHandle, size: number, name: string): Promise<TarDirectory> {
  const entries = new Map<string, TarEntry>();
  let overrides: Overrides = {};
  let position = 0;
  for (;;) {
    const block = await readRange(file, position, Math.min(tarBlock, size - position));
    if (position === 0) refuseCompressed(block, name);
    if (block.length < tarBlock) throw cutOff(name, `at byte ${size}, before the end mark of the archive`);
    if (isZero(block)) return entries;
    const header = parseHeader(block, name, position);
    const { type } = header;
    const ofFile = type !== "x" && type !== "g" && type !== "L" && type !== "K";
    const contentSize = (ofFile ? overrides.size : undefined) ?? header.size;
    const path = normalized((ofFile ? overrides.path : undefined) ?? header.path);
    const offset = position + tarBlock;
    if (offset + contentSize > size) {
      throw cutOff(name, `at byte ${size}, inside of ${path}, which goes to byte ${offset + contentSize}`);
    }
    if (ofFile) {
      const target = normalized(overrides.linkpath ?? header.linkpath);
      if (entries.size >= maximumEntries) {
        throw new ArchiveError(`${name} has more than ${maximumEntries} files: it is not an image layout`);
      }
      if (type === "0" || type === "7") entries.set(path, { offset, size: contentSize });
      const linked = type === "1" ? entries.get(target) : undefined;
      if (linked) entries.set(path, linked);
      overrides = {};
    } else if (type !== "g") {
      if (contentSize > maximumRecordSize) throw damaged(name, position, "a record is too large");
      const record = await readRange(file, offset, contentSize);
      overrides = { ...overrides, ...parseRecord(type, record, name, position) };
    }
    position = offset + Math.ceil(contentSize / tarBlock) * tarBlock;
  }
}

async function readRange(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(Math.max(length, 0));
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

function refuseCompressed(start: Buffer, name: string): void {
  const found = compressions.find(({ magic }) => start.subarray(0, magic.length).equals(magic));
  if (!found) return;
  throw new ArchiveError(
    `${name} is compressed with ${found.name}, and a compressed archive cannot be read in parts: ` +
      `unpack it first with ${found.program} (its layers are compressed already)`,
  );
}

interface Header {
  path: string;
  linkpath: string;
  size: number;
  type: string;
}

function parseHeader(block: Buffer, name: string, position: number): Header {
  const sum = octal(block.subarray(148, 156));
  let actual = 8 * 0x20;
  for (let index = 0; index < tarBlock; index++) {
    if (index < 148 || index >= 156) actual += block[index] ?? 0;
  }
  if (sum !== actual) {
    const reason = "the sum of a header does not match";
    throw position === 0
      ? new ArchiveError(`${name} is not a tar archive: ${reason}`)
      : damaged(name, position, reason);
  }
  const size = fieldSize(block.subarray(124, 136));
  if (size === undefined) throw damaged(name, position, "a header has no valid size");
  const prefix = block.toString("latin1", 257, 263) === "ustar\0" ? text(block.subarray(345, 500)) : "";
  const path = text(block.subarray(0, 100));
  const flag = block.toString("latin1", 156, 157);
  return {
    path: prefix ? `${prefix}/${path}` : path,
    linkpath: text(block.subarray(157, 257)),
    size,
    // Before POSIX a file had the flag NUL.
    type: flag === "\0" ? "0" : flag,
  };
}

/** A size: octal, or binary with the highest bit set where octal digits do not suffice (GNU). */
function fieldSize(field: Buffer): number | undefined {
  let size = octal(field);
  if (((field[0] ?? 0) & 0x80) !== 0) {
    size = (field[0] ?? 0) & 0x7f;
    for (const byte of field.subarray(1)) size = size * 256 + byte;
  }
  return size !== undefined && Number.isSafeInteger(size) ? size : undefined;
}

function octal(field: Buffer): number | undefined {
  const digits = text(field).trim();
  if (!/^[0-7]*$/.test(digits)) return undefined;
  return digits === "" ? 0 : Number.parseInt(digits, 8);
}

function text(field: Buffer): string {
  const end = field.indexOf(0);
  return field.toString("utf8", 0, end < 0 ? field.length : end);
}

function parseRecord(type: string, record: Buffer, name: string, position: number): Overrides {
  if (type === "L") return { path: text(record) };
  if (type === "K") return { linkpath: text(record) };
  const overrides: Overrides = {};
  for (let start = 0; start < record.length;) {
    const blank = record.indexOf(0x20, start);
    const length = Number(record.toString("latin1", start, Math.max(blank, start)));
    const [, key = "", value = ""] =
      /^([^=]+)=([^]*)\n$/.exec(record.toString("utf8", blank + 1, start + length)) ?? [];
    if (blank < 0 || key === "" || start + length > record.length) {
      throw damaged(name, position, "a PAX record is not valid");
    }
    if (key === "path" || key === "linkpath") overrides[key] = value;
    if (key === "size") {
      if (!/^\d{1,15}$/.test(value)) throw damaged(name, position, "a PAX record has no valid size");
      overrides.size = Number(value);
    }
    start += length;
  }
  return overrides;
}

function normalized(path: string): string {
  return path.replace(/^(\.?\/+)+/, "").replace(/(?<!\/)\/+$/, "");
}

function isZero(block: Buffer): boolean {
  return block.every((byte) => byte === 0);
}

function cutOff(name: string, where: string): ArchiveError {
  return new ArchiveError(`${name} is cut off: it ends ${where}; copy or write it again`);
}

function damaged(name: string, position: number, reason: string): ArchiveError {
  return new ArchiveError(`${name} is damaged at byte ${position}: ${reason}; copy or write it again`);
}
