import { AsyncLocalStorage } from "node:async_hooks";

/** Bytes of request bodies that a piece of work has sent, every try of it. */
export interface SentBytes {
  bytes: number;
}

const counters = new AsyncLocalStorage<SentBytes>();

/** Works, and counts what is sent for it. What several pieces of work share counts for the first of them. */
export function countingSent<T>(counter: SentBytes, work: () => T): T {
  return counters.run(counter, work);
}

/** Counts bytes for the work that is under way. */
export function noteSent(bytes: number): void {
  const counter = counters.getStore();
  if (counter !== undefined) counter.bytes += bytes;
}
