import type { RetryPolicy } from "../oci/transport/retry-policy";

/** How long an answer may take, in milliseconds. */
export const answerMs = 15_000;

/** Nobody waits for a status as for a release: two tries. */
export const statusRetry: RetryPolicy = {
  attempts: 2,
  baseDelayMs: 300,
  maxDelayMs: 1_000,
  maxRetryAfterMs: 20_000,
  maxTotalWaitMs: 30_000,
  maxArrivalMs: 0,
};
