import { createReadStream } from "node:fs";
import { mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import * as path from "node:path";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { isMissingFile } from "../oci/atomic-file";
import { DigestMismatchError } from "../oci/errors";
import { fetchPublic } from "../oci/transport/follow-redirects";
import { RedirectError } from "../oci/transport/redirect";
import { hashFile } from "../oci/layer/file-content";

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
  ) {
    super(message, options);
  }
}

/** Tries of one file; each goes on where the last one broke. */
const attempts = 5;

/** Wait before the second try, in milliseconds; it doubles with each further one. */
const baseDelayMilliseconds = 300;

/** Time in which an answer has to begin, in milliseconds. */
const answerMilliseconds = 60_000;

/** Most bytes of a sums file. */
const largestText = 16 * 1024 * 1024;

/** Location of a file of a release: below a URL or a folder, as forges and directory releases have it. */
export function assetLocation(base: string, tag: string, name: string): string {
  const place = base.replace(/\/+$/, "");
  const parts = ["releases", "download", tag, name];
  return isUrl(place) ? [place, ...parts.map(encodeURIComponent)].join("/") : path.join(place, ...parts);
}

/** Whether a base is a URL; otherwise it is a folder. */
export function isUrl(base: string): boolean {
  return /^https?:\/\//i.test(base);
}

/** A small file of a release, as text. @throws DownloadError */
export async function readText(location: string, signal?: AbortSignal): Promise<string> {
  if (!isUrl(location)) {
    return readFile(location, "utf8").catch((error: unknown) => {
      throw notThere(location, error);
    });
  }
  return retried(signal, async () => {
    const response = await request(location, 0, signal);
    const text = await response.text();
    if (text.length > largestText) throw new DownloadError(`${location}: more than ${largestText} bytes`);
    return text;
  });
}

/**
 * Downloads a file to a path. What an interrupted download left at `path.part` is gone on with; the file appears at its
 * path only once its content is what the digest says.
 *
 * @param accept refuses what it throws for, before the file appears
 * @throws DigestMismatchError where it is not; nothing is kept then
 * @throws DownloadError
 */
export async function downloadFile(
  location: string,
  target: string,
  digest: string,
  onProgress: (bytes: number) => void,
  signal?: AbortSignal,
  accept?: (file: string) => Promise<void>,
): Promise<void> {
  await mkdir(path.dirname(target), { recursive: true });
  const partial = `${target}.part`;
  await retried(signal, async () => transfer(location, partial, onProgress, signal));
  const { digest: actual } = await hashFile(partial);
  if (actual !== digest) {
    await rm(partial, { force: true });
    throw new DigestMismatchError(location, digest, actual);
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
): Promise<void> {
  const have = (await stat(partial).catch(() => undefined))?.size ?? 0;
  const { body, from } = isUrl(location)
    ? await remoteBody(location, have, signal)
    : { body: localBody(location), from: 0 };
  const file = await open(partial, from === 0 ? "w" : "a");
  try {
    let size = from;
    for await (const chunk of body as AsyncIterable<Buffer>) {
      signal?.throwIfAborted();
      await file.writeFile(chunk);
      onProgress((size += chunk.length));
    }
  } catch (error) {
    if (signal?.aborted || error instanceof DownloadError) throw error;
    throw new DownloadError(`${location}: the connection broke: ${causeText(error)}`, false, true, {
      cause: error,
    });
  } finally {
    await file.close();
  }
}

function localBody(location: string): Readable {
  const stream = createReadStream(location);
  return Readable.from(
    (async function* () {
      try {
        for await (const chunk of stream) yield chunk as Buffer;
      } catch (error) {
        throw notThere(location, error);
      }
    })(),
  );
}

/** The rest of a file, and where it begins: at 0 where the server gives the whole, at the end where nothing is left. */
async function remoteBody(
  location: string,
  have: number,
  signal: AbortSignal | undefined,
): Promise<{ body: Readable; from: number }> {
  const response = await request(location, have, signal);
  if (response.status === 416) return { body: Readable.from([]), from: have };
  const range = /^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "")?.[1];
  const from = response.status === 206 && Number(range) === have ? have : 0;
  if (response.status === 206 && from !== have) return remoteBody(location, 0, signal);
  const body = response.body;
  return { body: body ? Readable.fromWeb(body) : Readable.from([]), from };
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
  const { status } = response;
  const temporary = status === 408 || status === 429 || status >= 500;
  const hint =
    status === 404
      ? "there is no such file: check the base, the tag and the name"
      : status === 401 || status === 403
        ? "it is not public: release it in a repository that is"
        : "try again later";
  throw new DownloadError(
    `GET ${location}: HTTP ${status}; ${hint}`,
    status === 404 || status === 410,
    temporary,
  );
}

async function retried<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof DownloadError) || !error.temporary || attempt >= attempts) throw error;
      await sleep(baseDelayMilliseconds * 2 ** (attempt - 1), undefined, { signal });
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
