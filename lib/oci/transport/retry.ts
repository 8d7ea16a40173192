import { AsyncLocalStorage } from "node:async_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { isTemporaryStatus } from "../errors";
import type { HttpRequest, HttpResponse } from "./http";
import { type RetryPolicy } from "./retry-policy";
import type { WaitBudget } from "./wait-budget";

const connectionErrorCodes: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENETDOWN",
  "ERR_STREAM_PREMATURE_CLOSE",
  "ERR_SLOW_BODY",
  "UND_ERR_SOCKET",
  "UND_ERR_INFO",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_HEADERS_TIMEOUT",
  "UND_ERR_BODY_TIMEOUT",
  "UND_ERR_RES_CONTENT_LENGTH_MISMATCH",
]);

/** A server that is not there: nothing has been sent, and a moment later it is hardly back. */
const unreachableCodes: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENETDOWN",
  "UND_ERR_CONNECT_TIMEOUT",
]);

const impatient = new AsyncLocalStorage<true>();

/** Does work that goes on without an answer: a server that cannot be reached is not tried again. */
export function withoutPatience<T>(work: () => T): T {
  return impatient.run(true, work);
}

/** The system's or the HTTP client's code of an error, looked for in its causes too. */
export function errorCode(error: unknown): string | undefined {
  for (let current = error; current instanceof Error; current = current.cause) {
    const code = (current as NodeJS.ErrnoException).code;
    if (typeof code === "string") return code;
  }
  return undefined;
}

/**
 * Returns whether an error is a connection that could not be made, broke, or fell silent. TLS
 * failures are not.
 */
export function isConnectionError(error: unknown): boolean {
  const code = errorCode(error);
  return code !== undefined && (connectionErrorCodes.has(code) || code.startsWith("HPE_"));
}

/**
 * The wait that a `Retry-After` header asks for, in milliseconds (RFC 9110, 10.2.3: seconds or an
 * HTTP date); undefined where it is missing or cannot be read.
 */
export function retryAfterMs(header: string | undefined, now: number = Date.now()): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  if (!/[a-z]/i.test(text)) return undefined;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/**
 * The wait that an answer asks for, in milliseconds; undefined for none. A date is compared with the
 * server's own clock, where the answer tells that.
 *
 * Docker Hub's API has also had `X-Retry-After`, the second of the Unix epoch from which on it answers
 * (docs.docker.com/reference/api/hub, "Rate Limiting", 2025).
 */
export function askedWaitMs(response: Pick<HttpResponse, "header">): number | undefined {
  const there = Date.parse(response.header("date") ?? "");
  const now = Number.isNaN(there) ? Date.now() : there;
  const asked = retryAfterMs(response.header("retry-after"), now);
  if (asked !== undefined) return asked;
  const second = response.header("x-retry-after")?.trim() ?? "";
  return /^\d{9,11}$/.test(second) ? Math.max(0, Number(second) * 1000 - now) : undefined;
}

/** Waits; the signal ends the wait with its reason. */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { signal });
  } catch (error) {
    throw signal?.aborted ? signal.reason : error;
  }
}

/** Transport of {@link sendWithRetry}. */
export interface Sender {
  send(request: HttpRequest): Promise<HttpResponse>;
}

/**
 * Sends a request until it is answered with a status that is final, or the policy's tries or waits
 * are used up. Returns the last response, whatever its status, and throws the last connection
 * error. Other errors are thrown at once.
 */
export async function sendWithRetry(
  sender: Sender,
  request: HttpRequest,
  policy: RetryPolicy,
  waits: WaitBudget,
): Promise<HttpResponse> {
  for (let failures = 1; ; failures++) {
    const { host } = request.url;
    let waitMs: number | undefined;
    try {
      const response = await sender.send(request);
      const { status } = response;
      if (failures >= policy.attempts || !isTemporaryStatus(status)) return response;
      waitMs = waits.take({ host, failures, status, askedMs: askedWaitMs(response) });
      if (waitMs === undefined) return response;
      await response.discard();
    } catch (error) {
      if (request.signal?.aborted || failures >= policy.attempts || !isConnectionError(error)) throw error;
      if (impatient.getStore() && unreachableCodes.has(errorCode(error) ?? "")) throw error;
      waitMs ??= waits.take({ host, failures });
      if (waitMs === undefined) throw error;
    }
    await pause(waitMs, request.signal);
  }
}
