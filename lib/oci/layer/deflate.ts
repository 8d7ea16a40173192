import { deflatedOrStored } from "./stored-blocks";

/**
 * Deflate with the same bytes on every machine. Node's zlib is not used: its output depends on how
 * it was built and on the CPU. libdeflate is the C library of that name compiled to WebAssembly,
 * pinned to one version.
 */

/** Level 6, libdeflate's default, takes a tenth longer, for half a per cent of size. */
const level = 5;

const sampleLevel = 1;

let loading: Promise<(content: Uint8Array) => Uint8Array<ArrayBuffer>> | undefined;

/**
 * A function that deflates content to a stream of its own (RFC 1951). What does not compress is
 * stored.
 */
export function loadDeflate(): Promise<(content: Uint8Array) => Uint8Array<ArrayBuffer>> {
  loading ??= import("libdeflate").then(({ deflate }) => {
    const deflater = {
      deflate: (bytes: Uint8Array) => deflate(bytes, level) as Uint8Array<ArrayBuffer>,
      sample: (bytes: Uint8Array) => deflate(bytes, sampleLevel),
      last: true,
    };
    return (content) => deflatedOrStored(content, deflater);
  });
  return loading;
}
