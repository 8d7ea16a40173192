/** How often and how long a request that may succeed later is tried. */
export interface RetryPolicy {
  /** Tries in all, the first included. */
  attempts: number;
  /** Wait before the second try, in milliseconds; it doubles with each further one. */
  baseDelayMs: number;
  /** Longest wait of our own choosing, in milliseconds. */
  maxDelayMs: number;
  /** Longest wait that a server's `Retry-After` can ask for, in milliseconds. */
  maxRetryAfterMs: number;
  /**
   * Longest time that one operation waits in all, over its tries and its requests, in milliseconds.
   */
  maxTotalWaitMs: number;
  /**
   * How long after it was put content is waited for that the registry does not show, in
   * milliseconds.
   */
  maxArrivalMs: number;
}

/**
 * Five tries over about 8 seconds; a server may ask for up to a minute between two. Five minutes in
 * all are more than the rate limits by the minute that registries have, and less than anybody takes
 * for a run that hangs.
 */
export const defaultRetryPolicy: RetryPolicy = {
  attempts: 5,
  baseDelayMs: 500,
  maxDelayMs: 30_000,
  maxRetryAfterMs: 60_000,
  maxTotalWaitMs: 300_000,
  maxArrivalMs: 10_000,
};

/** For what is only looked at, such as a status: nobody waits for that as for a release. Two tries. */
export const briefRetryPolicy: RetryPolicy = {
  attempts: 2,
  baseDelayMs: 300,
  maxDelayMs: 1_000,
  maxRetryAfterMs: 20_000,
  maxTotalWaitMs: 30_000,
  maxArrivalMs: 0,
};

/** First wait for content that was put and is not shown yet, in milliseconds; it doubles. */
const firstArrivalWaitMs = 100;
/** Longest single wait for such content, in milliseconds. */
const longestArrivalWaitMs = 2_000;

/**
 * The wait before content is looked for again that was put and is not shown yet, in milliseconds;
 * undefined where it has been waited for enough.
 *
 * @param looks that have failed so far, from 1
 * @param ageMs time since it was put
 */
export function arrivalWaitMs(policy: RetryPolicy, looks: number, ageMs: number): number | undefined {
  const leftMs = policy.maxArrivalMs - ageMs;
  if (leftMs <= 0) return undefined;
  return Math.min(firstArrivalWaitMs * 2 ** (looks - 1), longestArrivalWaitMs, leftMs);
}

/**
 * The wait before the next try, in milliseconds: exponential with jitter (between half and the whole
 * of the step, so that clients that failed together do not return together), and at least what the
 * server asked for, up to the cap. A server that asks for no wait, or for a time that has passed,
 * gets the same as one that does not ask: the next tries at once would only be refused as well.
 *
 * @param failures tries that have failed so far, from 1
 */
export function backOffMs(
  policy: RetryPolicy,
  failures: number,
  askedMs?: number,
  random: () => number = Math.random,
): number {
  const step = Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** (failures - 1));
  const own = Math.round(step / 2 + (random() * step) / 2);
  return Math.max(own, Math.min(askedMs ?? 0, policy.maxRetryAfterMs));
}
