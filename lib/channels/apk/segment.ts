import { crc32, inflateRawSync } from "node:zlib";
import { digestOf } from "../../oci/digest";
import { compressedPieces } from "../../oci/layer/compressed-pieces";
import { lastDeflateBlock } from "../../oci/layer/deflate-blocks";
import type { LayerEntry } from "../../oci/layer/entry";
import { loadGzip, memberHeader, trailerSize } from "../../oci/layer/gzip";
import { tarHeader, tarPadding } from "../../oci/layer/tar-header";

/**
 * Segments of packages and indexes: parts of one tar archive, each of them one gzip member, by whose
 * ends apk tells them apart (apk-tools, doc/apk-v2.5).
 */

/** A segment that does not end the archive, from files that are in memory. */
export async function smallSegment(entries: readonly LayerEntry[], end: Uint8Array = Buffer.alloc(0)) {
  const parts = entries.flatMap((entry) => {
    const bytes = entry.content && "bytes" in entry.content ? entry.content.bytes : Buffer.alloc(0);
    return [tarHeader(entry, 0), bytes, tarPadding(bytes.length)];
  });
  return (await loadGzip())(Buffer.concat([...parts, end]));
}

/** A file of a segment that is in memory. */
export function textEntry(name: string, content: string | Buffer, mode = 0o644): LayerEntry {
  const bytes = Buffer.isBuffer(content) ? content : Buffer.from(content, "utf8");
  return {
    path: `/${name}`,
    type: "file",
    mode,
    uid: 0,
    gid: 0,
    size: bytes.length,
    digest: digestOf(bytes),
    content: { bytes },
  };
}

/** A stream as one gzip member, however long it is. */
export async function* oneMember(
  source: AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  let sum = 0;
  let size = 0;
  async function* measured() {
    for await (const piece of source) {
      sum = crc32(piece, sum);
      size += piece.length;
      yield piece;
    }
  }
  yield memberHeader;
  yield* compressedPieces(measured(), "deflate-blocks", signal);
  yield lastDeflateBlock;
  const trailer = Buffer.alloc(trailerSize);
  trailer.writeUInt32LE(sum, 0);
  // RFC 1952: the size modulo 2^32.
  trailer.writeUInt32LE(size % 2 ** 32, 4);
  yield trailer;
}

/** A gzip member at the start of bytes: its content, and where the next one begins. */
export interface Member {
  readonly content: Buffer;
  readonly end: number;
}

/**
 * The first gzip member of bytes, without optional fields in its header.
 *
 * @param longest most bytes that are unpacked
 * @throws RangeError, or an error of zlib, for what is none
 */
export function firstMember(bytes: Buffer, longest: number): Member {
  const isPlain = bytes.length > memberHeader.length && bytes.readUInt32BE(0) === 0x1f8b0800;
  if (!isPlain) throw new RangeError("is not a gzip member without optional fields");
  // With `info`, what the types do not know, the engine says how much it has read.
  const { buffer, engine } = inflateRawSync(bytes.subarray(memberHeader.length), {
    info: true,
    maxOutputLength: longest,
  }) as unknown as { buffer: Buffer; engine: { bytesWritten: number } };
  return { content: buffer, end: memberHeader.length + engine.bytesWritten + trailerSize };
}
