import { Readable } from "node:stream";
import type { ReadableStream as WebStream } from "node:stream/web";

/** Content that is not xz, damaged, cut off, or written with what is not read. */
export class XzError extends Error {
  override readonly name = "XzError";
}

/** Codes of XZ Embedded (xz.h, "enum xz_ret"), which end the package's messages. */
const reasons: Readonly<Record<string, string>> = {
  3: "there is not enough memory for its dictionary",
  4: "its dictionary is larger than what is read",
  5: "this is no xz stream",
  6: "it was written with a filter or a check that is not read: only LZMA2 is, with CRC32, CRC64 or none",
  7: "the content is damaged",
  8: "the stream is cut off, or something follows it",
};

/** The package's class, however CommonJS is imported: Node finds no names in its bundle. */
async function loadStream(): Promise<XzStream> {
  const loaded = (await import("xz-decompress")) as Package & { default?: Package };
  return (loaded.default ?? loaded).XzReadableStream;
}

type Package = typeof import("xz-decompress");
type XzStream = Package["XzReadableStream"];

/**
 * The content of one xz stream or several in a row, by XZ Embedded as WebAssembly. Memory holds the
 * dictionary that the stream was written with.
 *
 * @throws XzError
 */
export async function* unxz(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const XzReadableStream = await loadStream();
  const compressed = Readable.toWeb(Readable.from(source)) as WebStream<Uint8Array>;
  const content = new XzReadableStream(compressed);
  try {
    yield* Readable.fromWeb(content) as AsyncIterable<Uint8Array>;
  } catch (error) {
    const code = /error code (\d+)$/.exec((error as Error).message)?.[1];
    if (code === undefined) throw error;
    throw new XzError(`xz: ${reasons[code] ?? "the content is damaged"}`, { cause: error });
  }
}
