import type { BlobTransfer, PutBlobOptions } from "../repository";
import { untilAborted } from "../../machine/until-aborted";

interface Transfer {
  done: Promise<BlobTransfer>;
  /** The signal that can end it. */
  signal?: AbortSignal;
  listeners: Set<(sentBytes: number) => void>;
}

/**
 * The blob transfers under way, so that the same blob is not sent twice to the same place at the
 * same time.
 */
export class TransferRegister {
  private readonly transfers = new Map<string, Transfer>();

  /**
   * Joins the transfer under way for a key, or starts it. Who joins hears of its progress. If the
   * caller that started it aborts, the next one starts it anew.
   */
  async share(
    key: string,
    options: PutBlobOptions,
    start: (options: PutBlobOptions) => Promise<BlobTransfer>,
  ): Promise<BlobTransfer> {
    const { signal, onProgress } = options;
    for (;;) {
      signal?.throwIfAborted();
      const running = this.transfers.get(key);
      if (!running) return this.begin(key, options, start);
      if (onProgress) running.listeners.add(onProgress);
      try {
        return await untilAborted(running.done, signal);
      } catch (error) {
        if (!running.signal?.aborted || signal?.aborted) throw error;
      }
    }
  }

  private async begin(
    key: string,
    options: PutBlobOptions,
    start: (options: PutBlobOptions) => Promise<BlobTransfer>,
  ): Promise<BlobTransfer> {
    const listeners = new Set(options.onProgress ? [options.onProgress] : []);
    const onProgress = (sentBytes: number) => {
      for (const listener of listeners) listener(sentBytes);
    };
    const done = start({ ...options, onProgress }).finally(() => this.transfers.delete(key));
    this.transfers.set(key, { done, signal: options.signal, listeners });
    return done;
  }
}
