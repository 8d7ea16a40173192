/**
 * Puts chunks together in one piece of memory that grows with them. A list of chunks would keep the
 * memory that each is a part of, and an object for each: a server that sends single bytes could
 * fill a hundred times what it sends.
 */
export class CollectedBytes {
  private memory: Buffer = Buffer.alloc(0);
  private length = 0;

  /**
   * @param expected bytes in all, where that is known and bounded: memory for them is taken at once
   */
  constructor(expected = 0) {
    if (expected > 0) this.memory = Buffer.allocUnsafe(expected);
  }

  get size(): number {
    return this.length;
  }

  push(chunk: Uint8Array): void {
    const end = this.length + chunk.length;
    if (end > this.memory.length) {
      const larger = Buffer.allocUnsafe(
        Math.max(end, Math.min(2 * this.memory.length, end + 16 * 1024 * 1024)),
      );
      this.memory.copy(larger, 0, 0, this.length);
      this.memory = larger;
    }
    this.memory.set(chunk, this.length);
    this.length = end;
  }

  /** Returns what was pushed. */
  bytes(): Buffer {
    return this.memory.subarray(0, this.length);
  }
}

/**
 * All bytes of a stream.
 * @throws what `tooMany` makes of a stream with more than the limit, as soon as it has more
 */
export async function collectBytes(
  stream: AsyncIterable<Uint8Array>,
  limitBytes: number,
  tooMany: () => Error,
): Promise<Buffer> {
  const collected = new CollectedBytes();
  for await (const chunk of stream) {
    if (collected.size + chunk.length > limitBytes) throw tooMany();
    collected.push(chunk);
  }
  return collected.bytes();
}
