import { durationText } from "../../text/duration";
import { backOffMs, type RetryPolicy } from "./retry-policy";

/**
 * Waits of this length and more are told, in milliseconds: shorter ones are over before anybody has
 * read of them.
 */
const toldFromMs = 5_000;

/**
 * Gets the longer waits of a client before they begin.
 *
 * @param host that is asked again after the wait, `host[:port]`
 * @param reason in words that follow "it", e.g. `answered HTTP 429 and asks for 30 s`
 */
export type OnWait = (host: string, milliseconds: number, reason: string) => void;

/** Consequence of a failed try for the next one. */
export interface FailedTry {
  host: string;
  /** Tries that have failed so far, from 1. */
  failures: number;
  /** Status of the answer, if there was one. */
  status?: number;
  /** Wait that the server asked for, in milliseconds. */
  askedMs?: number;
}

/**
 * The time that one operation may spend on waiting, over all of its requests, those for tokens
 * included.
 */
export class WaitBudget {
  private leftMs: number;

  constructor(
    private readonly policy: RetryPolicy,
    private readonly onWait?: OnWait,
  ) {
    this.leftMs = policy.maxTotalWaitMs;
  }

  /**
   * The wait before the next try, in milliseconds; undefined where the operation has waited enough.
   */
  take({ host, failures, status, askedMs }: FailedTry): number | undefined {
    const waitMs = backOffMs(this.policy, failures, askedMs);
    if (waitMs > this.leftMs) return undefined;
    this.leftMs -= waitMs;
    if (waitMs >= toldFromMs) {
      const answered = status === undefined ? "did not answer" : `answered HTTP ${status}`;
      const asks = (askedMs ?? 0) >= 1000 ? ` and asks for ${durationText(askedMs ?? 0)}` : "";
      this.onWait?.(host, waitMs, `${answered}${asks}`);
    }
    return waitMs;
  }
}
