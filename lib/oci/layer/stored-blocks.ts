/**
 * Content that does not compress: how it is told without compressing it, and how deflate holds it
 * as it is.
 */

/** How a deflater is used by {@link deflatedOrStored}. */
export interface Deflater {
  /** Deflates the content. */
  readonly deflate: (content: Uint8Array) => Uint8Array<ArrayBuffer>;
  /** The same for a small sample, quickly: only the size counts. */
  readonly sample: (sample: Uint8Array) => Uint8Array;
  /** Whether the stream ends with the content (RFC 1951, 3.2.3). */
  readonly last: boolean;
}

/** The content deflated, or as stored blocks where that is as good. */
export function deflatedOrStored(
  content: Uint8Array,
  { deflate, sample, last }: Deflater,
): Uint8Array<ArrayBuffer> {
  const storedBytes = storedSize(content.length);
  if (isWorthDeflating(content, sample)) {
    const deflated = deflate(content);
    if (deflated.length < storedBytes) return deflated;
  }
  const stored = new Uint8Array(storedBytes);
  writeStored(content, stored, last);
  return stored;
}

/**
 * What decides whether a piece is worth deflating: this many slices of it, evenly spread, of this
 * many bytes.
 */
const sampleSlices = 4;
const sliceSize = 4 * 1024;

/** A sample that shrinks to no less than this share of itself is taken for incompressible. */
const incompressibleRatio = 0.97;

/** Most bytes in one stored block (RFC 1951, 3.2.4). */
const storedBlockSize = 65_535;

/** Returns whether a piece is likely to become smaller. */
function isWorthDeflating(piece: Uint8Array, deflate: (sample: Uint8Array) => Uint8Array): boolean {
  if (piece.length <= 16 * sampleSlices * sliceSize) return true;
  const sample = sampleOf(piece);
  return deflate(sample).length <= sample.length * incompressibleRatio;
}

function sampleOf(piece: Uint8Array): Uint8Array {
  const sample = new Uint8Array(sampleSlices * sliceSize);
  for (let slice = 0; slice < sampleSlices; slice++) {
    const start = Math.floor(piece.length / sampleSlices) * slice;
    sample.set(piece.subarray(start, start + sliceSize), slice * sliceSize);
  }
  return sample;
}

/** Bytes of `length` bytes of content in stored blocks. */
function storedSize(length: number): number {
  return length + 5 * Math.max(1, Math.ceil(length / storedBlockSize));
}

/**
 * Writes a piece as stored blocks.
 *
 * @param last whether the stream ends with it (RFC 1951, 3.2.3)
 */
function writeStored(piece: Uint8Array, target: Uint8Array, last: boolean): void {
  let position = 0;
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
