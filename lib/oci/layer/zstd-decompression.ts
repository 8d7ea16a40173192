/**
 * Reads Zstandard as a stream. Node's own reader ends at the end of the first frame, without an
 * error (seen in 22.18 and 24.21, not in 26.10), and layers have many. The package's
 * `decompressChunk` does not say how much of its input it took, so it is given one block at a time,
 * whose content always fits; and it answers 0 where it fails, so what comes out is compared with
 * what each block has to give. It does not tell whether checksums match: the digest of the whole
 * says more.
 *
 * Source: RFC 8878, 3.1, "Frames".
 */

/** RFC 8878, 3.1.1.2.4: no block has more content. */
const maximumBlockSize = 128 * 1024;

const frameMagic = 0xfd2fb528;
/** The lowest four bits are free. */
const skippableMagic = 0x184d2a50;
const dictionaryIdSizes = [0, 1, 2, 4] as const;
const contentSizeSizes = [0, 2, 4, 8] as const;
const blockHeaderSize = 3;
const checksumSize = 4;

/** Content that is not Zstandard, damaged, or cut off. */
export class ZstdError extends Error {
  override readonly name = "ZstdError";
}

/** A decoder with a memory of its own; what is used inside of the package. */
interface Decoder {
  decompressChunk(target: number, targetSize: number, source: number, sourceSize: number): number;
  delete(): void;
}

interface Internals {
  readonly _mainModule: {
    readonly _module: {
      HEAPU8: Uint8Array<ArrayBuffer>;
      _malloc: (size: number) => number;
      _free: (address: number) => void;
    };
  };
  readonly _zstdClass: new () => Decoder;
}

let loading: Promise<Internals> | undefined;

function load(): Promise<Internals> {
  loading ??= import("@hpcc-js/wasm-zstd").then(
    async ({ Zstd: zstd }) => (await zstd.load()) as unknown as Internals,
  );
  return loading;
}

/**
 * The content of a stream of Zstandard frames. Memory holds one block and the window that the
 * stream was written with.
 *
 * @throws ZstdError
 */
export async function* unzstd(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void, undefined> {
  const { _mainModule, _zstdClass } = await load();
  const heap = _mainModule._module;
  const decoder = new _zstdClass();
  const input = heap._malloc(maximumBlockSize + blockHeaderSize);
  const outputSize = 2 * maximumBlockSize;
  const output = heap._malloc(outputSize);
  try {
    for await (const part of frameParts(new ByteReader(source))) {
      heap.HEAPU8.set(part.bytes, input);
      const size = decoder.decompressChunk(output, outputSize, input, part.bytes.length);
      if (part.content === "some" ? size === 0 : size !== part.content) {
        throw new ZstdError("zstd: a block is damaged, or needs more than 128 MiB of memory");
      }
      if (size > 0) yield Buffer.from(heap.HEAPU8.slice(output, output + size));
    }
  } finally {
    heap._free(output);
    heap._free(input);
    decoder.delete();
  }
}

/**
 * A part of a frame, and how much content comes of it, in bytes; that of a compressed block shows
 * when it is read.
 */
interface FramePart {
  readonly bytes: Uint8Array;
  readonly content: number | "some";
}

/** Block types whose content is as long as their header says (RFC 8878, 3.1.1.2.2). */
const rawBlock = 0;
const repeatedBlock = 1;

/** Cuts frames into headers, blocks and checksums; what a decoder is to skip is left out. */
async function* frameParts(reader: ByteReader): AsyncGenerator<FramePart, void, undefined> {
  for (;;) {
    const start = await reader.take(4, "at-end");
    if (!start) return;
    const magic = start.readUInt32LE();
    if ((magic & ~0xf) >>> 0 === skippableMagic) {
      let left = (await reader.need(4)).readUInt32LE();
      for (; left > 0; left -= Math.min(left, maximumBlockSize)) {
        await reader.need(Math.min(left, maximumBlockSize));
      }
      continue;
    }
    if (magic !== frameMagic) throw new ZstdError("zstd: this is not a Zstandard frame");
    const descriptor = await reader.need(1);
    const flags = descriptor[0] ?? 0;
    const singleSegment = (flags & 0x20) !== 0;
    const contentSize = contentSizeSizes[flags >> 6] ?? 0;
    const rest =
      (singleSegment ? 0 : 1) +
      (dictionaryIdSizes[flags & 3] ?? 0) +
      (singleSegment && contentSize === 0 ? 1 : contentSize);
    yield { bytes: Buffer.concat([start, descriptor, await reader.need(rest)]), content: 0 };
    for (let last = false; !last;) {
      const header = await reader.need(blockHeaderSize);
      const value = header.readUIntLE(0, blockHeaderSize);
      last = (value & 1) !== 0;
      const type = (value >> 1) & 3;
      const size = value >> 3;
      if (size > maximumBlockSize) throw new ZstdError("zstd: a block is larger than the format allows");
      const bytes = Buffer.concat([header, await reader.need(type === repeatedBlock ? 1 : size)]);
      yield { bytes, content: type === rawBlock || type === repeatedBlock ? size : "some" };
    }
    if ((flags & 4) !== 0) yield { bytes: await reader.need(checksumSize), content: 0 };
  }
}

/** Takes bytes off a stream in the sizes that are asked for. */
class ByteReader {
  private readonly source: AsyncIterator<Uint8Array>;
  private pending: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.source = source[Symbol.asyncIterator]();
  }

  /** @throws ZstdError where the stream ends before */
  async need(size: number): Promise<Buffer> {
    const bytes = await this.take(size);
    if (!bytes) throw new ZstdError("zstd: the stream is cut off");
    return bytes;
  }

  /** Undefined at the end; with `at-end` an end inside of the bytes is an error. */
  async take(size: number, end?: "at-end"): Promise<Buffer | undefined> {
    while (this.pending.length < size) {
      const next = await this.source.next();
      if (next.done) {
        if (end && this.pending.length > 0) throw new ZstdError("zstd: the stream is cut off");
        return undefined;
      }
      this.pending =
        this.pending.length === 0 ? Buffer.from(next.value) : Buffer.concat([this.pending, next.value]);
    }
    const bytes = this.pending.subarray(0, size);
    this.pending = this.pending.subarray(size);
    return bytes;
  }
}
