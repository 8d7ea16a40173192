import { isTemporaryStatus } from "../../oci/errors";
import {
  commitTimeoutMs,
  HttpTransport,
  type HttpRequest,
  type HttpResponse,
} from "../../oci/transport/http";
import { askedWaitMs, isConnectionError, pause, sendWithRetry } from "../../oci/transport/retry";
import { arrivalWaitMs, defaultRetryPolicy, type RetryPolicy } from "../../oci/transport/retry-policy";
import { WaitBudget, type OnWait } from "../../oci/transport/wait-budget";
import { wordsOf } from "../../text/answer-words";
import { parseFeedEntry, type FeedEntry } from "./feed-entry";
import { FeedError } from "./feed-error";

/** Bytes of an answer about one version that are read. */
const entryLimitBytes = 4 * 1024 * 1024;

/** Bytes of an answer to a push that are read. */
const answerLimitBytes = 64 * 1024;

const boundary = "slipway-7c1f6d0ad3c24b5f9b1e";

/** A version that is asked for or pushed. */
export interface PackageVersion {
  readonly id: string;
  readonly version: string;
}

/** What a feed said to a package: it is taken, or its words why it is not yet. */
export type PushOutcome =
  { readonly kind: "taken" } | { readonly kind: "refused"; readonly error: FeedError };

/** How a feed is reached. */
export interface FeedOptions {
  /** Address of the feed, e.g. `https://community.chocolatey.org/api/v2/`. */
  source: URL;
  /** Host that packages are pushed to, or the very address. */
  push: URL;
  apiKey?: string | undefined;
  retry?: RetryPolicy;
  onWait?: OnWait;
  signal?: AbortSignal;
}

/**
 * A feed of NuGet 2: what it lists, and pushes.
 *
 * Source: NuGet.Client, `LegacyFeedRepository` and `PackageUpdateResource`; NuGetGallery, `ApiController`.
 */
export class Feed {
  /** The feed in messages. */
  readonly place: string;
  private readonly transport = new HttpTransport();
  private readonly retry: RetryPolicy;

  constructor(private readonly options: FeedOptions) {
    this.place = options.source.host;
    this.retry = options.retry ?? defaultRetryPolicy;
  }

  async close(): Promise<void> {
    await this.transport.close();
  }

  /** A version as the feed has it; undefined where it shows none. @throws FeedError */
  async find({ id, version }: PackageVersion): Promise<FeedEntry | undefined> {
    const { source, signal, onWait } = this.options;
    const operation = `reading ${id} ${version} at ${this.place}`;
    const url = new URL(`Packages(Id='${id}',Version='${version}')`, withSlash(source));
    const request: HttpRequest = {
      method: "GET",
      url,
      headers: { accept: "application/atom+xml, application/xml", "user-agent": "slipway" },
      withinOrigin: true,
      ...(signal && { signal }),
    };
    let response: HttpResponse;
    try {
      response = await sendWithRetry(this.transport, request, this.retry, new WaitBudget(this.retry, onWait));
    } catch (error) {
      signal?.throwIfAborted();
      throw this.unanswered(operation, error);
    }
    if (response.status === 404) {
      await response.discard();
      return undefined;
    }
    if (response.status !== 200) throw await this.failure(operation, response);
    try {
      return parseFeedEntry((await response.bytes(entryLimitBytes)).toString("utf8"), version);
    } catch (error) {
      throw new FeedError(`${operation}: the answer is not read: ${(error as Error).message}`, undefined, {
        cause: error,
      });
    }
  }

  /**
   * Pushes a package. Where it is unknown what became of a try, the version is looked for before
   * another one.
   *
   * @throws FeedError where no answer came, or none that is final
   */
  async push(pushed: PackageVersion, bytes: Uint8Array): Promise<PushOutcome> {
    const operation = `pushing ${pushed.id} ${pushed.version} to ${this.options.push.host}`;
    const waits = new WaitBudget(this.retry, this.options.onWait);
    const { host } = this.options.push;
    for (let failures = 1; ; failures++) {
      let askedMs: number | undefined;
      let status: number | undefined;
      let error: FeedError;
      try {
        const response = await this.put(bytes);
        ({ status } = response);
        if (status >= 200 && status < 300) {
          await response.discard();
          return { kind: "taken" };
        }
        askedMs = askedWaitMs(response);
        error = await this.failure(operation, response);
      } catch (thrown) {
        this.options.signal?.throwIfAborted();
        if (!isConnectionError(thrown)) throw this.unanswered(operation, thrown);
        error = this.unanswered(operation, thrown);
      }
      if (status !== undefined && !isTemporaryStatus(status)) return { kind: "refused", error };
      if ((await this.find(pushed).catch(() => undefined)) !== undefined) return { kind: "taken" };
      const tried = { host, failures, ...(status !== undefined && { status }) };
      const waitMs =
        failures >= this.retry.attempts
          ? undefined
          : waits.take({ ...tried, ...(askedMs !== undefined && { askedMs }) });
      if (waitMs === undefined) throw error;
      await pause(waitMs, this.options.signal);
    }
  }

  /** A version once the feed shows it; undefined where that takes its time. @throws FeedError */
  async findPushed(pushed: PackageVersion): Promise<FeedEntry | undefined> {
    const start = Date.now();
    for (let looks = 1; ; looks++) {
      const found = await this.find(pushed);
      const waitMs = arrivalWaitMs(this.retry, looks, Date.now() - start);
      if (found !== undefined || waitMs === undefined) return found;
      await pause(waitMs, this.options.signal);
    }
  }

  private put(bytes: Uint8Array): Promise<HttpResponse> {
    const { push, apiKey, signal } = this.options;
    const head =
      `--${boundary}\r\nContent-Disposition: form-data; name="package"; filename="package.nupkg"\r\n` +
      "Content-Type: application/octet-stream\r\n\r\n";
    return this.transport.send({
      method: "PUT",
      url: pushAddress(push),
      headers: {
        "user-agent": "slipway",
        "content-type": `multipart/form-data; boundary="${boundary}"`,
        ...(apiKey !== undefined && { "x-nuget-apikey": apiKey }),
      },
      body: Buffer.concat([Buffer.from(head), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)]),
      // The key is for this host, and for no other.
      follows: (target) => target.origin === push.origin,
      timeoutMs: commitTimeoutMs,
      ...(signal && { signal }),
    });
  }

  private unanswered(operation: string, error: unknown): FeedError {
    const { message, code } = error as NodeJS.ErrnoException;
    const said = [message, code].find(Boolean) ?? "no answer";
    return new FeedError(
      `${operation}: ${said}. Check the address and the network, and run again: what is there is found again`,
      undefined,
      { cause: error },
    );
  }

  private async failure(operation: string, response: HttpResponse): Promise<FeedError> {
    const { status } = response;
    const words = wordsOf(await response.head(answerLimitBytes));
    return new FeedError(`${operation}: HTTP ${status}${words === "" ? "" : ` (${words})`}`, status);
  }
}

/** As NuGet has it: an address without a path is a host, another one takes the packages itself. */
function pushAddress(push: URL): URL {
  return push.pathname === "/" ? new URL("api/v2/package/", push) : push;
}

function withSlash(address: URL): URL {
  return new URL(address.href.replace(/\/*$/, "/"));
}
