import { gunzip } from "./gzip-decompression";
import { TarError } from "./tar-blocks";
import { unzstd } from "./zstd-decompression";

/** How much of a content is looked at to tell how it is compressed, in bytes. */
const magicSize = 6;

/**
 * The archive in a layer. Its first bytes decide how it is compressed, as for container engines:
 * media types are wrong often enough.
 *
 * @throws TarError for a compression that engines do not read
 * @throws ZstdError, and errors of `node:zlib` and of the source
 */
export async function* unpacked(
  layer: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const source = layer[Symbol.asyncIterator]();
  try {
    let start = Buffer.alloc(0);
    for (let next = { done: false } as IteratorResult<Uint8Array>; start.length < magicSize && !next.done;) {
      next = await source.next();
      if (!next.done) start = Buffer.concat([start, next.value]);
    }
    yield* decompressed(whole(start, source), start);
  } finally {
    await source.return?.();
  }
}

function decompressed(content: AsyncIterable<Uint8Array>, start: Buffer): AsyncIterable<Uint8Array> {
  if (startsWith(start, [0x1f, 0x8b])) return gunzip(content);
  const isSkippable = startsWith(start.subarray(1), [0x2a, 0x4d, 0x18]) && ((start[0] ?? 0) & 0xf0) === 0x50;
  if (isSkippable || startsWith(start, [0x28, 0xb5, 0x2f, 0xfd])) return unzstd(content);
  const other = [
    { name: "xz", magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0] },
    { name: "bzip2", magic: [0x42, 0x5a, 0x68] },
  ].find(({ magic }) => startsWith(start, magic));
  if (!other) return content;
  throw new TarError(`it is compressed with ${other.name}: gzip, zstd and plain tar are read`);
}

async function* whole(
  start: Uint8Array,
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (start.length > 0) yield start;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

function startsWith(bytes: Buffer, magic: readonly number[]): boolean {
  return magic.every((byte, index) => bytes[index] === byte);
}
