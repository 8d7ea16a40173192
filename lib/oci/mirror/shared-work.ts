import { untilAborted } from "../../machine/until-aborted";

interface Running<T> {
  done: Promise<T>;
  /** The signal that can end it. */
  signal?: AbortSignal;
}

/** The result for a caller, and whether another caller had it done. */
export interface SharedResult<T> {
  value: T;
  joined: boolean;
}

/** Work that is not done twice at the same time for one key. */
export class SharedWork<T> {
  private readonly running = new Map<string, Running<T>>();

  /**
   * Joins the work under way for a key, or starts it. If the caller that started it gives up, the
   * next one starts it anew.
   */
  async run(key: string, start: () => Promise<T>, signal?: AbortSignal): Promise<SharedResult<T>> {
    for (;;) {
      signal?.throwIfAborted();
      const running = this.running.get(key);
      if (!running) {
        const done = start().finally(() => this.running.delete(key));
        this.running.set(key, { done, signal });
        return { value: await done, joined: false };
      }
      try {
        return { value: await untilAborted(running.done, signal), joined: true };
      } catch (error) {
        if (!running.signal?.aborted || signal?.aborted) throw error;
      }
    }
  }
}
