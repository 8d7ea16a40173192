/** Bounds of {@link TransferLimiter}. */
export interface TransferLimits {
  /** Blobs on their way to one registry at once. */
  perRegistry: number;
  /** Blobs on their way in all. */
  total: number;
}

/**
 * A registry client has 8 connections to a registry for requests: two stay free for manifests and
 * for asking what is there, so that small requests do not wait for large uploads.
 */
export const defaultTransferLimits: TransferLimits = { perRegistry: 6, total: 16 };

interface Waiting {
  registry: string;
  start: () => void;
}

/**
 * Bounds the blobs in flight, for one registry and for all together. As a blob is streamed through
 * a buffer of fixed size, this bounds the memory too, whatever the sizes of the blobs. One limiter
 * is meant for all mirrors of a process.
 */
export class TransferLimiter {
  private readonly limits: TransferLimits;
  private readonly running = new Map<string, number>();
  private total = 0;
  private waiting: Waiting[] = [];

  constructor(limits: Partial<TransferLimits> = {}) {
    this.limits = { ...defaultTransferLimits, ...limits };
  }

  /**
   * Does the work as soon as there is room for it; who waits longest comes first.
   *
   * @param registry what the narrower bound is for
   * @throws what the work throws, and the reason of the signal
   */
  async use<T>(registry: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (this.hasRoom(registry)) this.take(registry);
    else await new Promise<void>((start) => this.waiting.push({ registry, start }));
    try {
      signal?.throwIfAborted();
      return await work();
    } finally {
      this.release(registry);
    }
  }

  private hasRoom(registry: string): boolean {
    return this.total < this.limits.total && (this.running.get(registry) ?? 0) < this.limits.perRegistry;
  }

  private take(registry: string): void {
    this.total += 1;
    this.running.set(registry, (this.running.get(registry) ?? 0) + 1);
  }

  private release(registry: string): void {
    this.total -= 1;
    const left = (this.running.get(registry) ?? 1) - 1;
    if (left > 0) this.running.set(registry, left);
    else this.running.delete(registry);
    const at = this.waiting.findIndex((waiting) => this.hasRoom(waiting.registry));
    const [next] = at < 0 ? [] : this.waiting.splice(at, 1);
    if (!next) return;
    this.take(next.registry);
    next.start();
  }
}
