import { open, type FileHandle } from "node:fs/promises";
import { Readable } from "node:stream";
import { isMissingFile } from "../../machine/atomic-file";
import { CollectedBytes } from "../collected-bytes";
import { digestOf } from "../digest";
import { fileStamp, readSize, sameStamp, type FileStamp } from "../layer/file-content";
import { ContentCheck } from "../registry/content-check";
import type { GetBlobOptions } from "../repository";
import type { Descriptor } from "../types";
import { ArchiveError } from "./archive-error";
import { blobPath, maximumIndexSize, type LayoutFiles } from "./layout-reader";
import { readTarDirectory, type TarDirectory, type TarEntry } from "./tar-directory";

/** An open archive and what is in it. */
interface OpenedArchive {
  handle: FileHandle;
  directory: TarDirectory;
}

/**
 * The files in a tar archive, read in place. Where they are is read once for every version of the
 * archive; a file that is replaced while it is used is read as it is then. Nothing stays open
 * between reads.
 */
export class ArchiveFile implements LayoutFiles {
  private known: { stamp: FileStamp; directory: TarDirectory } | undefined;

  /** @param name of the archive, for messages */
  constructor(
    readonly path: string,
    private readonly name: string,
  ) {}

  async exists(): Promise<boolean> {
    const opened = await this.open();
    await opened?.handle.close();
    return opened !== undefined;
  }

  async size(path: string): Promise<number | undefined> {
    const opened = await this.open();
    await opened?.handle.close();
    return opened?.directory.get(path)?.size;
  }

  async readAll(path: string): Promise<Buffer | undefined> {
    const opened = await this.open();
    const entry = opened?.directory.get(path);
    try {
      if (!opened || !entry) return undefined;
      if (entry.size > maximumIndexSize) {
        throw new ArchiveError(`${this.name} is damaged: ${path} has more than ${maximumIndexSize} bytes`);
      }
      const collected = new CollectedBytes(entry.size);
      for await (const part of rangeOf(opened.handle, entry, 0)) collected.push(part);
      return collected.bytes();
    } finally {
      await opened?.handle.close();
    }
  }

  /**
   * Returns what tells this version of the archive from another: the digest of `index.json`; null
   * where there is no archive.
   */
  async identity(): Promise<string | null> {
    if (!(await this.exists())) return null;
    return digestOf((await this.readAll("index.json")) ?? "");
  }

  /**
   * Streams a blob; read from its start it is checked, and the stream fails where it is not what it
   * should be.
   */
  readBlob(descriptor: Pick<Descriptor, "digest" | "size">, options: GetBlobOptions = {}): Readable {
    const content = this.blobContent(descriptor, options.offset ?? 0);
    return Readable.from(content, { objectMode: false, highWaterMark: readSize, signal: options.signal });
  }

  private async *blobContent(
    descriptor: Pick<Descriptor, "digest" | "size">,
    offset: number,
  ): AsyncGenerator<Buffer, void, undefined> {
    const artifact = `blob ${descriptor.digest} in ${this.name}`;
    const check = offset > 0 ? undefined : new ContentCheck(artifact, descriptor);
    const opened = await this.open();
    const entry = opened?.directory.get(blobPath(descriptor.digest));
    try {
      if (!opened || !entry)
        throw new ArchiveError(`${artifact} is gone: the archive was replaced meanwhile`);
      let position = 0;
      for await (const part of rangeOf(opened.handle, entry, offset)) {
        check?.take(position, part);
        position += part.length;
        yield part;
      }
      check?.finish();
    } finally {
      await opened?.handle.close();
    }
  }

  private async open(): Promise<OpenedArchive | undefined> {
    let handle: FileHandle;
    try {
      handle = await open(this.path, "r");
    } catch (error) {
      if (isMissingFile(error)) return undefined;
      throw error;
    }
    try {
      return { handle, directory: await this.directoryOf(handle) };
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  private async directoryOf(handle: FileHandle): Promise<TarDirectory> {
    const stat = await handle.stat({ bigint: true });
    if (!stat.isFile()) {
      throw new ArchiveError(
        `${this.name} is not a file; a directory with an image layout is written "oci-layout:PATH"`,
      );
    }
    const stamp = fileStamp(stat);
    if (this.known && sameStamp(this.known.stamp, stamp)) return this.known.directory;
    const directory = await readTarDirectory(handle, stamp.size, this.name);
    this.known = { stamp, directory };
    return directory;
  }
}

/**
 * The bytes of an entry from an offset in it, the next ones read while the last are in use. The
 * handle stays open.
 */
async function* rangeOf(
  handle: FileHandle,
  entry: TarEntry,
  offset: number,
): AsyncGenerator<Buffer, void, undefined> {
  const end = entry.offset + entry.size;
  const read = async (position: number): Promise<Buffer> => {
    const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(readSize, end - position)));
    if (buffer.length === 0) return buffer;
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, position);
    return buffer.subarray(0, bytesRead);
  };
  let position = entry.offset + offset;
  let next = read(position);
  try {
    for (;;) {
      const part = await next;
      if (part.length === 0) return;
      position += part.length;
      next = read(position);
      // A failure shows when the part is asked for.
      next.catch(() => undefined);
      yield part;
    }
  } finally {
    await next.catch(() => undefined);
  }
}
