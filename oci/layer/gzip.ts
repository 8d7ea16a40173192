import { crc32 } from "node:zlib";
import { Deflate, deflateSync } from "fflate";

/**
 * Gzip, and deflate for zip archives, with the same bytes on every machine. Node's zlib is not used to deflate: its output depends on how it was
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
  else writeStored(piece, member, memberHeader.length, true);
  const trailer = new DataView(member.buffer, size - trailerSize);
  trailer.setUint32(0, crc32(piece), true);
  trailer.setUint32(4, piece.length, true);
  return member;
}

/**
 * Deflate blocks for a piece of a stream, none of them the last one, which end on a whole byte: those of the next piece
 * can follow. What does not compress is stored.
 */
export function deflateBlocks(piece: Uint8Array): Uint8Array<ArrayBuffer> {
  if (isWorthDeflating(piece)) {
    const parts: Uint8Array[] = [];
    const stream = new Deflate({ level, mem: memory }, (part) => parts.push(part));
    stream.push(piece);
    stream.flush();
    parts.push(emptyBlock(stream));
    const size = parts.reduce((sum, part) => sum + part.length, 0);
    if (size < storedSize(piece.length)) return concatenate(parts, size);
  }
  const stored = new Uint8Array(storedSize(piece.length));
  writeStored(piece, stored, 0, false);
  return stored;
}

/**
 * A stored block with nothing in it, which takes a stream to the end of a byte. fflate 0.8.3 has that itself, but gets it
 * wrong wherever bits of a byte are pending. Those are in a private field: their number in its lowest three bits, and the
 * byte above.
 */
function emptyBlock(stream: Deflate): Uint8Array {
  const pending = (stream as unknown as { s: { r: number } }).s.r;
  const header = (pending & 7) <= 5 ? [pending >> 3] : [pending >> 3, 0];
  return Uint8Array.of(...header, 0, 0, 0xff, 0xff);
}

/** The end of a stream of {@link deflateBlocks}: a last block with nothing in it (RFC 1951, 3.2.6). */
export const lastDeflateBlock = Uint8Array.of(0x03, 0x00);

/** Deflates a piece; undefined where storing it is as good. */
function deflate(piece: Uint8Array): Uint8Array | undefined {
  if (!isWorthDeflating(piece)) return undefined;
  const deflated = deflateSync(piece, { level, mem: memory });
  return deflated.length < storedSize(piece.length) ? deflated : undefined;
}

function isWorthDeflating(piece: Uint8Array): boolean {
  if (piece.length <= 16 * sampleSlices * sliceSize) return true;
  const sample = sampleOf(piece);
  return deflateSync(sample, { level, mem: sampleMemory }).length <= sample.length * incompressibleRatio;
}

function concatenate(parts: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(size);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
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

/** @param last whether the stream ends with it (RFC 1951, 3.2.3) */
function writeStored(piece: Uint8Array, target: Uint8Array, start: number, last: boolean): void {
  let position = start;
  let offset = 0;
  do {
    const length = Math.min(storedBlockSize, piece.length - offset);
    const final = last && offset + length === piece.length;
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
