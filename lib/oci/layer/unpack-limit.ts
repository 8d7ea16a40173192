/**
 * How much may come out of compressed content. Deflate can make a thousand bytes of one, and
 * Zstandard tens of thousands: a download of megabytes could keep a run busy for hours, or fill the
 * disk.
 */
export interface UnpackLimit {
  /**
   * Bytes that may come out of anything, however small: an image of a few disks of zeros, some
   * seconds of work.
   */
  readonly bytes: number;
  /**
   * Bytes that may come out of each compressed byte beyond that; programs and texts have 2 to 20.
   */
  readonly ratio: number;
}

export const unpackLimit: UnpackLimit = { bytes: 4 * 1024 ** 3, ratio: 100 };

/** Content that unpacks to more than it may. The message begins with a verb. */
export class UnpackLimitError extends Error {
  override readonly name = "UnpackLimitError";
}

/** Bytes that may come out of content of this size. */
export function unpackedAtMost(compressedSize: number, { bytes, ratio }: UnpackLimit = unpackLimit): number {
  return Math.max(bytes, compressedSize * ratio);
}

/**
 * Passes unpacked content on as long as it is not too much.
 *
 * @param compressedSize in bytes
 * @throws UnpackLimitError
 */
export async function* unpackedWithin(
  content: AsyncIterable<Uint8Array>,
  compressedSize: number,
  allowed: UnpackLimit = unpackLimit,
): AsyncGenerator<Uint8Array, void, undefined> {
  const limit = unpackedAtMost(compressedSize, allowed);
  let size = 0;
  for await (const chunk of content) {
    size += chunk.length;
    if (size > limit) {
      throw new UnpackLimitError(
        `unpacks to more than ${limit} bytes from ${compressedSize}: no genuine content does that`,
      );
    }
    yield chunk;
  }
}
