import { Readable } from "node:stream";
import type { BlobSource } from "../repository";
import type { ContentCheck } from "./content-check";

interface OpenedSource {
  stream: Readable;
  iterator: AsyncIterator<Buffer>;
  /** Bytes that were read and not yet handed out. */
  rest: Buffer;
  /** Offset of the first byte of `rest`. */
  offset: number;
}

/**
 * Hands out a blob's source in pieces, each the body of one request. As long as pieces follow one
 * another, the source is opened once; after an interruption it is opened again at the byte where
 * the registry goes on.
 */
export class SourceCursor {
  /** An error of the source itself, as opposed to the connection. */
  failure?: Error;
  private opened?: OpenedSource;
  /**
   * Whether a piece was begun and not read to its end, so that the position of the source is not
   * certain.
   */
  private unfinished = false;

  constructor(
    private readonly source: BlobSource,
    private readonly size: number,
    private readonly check: ContentCheck,
  ) {}

  /**
   * A stream of the bytes from `offset` on. The last byte of the blob leaves only after the content
   * was found to be what its digest and size say; otherwise the stream fails, and so does its
   * request.
   *
   * @param onBytes called with the offset after the bytes that were handed out
   */
  piece(offset: number, length: number, onBytes?: (end: number) => void): Readable {
    return Readable.from(this.read(offset, length, onBytes), { objectMode: false });
  }

  /** Closes the source; the next piece opens it again. */
  close(): void {
    this.opened?.stream.destroy();
    this.opened = undefined;
  }

  private async *read(
    offset: number,
    length: number,
    onBytes?: (end: number) => void,
  ): AsyncGenerator<Buffer> {
    let opened: OpenedSource;
    try {
      opened = await this.open(offset);
    } catch (error) {
      throw this.fail(error, this.opened);
    }
    const end = offset + length;
    if (this.size === 0) await this.finish(opened);
    while (opened.offset < end) {
      const start = opened.offset;
      const bytes = await this.next(opened, end - start);
      if (bytes === undefined) break;
      if (start + bytes.length === this.size) await this.finish(opened);
      yield bytes;
      onBytes?.(start + bytes.length);
    }
    if (opened.offset < end) this.finishShort(opened);
    if (this.opened === opened) this.unfinished = false;
  }

  private async open(offset: number): Promise<OpenedSource> {
    if (this.opened?.offset === offset && !this.unfinished) {
      this.unfinished = true;
      return this.opened;
    }
    this.close();
    this.unfinished = true;
    const stream = await this.source(offset);
    // A source that is closed between two pieces must not end the process with its error.
    stream.on("error", () => undefined);
    this.opened = { stream, iterator: chunksOf(stream), rest: Buffer.alloc(0), offset };
    return this.opened;
  }

  private async next(opened: OpenedSource, limit: number): Promise<Buffer | undefined> {
    try {
      while (opened.rest.length === 0) {
        const next = await opened.iterator.next();
        if (next.done) return undefined;
        this.check.take(opened.offset, next.value);
        opened.rest = next.value;
      }
    } catch (error) {
      throw this.fail(error, opened);
    }
    const bytes = opened.rest.subarray(0, limit);
    opened.rest = opened.rest.subarray(bytes.length);
    opened.offset += bytes.length;
    return bytes;
  }

  private async finish(opened: OpenedSource): Promise<void> {
    try {
      for (;;) {
        const next = await opened.iterator.next();
        if (next.done) break;
        this.check.take(opened.offset, next.value);
      }
      this.check.finish();
    } catch (error) {
      throw this.fail(error, opened);
    }
  }

  private finishShort(opened: OpenedSource): never {
    try {
      this.check.finish();
    } catch (error) {
      throw this.fail(error, opened);
    }
    throw this.fail(new RangeError("the source ended before its piece did"), opened);
  }

  private fail(error: unknown, opened: OpenedSource | undefined): Error {
    const failure = error instanceof Error ? error : new Error(String(error));
    // A source that was closed after an interruption fails too; that is the connection's fault, not
    // its own.
    if (this.opened === opened) this.failure ??= failure;
    return failure;
  }
}

async function* chunksOf(stream: Readable): AsyncGenerator<Buffer> {
  for await (const chunk of stream as AsyncIterable<Buffer | string>) {
    yield typeof chunk === "string" ? Buffer.from(chunk) : chunk;
  }
}
