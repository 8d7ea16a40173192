import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { measureJson } from "../oci/bounded-json";
import { commitTimeoutMs, HttpTransport, type HttpRequest, type HttpResponse } from "../oci/transport/http";
import type { GitHubEndpoint } from "./endpoint";

/** Bytes of a JSON answer that are read; a page of a hundred releases with long notes is below. */
const jsonLimitBytes = 32 * 1024 * 1024;

/** Bytes of answers that are kept for when the same is asked again, all together. */
const keptBytes = 16 * 1024 * 1024;

/** Bytes of a file that are read at once. */
const pieceBytes = 256 * 1024;

/**
 * An error that no second try cures. The octokit plugins try everything again but what is called
 * so.
 */
export class FinalError extends Error {
  override readonly name = "AbortError";
}

/**
 * A file as the body of a request: opened again for every try, so that memory does not grow with
 * its size.
 */
export class FileBody {
  private hash = createHash("sha256");

  /** @param length size in bytes; @param onSent told the bytes sent so far */
  constructor(
    readonly file: string,
    readonly length: number,
    private readonly onSent: (bytes: number) => void = () => undefined,
  ) {}

  /** SHA-256 of what the last try sent, whole or not. */
  get sentDigest(): string {
    // The answer can be here before the stream has noticed its end.
    return `sha256:${this.hash.copy().digest("hex")}`;
  }

  open(): Readable {
    return Readable.from(this.pieces(), { objectMode: false });
  }

  private async *pieces(): AsyncGenerator<Buffer> {
    const hash = createHash("sha256");
    this.hash = hash;
    let sent = 0;
    const pieces = createReadStream(this.file, { highWaterMark: pieceBytes });
    for await (const piece of pieces as AsyncIterable<Buffer>) {
      hash.update(piece);
      yield piece;
      sent += piece.length;
      this.onSent(sent);
    }
  }
}

/** Options that octokit passes to `fetch`. */
interface FetchInit {
  method: string;
  headers: Record<string, string>;
  body?: string | FileBody;
  signal?: AbortSignal;
}

/**
 * `fetch` for octokit, on connections of our own: the token goes to hosts of the endpoint only and
 * is left out of redirects to others, files are streamed with their length, and what was read
 * before is asked for by its ETag, which GitHub does not count as a request.
 */
export class GitHubConnection {
  private readonly transport = new HttpTransport();
  private readonly known = new Map<string, { etag: string; text: string; headers: Headers }>();

  private kept = 0;

  constructor(
    private readonly endpoint: GitHubEndpoint,
    private readonly signal?: AbortSignal,
  ) {}

  readonly fetch = async (url: string, init: FetchInit): Promise<Response> => {
    const target = new URL(url);
    // With a token or without: a page of a list can name any host as that of the next one.
    if (!this.endpoint.trusts(target)) {
      throw new FinalError(
        `${target.host} is not asked: it is not a host of the endpoint ${this.endpoint.url}, and the token goes to no other`,
      );
    }
    const download = init.headers.accept?.includes("application/octet-stream") === true;
    const cached = init.method === "GET" && !download ? this.known.get(url) : undefined;
    const response = await this.send({
      method: init.method as HttpRequest["method"],
      url: target,
      headers: cached ? { ...init.headers, "if-none-match": cached.etag } : init.headers,
      body: bodyOf(init.body),
      timeoutMs: init.body instanceof FileBody ? commitTimeoutMs : undefined,
      download,
      // What an API answers is believed; the bytes of an asset have a digest, and are kept on hosts
      // of their own.
      withinOrigin: !download,
      signal: init.signal ?? this.signal,
    });
    const headers = headersOf(response);
    if (download && response.status === 200) {
      return new Response(Readable.toWeb(Readable.from(response.content())) as ReadableStream, {
        status: 200,
        headers,
      });
    }
    const bytes = await response.bytes(jsonLimitBytes);
    try {
      measureJson(bytes);
    } catch (error) {
      throw new FinalError(`the answer of ${target.host} is not read: it is ${(error as Error).message}`);
    }
    const text = bytes.toString("utf8");
    if (response.status === 304 && cached) {
      return new Response(cached.text, { status: 200, headers: cached.headers });
    }
    const etag = headers.get("etag");
    const keeps = init.method === "GET" && response.status === 200 && etag !== null && !download;
    if (keeps && this.kept + text.length <= keptBytes) {
      this.kept += text.length - (this.known.get(url)?.text.length ?? 0);
      this.known.set(url, { etag, text, headers });
    }
    const bodyless = response.status === 204 || response.status === 304;
    return new Response(bodyless ? null : text, { status: response.status, headers });
  };

  async close(): Promise<void> {
    await this.transport.close();
  }

  private async send(request: HttpRequest): Promise<HttpResponse> {
    try {
      return await this.transport.send(request);
    } catch (error) {
      const { message, name } = error as Error;
      if (request.signal?.aborted) throw new FinalError("canceled");
      if (name === "RedirectError") {
        throw new FinalError(
          `${message}. A repository that was renamed or moved is declared under its new name`,
        );
      }
      throw error;
    }
  }
}

function bodyOf(body: string | FileBody | undefined): HttpRequest["body"] {
  return body instanceof FileBody ? { open: () => body.open(), length: body.length } : body;
}

function headersOf(response: HttpResponse): Headers {
  const names = [
    "content-type",
    "etag",
    "github-authentication-token-expiration",
    "link",
    "location",
    "retry-after",
    "x-accepted-github-permissions",
    "x-github-request-id",
    "x-github-sso",
    "x-oauth-scopes",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
  ];
  return new Headers(
    names.flatMap((name): [string, string][] => {
      const value = response.header(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
