import { createReadStream } from "node:fs";
import { mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { isMissingFile, temporaryName, writeFileAtomically } from "../machine/atomic-file";
import { digestHex } from "./digest";
import { checkDigest } from "./reference";
import { ContentCheck } from "./registry/content-check";
import type { BlobSource, GetBlobOptions, PutBlobOptions } from "./repository";
import { failingWhenRead } from "./transport/failing-when-read";
import type { Descriptor } from "./types";

const readSize = 1024 * 1024;

/**
 * Content by digest in a directory: `sha256/<hex>` (image-spec/image-layout.md, "Blobs"). Files
 * appear complete or not at all.
 */
export class BlobDirectory {
  /** @param name of what the directory belongs to, for messages */
  constructor(
    private readonly directory: string,
    private readonly name: string,
  ) {}

  async create(): Promise<void> {
    await mkdir(join(this.directory, "sha256"), { recursive: true });
  }

  path(digest: string): string {
    return join(this.directory, "sha256", digestHex(checkDigest(digest)));
  }

  /** Size in bytes; undefined where there is no such content. */
  async size(digest: string): Promise<number | undefined> {
    try {
      return (await stat(this.path(digest))).size;
    } catch (error) {
      if (isMissingFile(error)) return undefined;
      throw error;
    }
  }

  /** All of the content, unchecked. */
  async readAll(digest: string): Promise<Buffer> {
    return readFile(this.path(digest));
  }

  /**
   * Streams content; read from its start it is checked, and the stream fails where it is not what
   * it should be.
   */
  read(descriptor: Pick<Descriptor, "digest" | "size">, options: GetBlobOptions = {}): Readable {
    const offset = options.offset ?? 0;
    const file = failingWhenRead(
      createReadStream(this.path(descriptor.digest), {
        start: offset,
        highWaterMark: readSize,
        signal: options.signal,
      }),
    );
    if (offset > 0) return file;
    const check = new ContentCheck(`blob ${descriptor.digest} in ${this.name}`, descriptor);
    return Readable.from(checked(file, check), { objectMode: false, highWaterMark: readSize });
  }

  async writeAll(digest: string, bytes: Uint8Array): Promise<void> {
    await writeFileAtomically(this.path(digest), bytes);
  }

  /**
   * Writes content from a stream.
   *
   * @throws DigestMismatchError where the stream is not what the descriptor says; nothing is kept
   * then.
   */
  async write(
    descriptor: Pick<Descriptor, "digest" | "size">,
    source: BlobSource,
    options: PutBlobOptions,
  ): Promise<void> {
    const path = this.path(descriptor.digest);
    const temporary = temporaryName(path);
    const check = new ContentCheck(`blob ${descriptor.digest} for ${this.name}`, descriptor);
    const content = await source(0);
    try {
      const file = await open(temporary, "wx");
      try {
        let sent = 0;
        for await (const part of checked(content, check)) {
          options.signal?.throwIfAborted();
          await file.writeFile(part);
          sent += part.length;
          options.onProgress?.(sent);
        }
      } finally {
        await file.close();
      }
      await rename(temporary, path);
    } catch (error) {
      content.destroy();
      await rm(temporary, { force: true });
      throw error;
    }
  }

  async remove(digest: string): Promise<void> {
    await rm(this.path(digest), { force: true });
  }
}

async function* checked(content: Readable, check: ContentCheck): AsyncGenerator<Buffer, void, undefined> {
  let position = 0;
  for await (const part of content) {
    const bytes = part as Buffer;
    check.take(position, bytes);
    position += bytes.length;
    yield bytes;
  }
  check.finish();
}
