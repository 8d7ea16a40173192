import type { Zstd } from "@hpcc-js/wasm-zstd";

/**
 * Zstandard with the same bytes on every machine: the reference implementation compiled to
 * WebAssembly, pinned to one version.
 */

/** The reference implementation's default level. */
const level = 3;

/** Part of the package that is used. Its `compress` copies its result byte by byte, at 15 MB/s. */
interface ZstdInternals {
  readonly _mainModule?: {
    readonly _module?: {
      HEAPU8?: Uint8Array<ArrayBuffer>;
      _malloc?: (size: number) => number;
      _free?: (address: number) => void;
    };
  };
  readonly _zstdClass?: {
    compressBound?: (size: number) => number;
    compress?: (
      target: number,
      targetSize: number,
      source: number,
      sourceSize: number,
      level: number,
    ) => number;
    isError?: (code: number) => number;
    getErrorName?: (code: number) => string;
  };
}

let loading: Promise<(piece: Uint8Array) => Uint8Array<ArrayBuffer>> | undefined;

/**
 * A function that makes a zstd frame of its own for a piece of a stream; frames are simply put one
 * after another (RFC 8878, 3).
 */
export function loadZstd(): Promise<(piece: Uint8Array) => Uint8Array<ArrayBuffer>> {
  loading ??= import("@hpcc-js/wasm-zstd").then(async (zstd) => frameCompressor(await zstd.Zstd.load()));
  return loading;
}

function frameCompressor(zstd: Zstd): (piece: Uint8Array) => Uint8Array<ArrayBuffer> {
  const { _mainModule: { _module: memory } = {}, _zstdClass: codec } = zstd as unknown as ZstdInternals;
  if (
    !memory?.HEAPU8 ||
    !memory._malloc ||
    !memory._free ||
    !codec?.compress ||
    !codec.compressBound ||
    !codec.isError ||
    !codec.getErrorName
  ) {
    throw new Error(
      "@hpcc-js/wasm-zstd is not the version that Slipway was built with: install the one it names",
    );
  }
  const { compress, compressBound, isError, getErrorName } = codec;
  const heap = memory as Required<typeof memory>;
  return (piece) => {
    const bound = compressBound(piece.length);
    const source = heap._malloc(piece.length);
    const target = heap._malloc(bound);
    try {
      // The heap's buffer is another one after it grew: it is looked up after every allocation.
      heap.HEAPU8.set(piece, source);
      const size = compress(target, bound, source, piece.length, level);
      if (isError(size)) throw new Error(`zstd: ${getErrorName(size)}`);
      return heap.HEAPU8.slice(target, target + size);
    } finally {
      heap._free(target);
      heap._free(source);
    }
  };
}
