import type { Readable } from "node:stream";

/**
 * Returns a stream whose failure waits for its reader. Between opening a stream and its first read
 * there may be other work, and one that fails meanwhile with nobody listening would end the process;
 * who reads it later is still told.
 */
export function failingWhenRead<T extends Readable>(stream: T): T {
  return stream.on("error", () => undefined);
}
