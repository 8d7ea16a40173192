import { parseBoundedJson } from "../oci/bounded-json";
import { HttpTransport, type HttpResponse } from "../oci/transport/http";
import { sendWithRetry, withoutPatience } from "../oci/transport/retry";
import { briefRetryPolicy } from "../oci/transport/retry-policy";
import { WaitBudget } from "../oci/transport/wait-budget";
import { wordsOf } from "../text/answer-words";

/** How much of a service's answer is read, and for how long it is waited for. */
export interface AnswerLimits {
  /** Time for one answer, with the waits that it asks for, in milliseconds. */
  readonly answerMs: number;
  /** Time without a word of the service, in milliseconds. */
  readonly silenceMs: number;
  /** Size of an answer: Homebrew's list of all formulas has some five million bytes. */
  readonly bytes: number;
}

const answerLimits: AnswerLimits = { answerMs: 45_000, silenceMs: 15_000, bytes: 32 * 1024 * 1024 };

/** Bytes of an error that are read. */
const errorBytes = 16 * 1024;

/** A number that a service does not tell, with the reason in words for people. */
export class NotTold extends Error {
  override readonly name = "NotTold";
  constructor(
    message: string,
    readonly status?: number,
  ) {
    super(message);
  }
}

/** Asks services for JSON: read only, in bounded size and time. */
export class JsonService {
  private readonly http = new HttpTransport();

  /** @param agent what it calls itself, e.g. `slipway/1.2.3` */
  constructor(
    private readonly agent: string,
    private readonly limits: AnswerLimits = answerLimits,
  ) {}

  /**
   * Reads a document. Answers come from the host that was asked, or are not believed.
   *
   * @param more further headers; a token goes to that host alone
   * @throws NotTold for every other answer than 200, and for none
   */
  async read(url: URL, more: Readonly<Record<string, string>> = {}): Promise<unknown> {
    const { host } = url;
    const { answerMs, silenceMs, bytes } = this.limits;
    const headers = { accept: "application/json", "user-agent": this.agent, ...more };
    const signal = AbortSignal.timeout(answerMs);
    try {
      const request = {
        method: "GET",
        url,
        headers,
        timeoutMs: silenceMs,
        withinOrigin: true,
        signal,
      } as const;
      const response = await withoutPatience(() =>
        sendWithRetry(this.http, request, briefRetryPolicy, new WaitBudget(briefRetryPolicy)),
      );
      if (response.status !== 200) throw await refusal(host, response);
      return parseBoundedJson(await response.bytes(bytes));
    } catch (error) {
      if (error instanceof NotTold) throw error;
      if (signal.aborted) throw new NotTold(`${host} did not answer within ${answerMs / 1000} s`);
      if (error instanceof SyntaxError) throw new NotTold(`${host} answers with what is not JSON`);
      throw new NotTold(`${host}: ${(error as Error).message}`);
    }
  }

  async close(): Promise<void> {
    await this.http.close();
  }
}

async function refusal(host: string, response: HttpResponse): Promise<NotTold> {
  const { status } = response;
  const words = wordsOf(await response.head(errorBytes));
  const isLimited = status === 429 || (status === 403 && response.header("x-ratelimit-remaining") === "0");
  const until = Number(response.header("x-ratelimit-reset"));
  const when = until > 0 ? ` until ${new Date(until * 1000).toISOString()}` : "";
  const what = isLimited ? `${host} limits requests${when}` : `${host} answers with HTTP ${status}`;
  return new NotTold(words === "" ? what : `${what}: ${words}`, status);
}

/** A field of a JSON object; undefined where there is none. */
export function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

/** A count: neither negative nor a fraction; undefined for what is none. */
export function countOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** The items of a JSON list; none where it is none. */
export function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}
