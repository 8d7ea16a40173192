import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";

/**
 * Content without the compression of gzip, of all of its members. Errors of the source and of
 * `node:zlib` end the reading.
 */
export function gunzip(content: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  return pipeline(content, createGunzip(), () => undefined);
}
