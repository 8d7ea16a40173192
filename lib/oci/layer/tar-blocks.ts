import { tarBlock } from "./tar-header";

/** An archive that is damaged, cut off, or none. */
export class TarError extends Error {
  override readonly name = "TarError";
}

/** Content of an archive, read from its start to its end in pieces of wanted sizes. */
export class TarBlocks {
  private rest: Buffer = Buffer.alloc(0);
  private readonly source: AsyncIterator<Uint8Array>;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.source = source[Symbol.asyncIterator]();
  }

  /** The next block; undefined at the end. @throws TarError where less than a block is left */
  async block(): Promise<Buffer | undefined> {
    const parts: Buffer[] = [];
    let size = 0;
    while (size < tarBlock) {
      const part = await this.some(tarBlock - size);
      if (!part) break;
      parts.push(part);
      size += part.length;
    }
    if (size === 0) return undefined;
    if (size < tarBlock) throw cutOff();
    return parts.length === 1 ? parts[0] : Buffer.concat(parts);
  }

  /** The next bytes, at most so many; undefined at the end. */
  async some(most: number): Promise<Buffer | undefined> {
    while (this.rest.length === 0) {
      const next = await this.source.next();
      if (next.done) return undefined;
      this.rest = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength);
    }
    const part = this.rest.subarray(0, most);
    this.rest = this.rest.subarray(part.length);
    return part;
  }

  /** Passes over what is left, so that the whole is looked at by whoever checks its digest. */
  async drain(): Promise<void> {
    this.rest = Buffer.alloc(0);
    while (!(await this.source.next()).done);
  }

  /** Ends the reading before the end of the source. */
  async close(): Promise<void> {
    await this.source.return?.();
  }
}

/** Content of one entry, with what fills its last block. */
export class TarContent {
  private left: number;
  private padding: number;

  constructor(
    private readonly blocks: TarBlocks,
    size: number,
  ) {
    this.left = size;
    this.padding = (tarBlock - (size % tarBlock)) % tarBlock;
  }

  /** The next bytes, at most so many; undefined at the end of the entry. @throws TarError */
  async some(most: number): Promise<Buffer | undefined> {
    if (this.left === 0) return undefined;
    const part = await this.blocks.some(Math.min(most, this.left));
    if (!part) throw cutOff();
    this.left -= part.length;
    return part;
  }

  /** All that is left, for what is known to be small. @throws TarError */
  async all(): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let part = await this.some(this.left); part; part = await this.some(this.left)) parts.push(part);
    return Buffer.concat(parts);
  }

  /** Passes over what nobody read. Writers may leave out the last filling. @throws TarError */
  async finish(): Promise<void> {
    while (await this.some(this.left));
    while (this.padding > 0) {
      const part = await this.blocks.some(this.padding);
      if (!part) return;
      this.padding -= part.length;
    }
  }
}

function cutOff(): TarError {
  return new TarError("unexpected end of the archive");
}
