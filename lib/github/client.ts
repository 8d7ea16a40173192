import { Readable } from "node:stream";
import { retry } from "@octokit/plugin-retry";
import { throttling } from "@octokit/plugin-throttling";
import { Octokit } from "@octokit/rest";
import { defined } from "../objects/defined";
import { failingWhenRead } from "../oci/transport/failing-when-read";
import { cleanLine } from "../text/terminal";
import { version } from "../../package.json";
import { FinalError, GitHubConnection } from "./connection";
import { GitHubEndpoint } from "./endpoint";
import { GitHubError, type GitHubFieldError } from "./errors";
import { hintFor } from "./hints";
import { formatGitHubRepository, type GitHubRepository } from "./names";

/** How long a client waits where GitHub asks it to. */
export interface Patience {
  /** Longest wait that GitHub can ask for, in milliseconds; beyond it the request fails at once. */
  maxWaitMs: number;
  /** Waits for one request. */
  waits: number;
  /** First wait after a server error, in milliseconds; the n-th is n squared times as long. */
  baseDelayMs: number;
}

const defaultPatience: Patience = { maxWaitMs: 5 * 60_000, waits: 3, baseDelayMs: 1_000 };

/** Tries in all after server errors and broken connections. */
const serverErrorTries = 4;

/** Field errors of one answer that are repeated. */
const shownErrors = 20;

/** How GitHub is reached. */
export interface GitHubClientOptions {
  /** REST endpoint. Default: that of github.com. */
  endpoint?: string;
  /** Without a token only public data can be read. */
  token?: string;
  patience?: Partial<Patience>;
  /**
   * Whether writes are a second apart, as GitHub asks of clients. Default: for services of GitHub's
   * own.
   */
  spaceWrites?: boolean;
  /** Told before a wait that GitHub asked for. */
  onWait?: (message: string) => void;
  signal?: AbortSignal;
}

/** Octokit with retries, rate limits and errors that say what to do. There is one for a run. */
export class GitHubClient {
  readonly endpoint: GitHubEndpoint;
  readonly authenticated: boolean;
  readonly patience: Patience;
  private readonly connection: GitHubConnection;
  private readonly octokit: Octokit;

  constructor(private readonly options: GitHubClientOptions = {}) {
    this.endpoint = new GitHubEndpoint(options.endpoint);
    this.authenticated = options.token !== undefined;
    this.patience = { ...defaultPatience, ...options.patience };
    this.connection = new GitHubConnection(this.endpoint, options.signal);
    const Client = Octokit.plugin(retry, throttling);
    this.octokit = new Client({
      baseUrl: this.endpoint.url,
      userAgent: `slipway/${version}`,
      auth: options.token,
      log: silent,
      request: { fetch: this.connection.fetch },
      retry: {
        // 429 is a rate limit, which the other plugin waits for.
        doNotRetry: [400, 401, 403, 404, 409, 410, 422, 429, 451],
        retries: serverErrorTries - 1,
        retryAfterBaseValue: this.patience.baseDelayMs,
      },
      throttle: {
        id: this.endpoint.url,
        ...((options.spaceWrites ?? this.endpoint.hosted)
          ? {}
          : { write: unspaced, notifications: unspaced }),
        onRateLimit: (seconds, _request, _octokit, waits) => this.agreeToWait("rate limit", seconds, waits),
        onSecondaryRateLimit: (seconds, _request, _octokit, waits) =>
          this.agreeToWait("secondary rate limit", seconds, waits),
      },
    });
  }

  /**
   * Asks GitHub something.
   *
   * @param operation what is done, on which artifact, for the error, e.g.
   * `reading the release v1.0.0 of acme/hello`
   * @param permission what a token needs for it, in words. Default: what writing releases needs
   * @throws GitHubError
   */
  async call<T>(
    operation: string,
    repository: GitHubRepository,
    work: (octokit: Octokit) => Promise<{ data: T }>,
    permission?: string,
  ): Promise<T> {
    try {
      return (await work(this.octokit)).data;
    } catch (error) {
      throw this.describe(operation, repository, error, permission);
    }
  }

  /** The same for a list, with all its pages. @throws GitHubError */
  async list<T>(
    operation: string,
    repository: GitHubRepository,
    work: (octokit: Octokit) => Promise<T[]>,
  ): Promise<T[]> {
    return this.call(operation, repository, async (octokit) => ({ data: await work(octokit) }));
  }

  /**
   * Opens the content of an asset. GitHub redirects to a storage, which does not get the token.
   * @throws GitHubError
   */
  async download(operation: string, repository: GitHubRepository, assetId: number): Promise<Readable> {
    const body = await this.call(operation, repository, (octokit) =>
      octokit.request("GET /repos/{owner}/{repo}/releases/assets/{asset_id}", {
        owner: repository.owner,
        repo: repository.name,
        asset_id: assetId,
        headers: { accept: "application/octet-stream" },
        request: { parseSuccessResponseBody: false },
      }),
    );
    return failingWhenRead(Readable.fromWeb(body as unknown as Parameters<typeof Readable.fromWeb>[0]));
  }

  async close(): Promise<void> {
    await this.connection.close();
  }

  private agreeToWait(what: string, seconds: number, waits: number): boolean {
    if (seconds * 1000 > this.patience.maxWaitMs || waits >= this.patience.waits) return false;
    this.options.onWait?.(`${this.endpoint.host} asks to wait ${seconds} s: its ${what} is used up`);
    return true;
  }

  private describe(
    operation: string,
    repository: GitHubRepository,
    error: unknown,
    permission?: string,
  ): Error {
    if (error instanceof FinalError)
      return new Error(`${operation}: ${error.message}`, { cause: error.cause });
    if (!isRequestError(error)) return error as Error;
    const { request, response } = error;
    const url = new URL(request.url);
    const place = { operation, host: url.host, method: request.method, path: url.pathname };
    if (!response) {
      const cause = error.cause ?? error;
      const hint =
        `${url.host} did not answer in ${serverErrorTries} tries. Run again: what is done is ` + "kept.";
      return new GitHubError({ ...place, cause, hint: request.body === undefined ? hint : undefined });
    }
    const { message: said = "", errors } = bodyOf(response.data);
    const limited = this.limitHint(response.status, said, response.headers);
    const hint =
      limited ??
      hintFor({
        status: response.status,
        method: request.method,
        said,
        errors,
        headers: response.headers,
        authenticated: this.authenticated,
        repository: formatGitHubRepository(repository),
        permission,
      });
    const rateLimited = limited !== undefined;
    return new GitHubError({ ...place, status: response.status, said, errors, hint, rateLimited });
  }

  /** Returns what a rate limit that is not waited for means; undefined where the answer is none. */
  private limitHint(
    status: number,
    said: string,
    headers: Record<string, string | number | undefined>,
  ): string | undefined {
    const secondary = /\bsecondary rate\b/i.test(said);
    if (
      status !== 429 &&
      !(status === 403 && (secondary || String(headers["x-ratelimit-remaining"]) === "0"))
    ) {
      return undefined;
    }
    const asked = Number(headers["retry-after"] ?? NaN);
    const reset = Number(headers["x-ratelimit-reset"] ?? NaN) * 1000;
    const until = Number.isNaN(asked) ? reset : Date.now() + asked * 1000;
    const when = Number.isNaN(until) ? "in a few minutes" : `after ${new Date(until).toISOString()}`;
    const name = secondary ? "secondary rate limit" : "rate limit";
    const more = this.authenticated ? "" : " With a token it is 5000 requests an hour instead of 60.";
    return (
      `The ${name} of ${this.endpoint.host} is used up, for longer than a run waits ` +
      `(${this.patience.waits} times up to ${this.patience.maxWaitMs / 1000} s). Run again ` +
      `${when}: what is there is kept.${more}`
    );
  }
}

/** A limiter of the throttling plugin that lets everything through at once. */
const unspaced = {
  key: () => ({
    schedule: async (_options: unknown, work: () => unknown) => work(),
  }),
} as never;

const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** An error of octokit's, told by its shape: there can be several copies of its class. */
interface RequestError extends Error {
  request: { method: string; url: string; body?: unknown };
  response?: { status: number; headers: Record<string, string | number | undefined>; data: unknown };
}

function isRequestError(error: unknown): error is RequestError {
  return error instanceof Error && "request" in error && typeof error.request === "object";
}

/**
 * GitHub's message and field errors; an answer from somebody else, such as a proxy, has neither.
 */
function bodyOf(data: unknown): { message?: string; errors: GitHubFieldError[] } {
  if (typeof data !== "object" || data === null) return { errors: [] };
  const { message, errors } = data as { message?: unknown; errors?: unknown };
  const list: unknown[] = Array.isArray(errors) ? errors.slice(0, shownErrors) : [];
  return defined({
    message: typeof message === "string" ? cleanLine(message) : undefined,
    errors: list.map(fieldError),
  });
}

function fieldError(entry: unknown): GitHubFieldError {
  if (typeof entry === "string") return { message: cleanLine(entry) };
  if (typeof entry !== "object" || entry === null) return {};
  const fields = entry as Record<string, unknown>;
  const names = ["resource", "field", "code", "message"] as const;
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = fields[name];
      return typeof value === "string" ? [[name, cleanLine(value)]] : [];
    }),
  );
}
