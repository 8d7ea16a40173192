import { pause } from "../transport/retry";

/** How long a registry is given to see what it was sent. */
export interface Patience {
  /** First wait, in milliseconds; it doubles with each further one. */
  firstMs: number;
  /** Longest single wait, in milliseconds. */
  longestMs: number;
  /** All waits together, in milliseconds. */
  totalMs: number;
}

/** Registries whose storage is eventually consistent have been seen to take some seconds. */
export const defaultPatience: Patience = { firstMs: 250, longestMs: 8000, totalMs: 30_000 };

/** The waits of one task. */
export class Waits {
  private waited = 0;
  private next: number;

  constructor(
    private readonly patience: Patience,
    private readonly signal?: AbortSignal,
  ) {
    this.next = patience.firstMs;
  }

  /** Whether all the time is used up. */
  get over(): boolean {
    return this.waited >= this.patience.totalMs;
  }

  /** Waits once more. @throws the reason of the signal */
  async wait(): Promise<void> {
    const milliseconds = Math.min(this.next, this.patience.totalMs - this.waited);
    this.next = Math.min(this.next * 2, this.patience.longestMs);
    this.waited += milliseconds;
    await pause(milliseconds, this.signal);
  }
}
