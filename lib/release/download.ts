import { createReadStream } from "node:fs";
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import * as path from "node:path";
import { Readable } from "node:stream";
import { isMissingFile } from "../machine/atomic-file";
import { defined } from "../objects/defined";
import { collectBytes } from "../oci/collected-bytes";
import { DigestMismatchError } from "../oci/errors";
import { fetchPublic } from "../oci/transport/follow-redirects";
import { failingWhenRead } from "../oci/transport/failing-when-read";
import { paced, slowestPace, type Pace } from "../oci/transport/pace";
import { RedirectError } from "../oci/transport/redirect";
import { askedWaitMs, pause } from "../oci/transport/retry";
import { defaultRetryPolicy, type RetryPolicy } from "../oci/transport/retry-policy";
import { WaitBudget, type OnWait } from "../oci/transport/wait-budget";
import { durationText } from "../text/duration";
import { wrongSum } from "./file-sums";

/** A release that could not be read: what, where, what the other side said, and what to do. */
export class DownloadError extends Error {
  override readonly name = "DownloadError";
  constructor(
    message: string,
    /** Whether the other side says that there is no such file. */
    readonly missing = false,
    /** Whether waiting may help. */
    readonly temporary = false,
    options?: ErrorOptions,
    /** What the other side answered, where waiting may help. */
    readonly answer: { readonly status?: number; readonly askedMs?: number | undefined } = {},
  ) {
    super(message, options);
  }
}

/** Time in which an answer has to begin, in milliseconds. */
const answerMilliseconds = 60_000;

/** How much of another project's release is read, and how slowly it may come. */
export interface DownloadLimits {
  /**
   * Largest file that is downloaded, in bytes: GitHub takes no more than 2 GiB, and who serves it
   * could go on for ever.
   */
  readonly fileBytes: number;
  /**
   * Largest sums file or bundle, in bytes: a line has a hundred, and a statement about a file some
   * thousand.
   */
  readonly textBytes: number;
  readonly pace: Pace;
  /** Tries of one file, each of which goes on where the last one broke, and waits between them. */
  readonly retry: RetryPolicy;
}

export const downloadLimits: DownloadLimits = {
  fileBytes: 8 * 1024 ** 3,
  textBytes: 16 * 1024 * 1024,
  pace: slowestPace,
  retry: defaultRetryPolicy,
};

/**
 * Location of a file of a release: below a URL or a folder, as forges and directory releases have
 * it.
 */
export function assetLocation(base: string, tag: string, name: string): string {
  const place = base.replace(/(?<!\/)\/+$/, "");
  const parts = ["releases", "download", tag, name];
  return isUrl(place) ? [place, ...parts.map(encodeURIComponent)].join("/") : path.join(place, ...parts);
}

/** Returns whether a base is a URL; otherwise it is a folder. */
export function isUrl(base: string): boolean {
  return /^https?:\/\//i.test(base);
}

/**
 * A small file of a release, as text.
 *
 * @param onWait gets the longer waits that the host asks for
 * @throws DownloadError
 */
export async function readText(
  location: string,
  signal?: AbortSignal,
  { textBytes, pace, retry }: DownloadLimits = downloadLimits,
  onWait?: OnWait,
): Promise<string> {
  const read = (body: AsyncIterable<Uint8Array>) =>
    collectBytes(body, textBytes, () => new DownloadError(`${location}: more than ${textBytes} bytes`));
  if (!isUrl(location)) return (await read(localBody(location))).toString("utf8");
  return retried(location, retry, signal, onWait, async () => {
    const response = await request(location, 0, signal);
    try {
      return (await read(bodyOf(response, pace))).toString("utf8");
    } catch (error) {
      throw brokenOff(location, error, signal);
    }
  });
}

/**
 * Downloads a file to a path. What an interrupted download left at `path.part` is gone on with; the
 * file appears at its path only once its content is what all digests say.
 *
 * @param digests of SHA-256, SHA-384 or SHA-512, at least one
 * @param accept refuses what it throws for, before the file appears
 * @param onWait gets the longer waits that the host asks for
 * @throws DigestMismatchError where it is not; nothing is kept then
 * @throws DownloadError
 */
export async function downloadFile(
  location: string,
  target: string,
  digests: readonly string[],
  onProgress: (bytes: number) => void,
  signal?: AbortSignal,
  accept?: (file: string) => Promise<void>,
  limits: DownloadLimits = downloadLimits,
  onWait?: OnWait,
): Promise<void> {
  await mkdir(path.dirname(target), { recursive: true });
  const partial = `${target}.part`;
  await retried(location, limits.retry, signal, onWait, async () =>
    transfer(location, partial, onProgress, signal, limits),
  );
  const wrong = await wrongSum(partial, digests);
  if (wrong) {
    await rm(partial, { force: true });
    throw new DigestMismatchError(location, wrong.expected, wrong.actual);
  }
  try {
    await accept?.(partial);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
  await rename(partial, target);
}

async function transfer(
  location: string,
  partial: string,
  onProgress: (bytes: number) => void,
  signal: AbortSignal | undefined,
  { fileBytes, pace }: DownloadLimits,
): Promise<void> {
  const have = (await stat(partial).catch(() => undefined))?.size ?? 0;
  const { body, from }: { body: AsyncIterable<Uint8Array>; from: number } = isUrl(location)
    ? await remoteBody(location, have, signal, pace)
    : { body: localBody(location), from: 0 };
  const file = await open(partial, from === 0 ? "w" : "a");
  try {
    let size = from;
    for await (const chunk of body) {
      signal?.throwIfAborted();
      size += chunk.length;
      if (size > fileBytes) throw new TooLargeError(`${location}: more than ${fileBytes} bytes`);
      await file.writeFile(chunk);
      onProgress(size);
    }
  } catch (error) {
    if (error instanceof TooLargeError) await rm(partial, { force: true });
    throw brokenOff(location, error, signal);
  } finally {
    await file.close();
  }
}

/** A file with more bytes than are taken; what there is of it is of no use. */
class TooLargeError extends DownloadError {}

/** Returns what a body that was not read to its end is told as. */
function brokenOff(location: string, error: unknown, signal: AbortSignal | undefined): Error {
  if (signal?.aborted || error instanceof DownloadError) return error as Error;
  return new DownloadError(`${location}: the connection broke: ${causeText(error)}`, false, true, {
    cause: error,
  });
}

function bodyOf(response: Response, pace: Pace): AsyncIterable<Uint8Array> {
  return response.body ? paced(failingWhenRead(Readable.fromWeb(response.body)), pace) : Readable.from([]);
}

async function* localBody(location: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of createReadStream(location)) yield chunk as Buffer;
  } catch (error) {
    throw notThere(location, error);
  }
}

/**
 * The rest of a file, and where it begins: at 0 where the server gives the whole, at the end where
 * nothing is left.
 */
async function remoteBody(
  location: string,
  have: number,
  signal: AbortSignal | undefined,
  pace: Pace,
): Promise<{ body: AsyncIterable<Uint8Array>; from: number }> {
  const response = await request(location, have, signal);
  if (response.status === 416) return { body: Readable.from([]), from: have };
  const range = /^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "")?.[1];
  const from = response.status === 206 && Number(range) === have ? have : 0;
  if (response.status === 206 && from !== have) {
    await response.body?.cancel();
    return remoteBody(location, 0, signal, pace);
  }
  return { body: bodyOf(response, pace), from };
}

async function request(location: string, from: number, signal: AbortSignal | undefined): Promise<Response> {
  // Compressed on the way it would be another content than what the digest is of.
  const headers: Record<string, string> = { "accept-encoding": "identity" };
  if (from > 0) headers.range = `bytes=${from}-`;
  const begin = new AbortController();
  const timer = setTimeout(() => begin.abort(new Error("no answer in time")), answerMilliseconds);
  let response: Response;
  try {
    response = await fetchPublic(location, {
      headers,
      signal: signal ? AbortSignal.any([signal, begin.signal]) : begin.signal,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    const temporary = !(error instanceof RedirectError);
    throw new DownloadError(`${location}: ${causeText(error)}`, false, temporary, { cause: error });
  } finally {
    clearTimeout(timer);
  }
  if (response.ok || (from > 0 && response.status === 416)) return response;
  await response.body?.cancel();
  throw refusalOf(location, response);
}

/** What an answer that is no file is told as. */
function refusalOf(location: string, { status, headers }: Response): DownloadError {
  const askedMs = waitAskedBy(status, headers);
  const isLimit = status === 429 || askedMs !== undefined;
  const temporary = isLimit || status === 408 || status >= 500;
  const hint =
    status === 404
      ? "there is no such file: check the base, the tag and the name"
      : isLimit
        ? limitHint(location, askedMs)
        : status === 401 || status === 403
          ? "it is not public: release it in a repository that is"
          : "try again later";
  return new DownloadError(
    `GET ${location}: HTTP ${status}; ${hint}`,
    status === 404 || status === 410,
    temporary,
    undefined,
    { status, askedMs },
  );
}

function limitHint(location: string, askedMs: number | undefined): string {
  const asks = askedMs === undefined ? "" : `, and asks to wait ${durationText(askedMs)}`;
  return `${new URL(location).host} limits how often it is asked${asks}: run again after that`;
}

/**
 * The wait that an answer asks for, in milliseconds. A refusal with one is a limit, not the lack of
 * a right; GitHub tells its own by headers of another name.
 */
function waitAskedBy(status: number, headers: Headers): number | undefined {
  if (![403, 408, 429].includes(status) && status < 500) return undefined;
  const asked = askedWaitMs({ header: (name) => headers.get(name) ?? undefined });
  if (asked !== undefined) return asked;
  const reset = headers.get("x-ratelimit-reset") ?? "";
  if (headers.get("x-ratelimit-remaining") !== "0" || !/^\d+$/.test(reset)) return undefined;
  return Math.max(0, Number(reset) * 1000 - Date.now());
}

async function retried<T>(
  location: string,
  policy: RetryPolicy,
  signal: AbortSignal | undefined,
  onWait: OnWait | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const waits = new WaitBudget(policy, onWait);
  for (let failures = 1; ; failures++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof DownloadError) || !error.temporary || failures >= policy.attempts) throw error;
      const { status, askedMs } = error.answer;
      // Tries before the end of a wait that is too long would all be refused.
      if ((askedMs ?? 0) > policy.maxTotalWaitMs) throw error;
      const host = isUrl(location) ? new URL(location).host : location;
      const waitMs = waits.take({ host, failures, ...defined({ status, askedMs }) });
      if (waitMs === undefined) throw error;
      await pause(waitMs, signal);
    }
  }
}

function notThere(location: string, error: unknown): Error {
  if (!isMissingFile(error)) return error as Error;
  return new DownloadError(
    `${location}: there is no such file: check the folder, the tag and the name`,
    true,
  );
}

function causeText(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return (
    [cause, error].map((item) => (item instanceof Error ? item.message : "")).find(Boolean) ?? String(error)
  );
}
