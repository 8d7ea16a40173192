import { createHash } from "node:crypto";
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
import { PackageIndexError } from "./index-error";
import { acceptedPages, parseIndexPage, type ListedFile } from "./index-page";
import type { IndexRules } from "./index-rules";
import { projectKey } from "./name";
import { otherBytes } from "./release-plan";
import { UploadForm, type UploadedFile } from "./upload-form";

/** Bytes of a page about a project that are read: the largest have some megabytes. */
const pageLimitBytes = 256 * 1024 * 1024;

/** Bytes of an answer to an upload that are read. */
const answerLimitBytes = 64 * 1024;

/** Bytes of a file that is read to know its digest: no index takes more. */
const fileLimitBytes = 8 * 1024 ** 3;

/** User name that goes with a token (docs.pypi.org/api/upload). */
export const tokenUser = "__token__";

/** How an index is reached. */
export interface PackageIndexOptions {
  /** Address of the simple API, e.g. `https://pypi.org/simple`. */
  simple: URL;
  /** Address that files are uploaded to. */
  upload: URL;
  username?: string | undefined;
  /** Token, or password of the user. */
  token?: string | undefined;
  rules: IndexRules;
  retry?: RetryPolicy;
  onWait?: OnWait;
  signal?: AbortSignal;
}

/** An index of Python packages: what it lists, and uploads. */
export class PackageIndex {
  /** The index in messages. */
  readonly place: string;
  private readonly transport = new HttpTransport();
  private readonly retry: RetryPolicy;

  constructor(private readonly options: PackageIndexOptions) {
    this.place = options.simple.host;
    this.retry = options.retry ?? defaultRetryPolicy;
  }

  async close(): Promise<void> {
    await this.transport.close();
  }

  /**
   * Files of a project as the index lists them; none for a project that it does not have.
   *
   * @throws PackageIndexError
   */
  async files(project: string): Promise<ListedFile[]> {
    const { simple } = this.options;
    const url = new URL(`${simple.href.replace(/\/+$/, "")}/${projectKey(project)}/`);
    const operation = `reading ${projectKey(project)} at ${this.place}`;
    const request: HttpRequest = {
      method: "GET",
      url,
      headers: { ...this.headers(url), accept: acceptedPages },
      // One that does not have a project can send to another that does: that is another's project.
      follows: (target) => target.origin === url.origin,
    };
    const response = await this.send(request, operation);
    if (response.status === 404 || response.header("location") !== undefined) {
      await response.discard();
      return [];
    }
    if (response.status !== 200) throw await this.failure(operation, response);
    try {
      const bytes = await response.bytes(pageLimitBytes);
      return parseIndexPage(bytes, response.header("content-type") ?? "", response.url);
    } catch (error) {
      throw new PackageIndexError(
        `${operation}: the answer is not read: ${(error as Error).message}`,
        undefined,
        {
          cause: error,
        },
      );
    }
  }

  /** A listed file with its digest, for which it is read where the index does not say it. */
  async withDigest(file: ListedFile): Promise<ListedFile> {
    if (file.digest !== undefined) return file;
    const operation = `reading ${file.name} at ${this.place}, which lists it without its SHA-256`;
    const { url } = file;
    const response = await this.send(
      { method: "GET", url, headers: this.headers(url), namedBy: this.options.simple, download: true },
      operation,
    );
    if (response.status !== 200) throw await this.failure(operation, response);
    const hash = createHash("sha256");
    let size = 0;
    for await (const piece of response.content()) {
      size += piece.length;
      if (size > fileLimitBytes) throw new PackageIndexError(`${operation}: it has more than 8 GiB`);
      hash.update(piece);
    }
    return { ...file, digest: `sha256:${hash.digest("hex")}` };
  }

  /**
   * Uploads a file. Where it is unknown what became of a try, it is looked for before another one;
   * the very same file in the index is as good as uploaded.
   *
   * @throws PackageIndexError
   */
  async upload(project: string, uploaded: UploadedFile): Promise<void> {
    const { name } = uploaded.file;
    const operation = `uploading ${name} to ${this.options.upload.host}`;
    const waits = new WaitBudget(this.retry, this.options.onWait);
    const { host } = this.options.upload;
    for (let failures = 1; ; failures++) {
      const form = new UploadForm(uploaded);
      let askedMs: number | undefined;
      let status: number | undefined;
      let failure: PackageIndexError;
      try {
        const response = await this.post(form);
        ({ status } = response);
        if (status >= 200 && status < 300) {
          await response.discard();
          if (form.sentDigest === uploaded.digest) return;
          throw new PackageIndexError(
            `${name} changed while it was uploaded: what was sent has the digest ${form.sentDigest}, not ${uploaded.digest}. ` +
              "Look at what the index has now, and run again",
          );
        }
        askedMs = askedWaitMs(response);
        failure = await this.failure(operation, response);
      } catch (error) {
        this.options.signal?.throwIfAborted();
        if (error instanceof PackageIndexError || !isConnectionError(error))
          throw this.unanswered(operation, error);
        failure = this.unanswered(operation, error);
      }
      if (await this.isThere(project, uploaded)) return;
      if (status !== undefined && !isTemporaryStatus(status)) throw this.explained(failure, name);
      const waitMs =
        failures >= this.retry.attempts ? undefined : waits.take(failedTry(host, failures, status, askedMs));
      if (waitMs === undefined) throw failure;
      await pause(waitMs, this.options.signal);
    }
  }

  /**
   * Files of a project once the index lists those of the names; what it lists so far where they do
   * not appear for a while, as behind a cache.
   */
  async filesWith(project: string, names: readonly string[]): Promise<ListedFile[]> {
    const start = Date.now();
    for (let looks = 1; ; looks++) {
      const files = await this.files(project);
      const listed = new Set(files.map(({ name }) => name));
      const waitMs = arrivalWaitMs(this.retry, looks, Date.now() - start);
      if (names.every((name) => listed.has(name)) || waitMs === undefined) return files;
      await pause(waitMs, this.options.signal);
    }
  }

  /** Returns whether the index has the very file. @throws PackageIndexError where it has another */
  private async isThere(project: string, { file: { name }, digest }: UploadedFile): Promise<boolean> {
    const listed = (await this.files(project).catch(() => [])).find((file) => file.name === name);
    if (!listed) return false;
    const there = (await this.withDigest(listed)).digest;
    if (there === digest) return true;
    throw new PackageIndexError(otherBytes(name, this.place, there ?? "", digest));
  }

  private async post(form: UploadForm): Promise<HttpResponse> {
    const { upload, signal } = this.options;
    return this.transport.send({
      method: "POST",
      url: upload,
      headers: { ...this.headers(upload), "content-type": form.contentType },
      body: { open: () => form.open(), length: form.length },
      timeoutMs: commitTimeoutMs,
      ...(signal && { signal }),
    });
  }

  private async send(request: HttpRequest, operation: string): Promise<HttpResponse> {
    const { signal, onWait } = this.options;
    const waits = new WaitBudget(this.retry, onWait);
    try {
      return await sendWithRetry(
        this.transport,
        { ...request, ...(signal && { signal }) },
        this.retry,
        waits,
      );
    } catch (error) {
      signal?.throwIfAborted();
      throw this.unanswered(operation, error);
    }
  }

  /** Credentials go to the host of the uploads, and to no other. */
  private headers(url: URL): Record<string, string> {
    const { upload, username = tokenUser, token } = this.options;
    const common = { "user-agent": "slipway" };
    if (token === undefined || url.origin !== upload.origin) return common;
    const pair = Buffer.from(`${username}:${token}`, "utf8").toString("base64");
    return { ...common, authorization: `Basic ${pair}` };
  }

  private unanswered(operation: string, error: unknown): PackageIndexError {
    if (error instanceof PackageIndexError) return error;
    const { message, code } = error as NodeJS.ErrnoException;
    return new PackageIndexError(
      `${operation}: ${[message, code].find(Boolean) ?? "no answer"}. Check the address and the network, and run again: what is there is found again`,
      undefined,
      { cause: error },
    );
  }

  private async failure(operation: string, response: HttpResponse): Promise<PackageIndexError> {
    const words = wordsOf(await response.head(answerLimitBytes));
    const { status } = response;
    const said = words === "" ? "" : ` (${words})`;
    return new PackageIndexError(`${operation}: HTTP ${status}${said}${this.advice(status)}`, status);
  }

  private advice(status: number): string {
    const { token } = this.options;
    if (status === 401 || (status === 403 && token === undefined)) {
      return token === undefined
        ? '. It wants credentials: give token, e.g. config.requireSecret("pypiToken")'
        : ". The token is not accepted: make a new one there";
    }
    if (status === 403)
      return ". The token is not accepted, or not for this project: look at its scope there";
    return status === 413 ? ". The file is larger than it takes: ask there for a higher limit" : "";
  }

  private explained(failure: PackageIndexError, name: string): PackageIndexError {
    const isTaken =
      failure.status === 409 || /already (?:exists|been used)|file.?name.?reuse/i.test(failure.message);
    if (!isTaken) return failure;
    return new PackageIndexError(
      `${failure.message}. ${this.place} does not list ${name}: it was deleted there, or the list is an old one. ` +
        "Where it was deleted, no file gets its name again: publish a new version",
      failure.status,
    );
  }
}

function failedTry(host: string, failures: number, status: number | undefined, askedMs: number | undefined) {
  return {
    host,
    failures,
    ...(status !== undefined && { status }),
    ...(askedMs !== undefined && { askedMs }),
  };
}
