import { compressedPieceSize, type Compression, type PieceCompression } from "./compression";
import { compressionPool } from "./compression-pool";

interface Piece {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly length: number;
}

/**
 * Compresses a stream in pieces, several at a time, and yields them in order. Each piece is
 * compressed on its own, so that the bytes do not depend on the number of threads.
 */
export async function* compressedPieces(
  source: AsyncIterable<Uint8Array>,
  compression: Compression | PieceCompression,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const inFlight: Promise<Uint8Array<ArrayBuffer>>[] = [];
  for await (const { bytes, length } of pieces(source, signal)) {
    if (compression === "none") {
      yield bytes.subarray(0, length);
      continue;
    }
    const result = compressionPool.compress(compression, bytes, length);
    // Awaited later, in order; until then a failure must not count as unhandled.
    result.catch(() => undefined);
    inFlight.push(result);
    // More than there are threads, so that none waits for the next piece to be read.
    if (inFlight.length > 2 * compressionPool.size)
      yield await (inFlight.shift() as Promise<Uint8Array<ArrayBuffer>>);
  }
  for (const result of inFlight) yield await result;
}

/**
 * Cuts a stream into pieces of exactly {@link compressedPieceSize}, the last one smaller; each in
 * its own memory.
 */
async function* pieces(
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Piece, void, undefined> {
  let bytes = compressionPool.takeBuffer();
  let length = 0;
  for await (const part of source) {
    for (let offset = 0; offset < part.length;) {
      const taken = Math.min(part.length - offset, compressedPieceSize - length);
      bytes.set(part.subarray(offset, offset + taken), length);
      length += taken;
      offset += taken;
      if (length === compressedPieceSize) {
        signal?.throwIfAborted();
        yield { bytes, length };
        bytes = compressionPool.takeBuffer();
        length = 0;
      }
    }
  }
  if (length > 0) yield { bytes, length };
}
