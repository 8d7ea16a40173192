import { version as slipway } from "../../../package.json";
import { HttpTransport } from "../../oci/transport/http";
import { sendWithRetry, withoutPatience } from "../../oci/transport/retry";
import type { RetryPolicy } from "../../oci/transport/retry-policy";
import { WaitBudget } from "../../oci/transport/wait-budget";
import { readAnswer, type Answer, type Probe } from "./probe";

/** How long an answer may take, in milliseconds. */
const answerMs = 15_000;

/** Bytes of an answer that are read: the list of a large project at Repology has a megabyte, at anaconda.org several. */
const largestJson = 16 * 1024 * 1024;

/** The same where a pattern is looked for, which may take longer than it is long. */
const largestText = 1024 * 1024;

/** Nobody waits for a catalog as for a registry: two tries, and no longer than it asks for, up to 20 seconds. */
const usualRetry: RetryPolicy = {
  attempts: 2,
  baseDelayMs: 300,
  maxDelayMs: 1_000,
  maxRetryAfterMs: 20_000,
  maxTotalWaitMs: 20_000,
  maxArrivalMs: 0,
};

/** Catalogs, asked for what anybody may read. At most 8 requests to a host are under way. */
export class Catalogs {
  private readonly http = new HttpTransport();

  constructor(private readonly retry: RetryPolicy = usualRetry) {}

  /** What a catalog has. Whatever goes wrong is an answer too. */
  async ask(probe: Probe, signal?: AbortSignal): Promise<Answer> {
    const url = new URL(probe.url);
    const headers = {
      // Repology asks clients to say who they are, and where to complain.
      "user-agent": `slipway/${slipway} (status of releases)`,
      accept: probe.pattern === undefined ? "application/json" : "*/*",
    };
    try {
      const request = {
        method: "GET",
        url,
        headers,
        timeoutMs: answerMs,
        ...(signal && { signal }),
      } as const;
      const answer = await withoutPatience(() =>
        sendWithRetry(this.http, request, this.retry, new WaitBudget(this.retry)),
      );
      if (answer.status === 200)
        return readAnswer(probe, await answer.bytes(probe.pattern === undefined ? largestJson : largestText));
      await answer.discard();
      if (answer.status === 404 || answer.status === 410) return { kind: "absent" };
      return { kind: "unknown", reason: `${url.host} answers with HTTP ${answer.status}` };
    } catch (error) {
      signal?.throwIfAborted();
      return { kind: "unknown", reason: `${url.host}: ${(error as Error).message}` };
    }
  }

  async close(): Promise<void> {
    await this.http.close();
  }
}
