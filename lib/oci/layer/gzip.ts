import { crc32 } from "node:zlib";
import { loadDeflate } from "./deflate";

/** RFC 1952, 2.3: deflate, no flags, no time, no extra flags, unknown operating system. */
export const memberHeader = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff);

/** Bytes after the content of a member: its sum and its size. */
export const trailerSize = 8;

/**
 * A function that makes a gzip member of its own for a piece of a stream; members are simply put
 * one after another (RFC 1952, 2.2). What does not compress is stored.
 */
export async function loadGzip(): Promise<(piece: Uint8Array) => Uint8Array<ArrayBuffer>> {
  const deflate = await loadDeflate();
  return (piece) => {
    const content = deflate(piece);
    const size = memberHeader.length + content.length + trailerSize;
    const member = new Uint8Array(size);
    member.set(memberHeader);
    member.set(content, memberHeader.length);
    const trailer = new DataView(member.buffer, size - trailerSize);
    trailer.setUint32(0, crc32(piece), true);
    trailer.setUint32(4, piece.length, true);
    return member;
  };
}
