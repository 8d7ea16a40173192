import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { rootCertificates } from "node:tls";
import type { Dispatcher } from "undici";
import { defined } from "../../objects/defined";
import { CollectedBytes, collectBytes } from "../collected-bytes";
import { newAgent, request as sendRequest, type AgentOptions } from "./http-agent";
import { lookupElsewhere } from "./lookup-elsewhere";
import { paced, slowestPace, type Pace } from "./pace";
import { proxySettings, type ProxySettings } from "./proxy-settings";
import { isJudgedByAddress, maxRedirects, RedirectError, redirectTarget } from "./redirect";
import { noteSent } from "./sent-bytes";

/** Time to open a connection, TLS included. */
const connectTimeoutMs = 30_000;
/** Time without a response to a complete request, or without progress in sending one. */
export const headersTimeoutMs = 120_000;
/** The same for requests that make a registry move or verify a whole blob before it answers. */
export const commitTimeoutMs = 900_000;
/** Time without a byte of a response's body; who reads it has a rule of its own, see `pace.ts`. */
const bodyTimeoutMs = 120_000;
/** Time that an unused connection is kept open; below the idle limit of common load balancers. */
const keepAliveMs = 30_000;
/** Connections to one host, for requests and again for blob downloads. */
export const defaultConnections = 8;
/** Bytes of an unwanted body that are read to keep a connection; beyond that it is closed. */
const discardLimitBytes = 64 * 1024;

/**
 * Opens the body of a request. It is called again for every try, so that a stream can be sent
 * twice.
 */
export type BodyFactory = () => Readable | Promise<Readable>;

/** One HTTP request. */
export interface HttpRequest {
  method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  url: URL;
  /**
   * Who gave the address, where it is not the user: from elsewhere it must not lead to this
   * machine.
   */
  namedBy?: URL;
  headers?: Readonly<Record<string, string>>;
  /** Bytes, or a factory of streams with their length in bytes. */
  body?: Uint8Array | string | { open: BodyFactory; length: number };
  /** Time without an answer, in milliseconds; {@link headersTimeoutMs} unless given. */
  timeoutMs?: number;
  /**
   * Whether the response is read at the pace of somebody else, e.g. of an upload to the same host.
   * Such responses have connections of their own: if they shared them with uploads, each could wait
   * for the other for ever.
   */
  download?: boolean;
  /**
   * Whether redirects of a GET or HEAD are followed only within the origin: for answers that are
   * believed as they are.
   */
  withinOrigin?: boolean;
  /** Which redirects are followed; another one is the answer. All that may be, unless given. */
  follows?: (target: URL) => boolean;
  signal?: AbortSignal;
}

/** One HTTP response. The body has to be read, discarded or destroyed. */
export class HttpResponse {
  constructor(
    readonly status: number,
    /** Where the response came from: after redirects, not where the request went. */
    readonly url: URL,
    private readonly headers: Readonly<Record<string, string | string[] | undefined>>,
    readonly body: Readable,
    /** Whether the body has nothing, by the method of the request (RFC 9110, 9.3.2). */
    private readonly empty = false,
    private readonly pace: Pace = slowestPace,
  ) {}

  /** The body in chunks. @throws SlowBodyError where it comes too slowly */
  content(): AsyncGenerator<Buffer> {
    return paced(this.body, this.pace);
  }

  /** A header by its lower-case name; several lines are joined by commas. */
  header(name: string): string | undefined {
    const value = this.headers[name];
    return Array.isArray(value) ? value.join(", ") : value;
  }

  /** All lines of a header by its lower-case name. */
  headerLines(name: string): string[] {
    const value = this.headers[name];
    return value === undefined ? [] : Array.isArray(value) ? value : [value];
  }

  /**
   * Reads the whole body.
   *
   * @throws BodyTooLargeError beyond `limitBytes`, SlowBodyError; the connection is closed then.
   */
  async bytes(limitBytes: number): Promise<Buffer> {
    return collectBytes(this.content(), limitBytes, () => new BodyTooLargeError(limitBytes));
  }

  /** Reads the body up to `limitBytes` and drops the rest; a body that breaks off is cut there. */
  async head(limitBytes: number): Promise<Buffer> {
    const collected = new CollectedBytes();
    try {
      for await (const chunk of this.content()) {
        collected.push(chunk.subarray(0, limitBytes - collected.size));
        if (collected.size >= limitBytes) break;
      }
    } catch {
      // The status is known already: a broken body only shortens the explanation.
    }
    return collected.bytes();
  }

  /** Drops the body, so that its connection can be used again. */
  async discard(): Promise<void> {
    if (this.empty) this.body.resume();
    else await this.head(discardLimitBytes);
  }
}

/** A body larger than its reader accepts. */
export class BodyTooLargeError extends Error {
  override readonly name = "BodyTooLargeError";
  constructor(readonly limitBytes: number) {
    super(`the response is larger than ${limitBytes} bytes`);
  }
}

/** How a host is reached. */
export interface HttpTransportOptions {
  /** Certificate authorities in PEM, trusted in addition to the public ones. */
  ca?: string;
  /** Connections to one origin. */
  connections?: number;
  /** How slowly a body may come; {@link slowestPace} unless given. */
  pace?: Pace;
}

/**
 * Reads certificate authorities in PEM from a file.
 * @throws naming the file and what is wrong with it.
 */
export function readCertificateAuthority(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new Error(`certificate authority file ${file} cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
  if (!text.includes("-----BEGIN CERTIFICATE-----")) {
    throw new Error(
      `certificate authority file ${file} has no certificate in PEM ("-----BEGIN CERTIFICATE-----")`,
    );
  }
  return text;
}

/**
 * Sends HTTP requests over connections that are kept and counted: one transport a registry host.
 */
export class HttpTransport {
  private readonly settings: AgentOptions;
  private readonly proxies: ProxySettings | undefined;
  private readonly agents = new Map<string, Promise<Dispatcher>>();

  /** @throws Error for an environment whose proxy is not the address of one */
  constructor(private readonly options: HttpTransportOptions = {}) {
    this.proxies = proxySettings(process.env);
    this.settings = {
      connections: options.connections ?? defaultConnections,
      pipelining: 1,
      keepAliveTimeout: keepAliveMs,
      bodyTimeout: bodyTimeoutMs,
      connect: defined({
        timeout: connectTimeoutMs,
        ca: options.ca === undefined ? undefined : [...rootCertificates, options.ca],
      }),
    };
  }

  /** Connections of one kind, opened by who needs the first of them. */
  private agent(kind: "requests" | "downloads", judged: boolean): Promise<Dispatcher> {
    const key = judged ? `${kind} elsewhere` : kind;
    const known = this.agents.get(key);
    if (known) return known;
    const agent = newAgent(
      judged ? { ...this.settings, lookup: lookupElsewhere } : this.settings,
      this.proxies,
    );
    this.agents.set(key, agent);
    return agent;
  }

  /**
   * Sends one request and follows redirects: all of them for GET and HEAD, for other methods 307
   * and 308 within the origin. `Authorization` is left out as soon as a redirect leaves the origin
   * of the request, and stays out.
   *
   * @throws RedirectError, the errors of the HTTP client, and the reason of the signal.
   */
  async send(request: HttpRequest): Promise<HttpResponse> {
    let { url } = request;
    const { namedBy, url: first } = request;
    const declared = namedBy ?? first;
    let judged = namedBy !== undefined && isJudgedByAddress(first, namedBy, declared);
    let headers: Readonly<Record<string, string>> = request.headers ?? {};
    for (let redirects = 0; ; redirects++) {
      const response = await this.exchange(request, url, headers, judged);
      const target = await nextAddress(response, url, request.follows);
      if (target === undefined) return response;
      if (redirects >= maxRedirects) throw new RedirectError(`more than ${maxRedirects} redirects`);
      if (request.method !== "GET" && request.method !== "HEAD") {
        if (target.origin !== url.origin || (response.status !== 307 && response.status !== 308)) {
          throw new RedirectError(
            `${request.method} was redirected (HTTP ${response.status}) to ${target.origin}, which is not followed`,
            response.status,
          );
        }
      }
      if (target.origin !== url.origin) {
        if (request.withinOrigin) {
          throw new RedirectError(`redirect from ${url.host} to ${target.host} is not followed`);
        }
        headers = withoutAuthorization(headers);
        judged = isJudgedByAddress(target, url, declared);
      }
      url = target;
    }
  }

  /** Closes all connections; requests under way fail. */
  async close(): Promise<void> {
    await Promise.all([...this.agents.values()].map(async (agent) => (await agent).destroy()));
  }

  private async exchange(
    request: HttpRequest,
    url: URL,
    headers: Readonly<Record<string, string>>,
    judged: boolean,
  ): Promise<HttpResponse> {
    request.signal?.throwIfAborted();
    const agent = await this.agent(request.download ? "downloads" : "requests", judged);
    const { body } = request;
    const stream = body !== undefined && typeof body === "object" && "open" in body;
    const content = stream ? await body.open() : body;
    const length = stream ? { "content-length": String(body.length) } : {};
    let response: Dispatcher.ResponseData;
    try {
      response = await sendRequest(agent, url, {
        method: request.method,
        headers: { ...headers, ...length },
        body:
          content === undefined || typeof content === "string" || content instanceof Readable
            ? content
            : Buffer.from(content.buffer, content.byteOffset, content.byteLength),
        headersTimeout: request.timeoutMs ?? headersTimeoutMs,
        signal: request.signal,
        // By default the connection is closed after every HEAD, for servers that send a body with
        // it. Registries do not, and a handshake for each question of an observation would cost
        // more than the question.
        reset: false,
      });
    } catch (error) {
      if (content instanceof Readable) content.destroy();
      throw error;
    }
    noteSent(lengthOf(body));
    // A response can fail before anybody reads it; its reader gets that error, the process must
    // not.
    response.body.on("error", () => undefined);
    return new HttpResponse(
      response.statusCode,
      url,
      response.headers,
      response.body,
      request.method === "HEAD",
      this.options.pace,
    );
  }
}

function lengthOf(body: HttpRequest["body"]): number {
  if (body === undefined) return 0;
  return typeof body === "string" ? Buffer.byteLength(body) : body.length;
}

/**
 * Returns where the request goes on; the answer is dropped then, or where it must not go on.
 * @throws RedirectError
 */
async function nextAddress(
  response: HttpResponse,
  url: URL,
  follows?: (target: URL) => boolean,
): Promise<URL | undefined> {
  const location = response.header("location");
  let target: URL | undefined;
  try {
    if (follows && location !== undefined && URL.canParse(location, url.href)) {
      if (!follows(new URL(location, url))) return undefined;
    }
    target = redirectTarget(response.status, location, url);
  } catch (error) {
    await response.discard();
    throw error;
  }
  if (target !== undefined) await response.discard();
  return target;
}

function withoutAuthorization(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => name.toLowerCase() !== "authorization"),
  );
}
