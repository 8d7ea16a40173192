import * as zlib from "node:zlib";
import { deflateSync } from "fflate";

/**
 * Gzip with the same bytes on every machine. Node's zlib is not used to deflate: its output depends on how it was
 * built and on the CPU. fflate is plain JavaScript, pinned to one version.
 */

/** Level 4 costs 1 % of size against level 6 and is a third faster. */
const level = 4;

/** Size of fflate's hash table; left out, it would be computed with floating-point logarithms. */
const memory = 6;

/** What decides whether a piece is worth deflating: this many slices of it, evenly spread, of this many bytes. */
const sampleSlices = 4;
const sliceSize = 4 * 1024;
const sampleMemory = 0;

/** A sample that shrinks to no less than this share of itself is taken for incompressible. */
const incompressibleRatio = 0.97;

/** Most bytes in one stored block (RFC 1951, 3.2.4). */
const storedBlockSize = 65_535;

/** RFC 1952, 2.3: deflate, no flags, no time, no extra flags, unknown operating system. */
const memberHeader = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff);

const trailerSize = 8;

/**
 * A gzip member of its own for a piece of a stream; members are simply put one after another (RFC 1952, 2.2). What
 * does not compress is stored.
 */
export function gzipMember(piece: Uint8Array): Uint8Array<ArrayBuffer> {
  const deflated = deflate(piece);
  const size = memberHeader.length + (deflated?.length ?? storedSize(piece.length)) + trailerSize;
  const member = new Uint8Array(size);
  member.set(memberHeader);
  if (deflated) member.set(deflated, memberHeader.length);
  else writeStored(piece, member, memberHeader.length);
  const trailer = new DataView(member.buffer, size - trailerSize);
  trailer.setUint32(0, crc32(piece), true);
  trailer.setUint32(4, piece.length, true);
  return member;
}

/** Deflates a piece; undefined where storing it is as good. */
function deflate(piece: Uint8Array): Uint8Array | undefined {
  if (piece.length > 16 * sampleSlices * sliceSize) {
    const sample = sampleOf(piece);
    const shrunk = deflateSync(sample, { level, mem: sampleMemory });
    if (shrunk.length > sample.length * incompressibleRatio) return undefined;
  }
  const deflated = deflateSync(piece, { level, mem: memory });
  return deflated.length < storedSize(piece.length) ? deflated : undefined;
}

function sampleOf(piece: Uint8Array): Uint8Array {
  const sample = new Uint8Array(sampleSlices * sliceSize);
  for (let slice = 0; slice < sampleSlices; slice++) {
    const start = Math.floor(piece.length / sampleSlices) * slice;
    sample.set(piece.subarray(start, start + sliceSize), slice * sliceSize);
  }
  return sample;
}

function storedSize(length: number): number {
  return length + 5 * Math.max(1, Math.ceil(length / storedBlockSize));
}

function writeStored(piece: Uint8Array, target: Uint8Array, start: number): void {
  let position = start;
  let offset = 0;
  do {
    const length = Math.min(storedBlockSize, piece.length - offset);
    const final = offset + length === piece.length;
    target[position] = final ? 1 : 0;
    target[position + 1] = length & 0xff;
    target[position + 2] = length >>> 8;
    target[position + 3] = ~length & 0xff;
    target[position + 4] = (~length >>> 8) & 0xff;
    target.set(piece.subarray(offset, offset + length), position + 5);
    position += 5 + length;
    offset += length;
  } while (offset < piece.length);
}

/** CRC-32 of RFC 1952, 8. Node has it from 20.15 and 22.2 on. */
export const crc32: (bytes: Uint8Array) => number = zlib.crc32 ?? tableCrc32;

let table: Uint32Array | undefined;

/** The same, for a Node without it. */
export function tableCrc32(bytes: Uint8Array): number {
  table ??= Uint32Array.from({ length: 256 }, (_, index) => {
    let value = index;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    return value;
  });
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (table[(crc ^ byte) & 0xff] ?? 0);
  return ~crc >>> 0;
}
