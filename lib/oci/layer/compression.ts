import { MediaType } from "../media-types";

/** How a layer is compressed. */
export type Compression = "gzip" | "zstd" | "none";

/** Every compression, the default first. */
export const compressions: readonly Compression[] = ["gzip", "zstd", "none"];

/** Media type of a layer by its compression (image-spec/media-types.md). */
export const layerMediaTypes: Readonly<Record<Compression, string>> = {
  gzip: MediaType.ociLayerGzip,
  zstd: MediaType.ociLayerZstd,
  none: MediaType.ociLayerTar,
};

/**
 * Bytes of the archive that are compressed on their own, so that several threads can work on one
 * layer.
 */
export const compressedPieceSize = 1024 * 1024;

/**
 * How a piece is compressed: as one of a layer, or for a zip archive, as a whole deflate stream or
 * as blocks that others follow.
 */
export type PieceCompression = Exclude<Compression, "none"> | "deflate" | "deflate-blocks";

/**
 * Request to a compression worker. The piece's memory goes with the request, and comes back with
 * the answer.
 */
export interface CompressionRequest {
  readonly id: number;
  readonly compression: PieceCompression;
  readonly memory: ArrayBuffer;
  /** Bytes of the memory that are the piece, from its start. */
  readonly length: number;
}

/** Answer of a compression worker. */
export type CompressionAnswer =
  | { readonly id: number; readonly memory: ArrayBuffer; readonly compressed: Uint8Array<ArrayBuffer> }
  | { readonly id: number; readonly memory: ArrayBuffer; readonly failure: string };
