import type { Readable } from "node:stream";

/** How slowly a body may come. */
export interface Pace {
  /** Bytes that have to come in each window; the last ones of a body may be fewer. */
  readonly bytes: number;
  /**
   * Time spent in waiting for them, in milliseconds. Time that the reader takes for itself does not
   * count.
   */
  readonly windowMs: number;
}

/**
 * About 1 KiB a second, which is slower than any line that a registry is used over. A body that
 * falls silent is noticed by the same rule as one that comes a byte at a time and would never end.
 */
export const slowestPace: Pace = { bytes: 64 * 1024, windowMs: 60_000 };

/** A body that comes too slowly. */
export class SlowBodyError extends Error {
  override readonly name = "SlowBodyError";
  readonly code = "ERR_SLOW_BODY";
  constructor({ bytes, windowMs }: Pace) {
    super(`fewer than ${bytes} bytes of the answer came in ${windowMs / 1000} s`);
  }
}

/**
 * The chunks of a body, as long as they come fast enough.
 * @throws SlowBodyError; the body is destroyed then
 */
export async function* paced(body: Readable, pace: Pace = slowestPace): AsyncGenerator<Buffer> {
  const chunks = (body as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  let waitedMs = 0;
  let received = 0;
  try {
    for (;;) {
      const started = performance.now();
      const timer = setTimeout(() => body.destroy(new SlowBodyError(pace)), pace.windowMs - waitedMs);
      let next: IteratorResult<Buffer>;
      try {
        next = await chunks.next();
      } finally {
        clearTimeout(timer);
      }
      if (next.done) return;
      waitedMs += performance.now() - started;
      received += next.value.length;
      if (received >= pace.bytes) waitedMs = received = 0;
      yield next.value;
    }
  } finally {
    await chunks.return?.();
  }
}
