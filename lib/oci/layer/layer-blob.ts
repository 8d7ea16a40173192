import { createHash } from "node:crypto";
import { open, type FileHandle } from "node:fs/promises";
import { compressedPieces } from "./compressed-pieces";
import type { Compression } from "./compression";
import type { LayerEntry } from "./entry";
import { tarStream } from "./tar";

/** The assembled layer. */
export interface WrittenLayer {
  /** Digest of the layer as it is stored. */
  readonly digest: string;
  /** Size as it is stored, in bytes. */
  readonly size: number;
  /** Digest of the archive before compression (image-spec/config.md, "Layer DiffID"). */
  readonly diffId: string;
}

/** How a layer is written. */
export interface WriteLayerOptions {
  readonly compression: Compression;
  /** Modification time of every entry, in seconds since 1970; default 0. */
  readonly mtimeSeconds?: number;
  readonly signal?: AbortSignal;
}

/**
 * Writes a layer to a new file, in one pass: archive, digest of it, compression, digest again.
 * Memory holds a few pieces of 1 MiB, however large the layer is.
 *
 * @throws DigestMismatchError where a source changed after it was hashed; the file is left as it
 * then is.
 */
export async function writeLayer(
  path: string,
  entries: readonly LayerEntry[],
  options: WriteLayerOptions,
): Promise<WrittenLayer> {
  const file = await open(path, "wx");
  try {
    const diffIdHash = createHash("sha256");
    const archive = hashed(tarStream(entries, options.mtimeSeconds), (bytes) => diffIdHash.update(bytes));
    const output = new LayerOutput(file, options.compression !== "none");
    for await (const piece of compressedPieces(archive, options.compression, options.signal))
      await output.write(piece);
    const { digest, size } = await output.finish();
    const diffId = `sha256:${diffIdHash.digest("hex")}`;
    return { digest: digest ?? diffId, size, diffId };
  } finally {
    await file.close();
  }
}

async function* hashed(
  source: AsyncIterable<Buffer>,
  update: (bytes: Buffer) => void,
): AsyncGenerator<Buffer, void, undefined> {
  for await (const bytes of source) {
    update(bytes);
    yield bytes;
  }
}

/** Writes to a file, one write at a time, and hashes what is written meanwhile. */
class LayerOutput {
  private readonly hash;
  private size = 0;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly file: FileHandle,
    hashing: boolean,
  ) {
    this.hash = hashing ? createHash("sha256") : undefined;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.hash?.update(bytes);
    this.size += bytes.length;
    await this.writing;
    this.writing = this.writeAll(bytes);
    this.writing.catch(() => undefined);
  }

  async finish(): Promise<{ digest?: string; size: number }> {
    await this.writing;
    return { digest: this.hash && `sha256:${this.hash.digest("hex")}`, size: this.size };
  }

  private async writeAll(bytes: Uint8Array): Promise<void> {
    for (let offset = 0; offset < bytes.length;) {
      const { bytesWritten } = await this.file.write(bytes, offset);
      offset += bytesWritten;
    }
  }
}
