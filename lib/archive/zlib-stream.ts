/** RFC 1950, 2.2: deflate with a window of 32 KiB, no dictionary. */
const header = Uint8Array.of(0x78, 0x01);

const modulus = 65_521;
/** Most bytes whose sums stay below 2^53 without the modulus. */
const summedAtOnce = 65_536;

/**
 * Content as a zlib stream (RFC 1950).
 *
 * @param deflate deflates to a stream of its own; see `loadDeflate`
 */
export function zlibStream(bytes: Uint8Array, deflate: (bytes: Uint8Array) => Uint8Array): Uint8Array {
  const content = deflate(bytes);
  const stream = new Uint8Array(header.length + content.length + 4);
  stream.set(header);
  stream.set(content, header.length);
  new DataView(stream.buffer).setUint32(header.length + content.length, adler32(bytes));
  return stream;
}

function adler32(bytes: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (let start = 0; start < bytes.length; start += summedAtOnce) {
    for (const byte of bytes.subarray(start, start + summedAtOnce)) {
      a += byte;
      b += a;
    }
    a %= modulus;
    b %= modulus;
  }
  return b * 65_536 + a;
}
