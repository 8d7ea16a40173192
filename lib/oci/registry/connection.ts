import { Readable } from "node:stream";
import { isRefusal, RegistryError } from "../errors";
import { apiHost } from "../reference";
import { Authenticator } from "../transport/auth";
import { parseChallenges } from "../transport/challenge";
import { RegistryCredentials, type Credentials } from "../transport/credentials";
import { describeFailure } from "../transport/failure";
import {
  BodyTooLargeError,
  HttpResponse,
  HttpTransport,
  readCertificateAuthority,
  type HttpRequest,
} from "../transport/http";
import { arrivalWaitMs, defaultRetryPolicy, type RetryPolicy } from "../transport/retry-policy";
import { isConnectionError, pause, sendWithRetry } from "../transport/retry";
import { leavesSafety } from "../transport/redirect";
import { knock } from "../transport/knock";
import { proxySettings } from "../transport/proxy-settings";
import { pullScope, type Scope } from "../transport/scope";
import {
  defaultUploadSizes,
  settingsOfHost,
  usesPlainHttp,
  type RegistryClientOptions,
  type UploadSizes,
} from "./options";
import { WaitBudget, type OnWait } from "../transport/wait-budget";
import { RecentPushes } from "./recent-pushes";
import { RefusedReads, type RefusalMeaning } from "./refused-reads";
import { SinglePost } from "./single-post";
import type { WarningRelay } from "./warnings";
import { definedValues } from "../../objects/defined";
import type { RegistryKind } from "../../registry-kinds/kind";
import { kindOfAnswer, kindOfHost } from "../../registry-kinds/kinds";

/** Content of a repository that a request asks for, puts or removes. */
export interface RequestedContent {
  /** Path of the repository. */
  path: string;
  /** Tags and digests; none for a list. */
  references: readonly string[];
}

/** A request to the distribution API of one registry. */
export interface RegistryRequest {
  /** Operation, artifact and place; starts every error message. */
  operation: string;
  method: HttpRequest["method"];
  /** Path with query below the registry's origin, or the URL that the registry gave. */
  target: string | URL;
  /** Permission that the token must have. */
  scopes: readonly Scope[];
  /** Statuses that are an answer; all others are thrown. */
  expect: readonly number[];
  headers?: Readonly<Record<string, string>>;
  body?: HttpRequest["body"];
  timeoutMs?: number;
  download?: boolean;
  /** Whether temporary failures are retried here; true unless given. */
  retry?: boolean;
  /** Which redirects are followed; another one is the answer. All that may be, unless given. */
  follows?: (target: URL) => boolean;
  /**
   * Waits of the operation that the request is part of; it is an operation of its own unless given.
   */
  waits?: WaitBudget;
  /**
   * The content that it is about: what this run has put is waited for where the registry does not
   * show it yet, and a refusal to read it can mean that it is not there.
   */
  content?: RequestedContent;
  signal?: AbortSignal;
}

/** What is known of a registry's referrers API, once known. */
export interface ReferrersApiFacts {
  /** Whether there is one. */
  present?: boolean;
  /** Whether it lists what is pushed: some answer 200 with an empty list for ever. */
  lists?: boolean;
  /** The look whether the first referrer of this run is listed. */
  proof?: Promise<boolean>;
}

/** Whether a registry sets several tags by one request, once known. */
export interface ManyTagsFacts {
  taken?: boolean;
  /** Whether it has been asked. */
  isTried?: boolean;
}

/** A response, with where and how it was asked for. */
interface Asked {
  response: HttpResponse;
  url: URL;
  authorization: string | undefined;
}

/** An answer that has been read to its end. */
export interface RegistryAnswer {
  response: HttpResponse;
  bytes: Buffer;
}

/** With the wait after so many looks, content has been waited for more than a second: it is told. */
const toldArrivalLook = 4;

/** The way to one registry: its address, credentials, connections, retries and errors. */
export class RegistryConnection {
  /** Where the distribution API is. */
  readonly origin: URL;
  readonly retry: RetryPolicy;
  readonly uploadSizes: UploadSizes;
  readonly pageSize?: number;
  readonly referrersApi: ReferrersApiFacts = {};
  readonly singlePost = new SinglePost();
  readonly manyTags: ManyTagsFacts = {};
  /** The credentials for a repository, by its path. */
  readonly credentialsOf: (path: string) => Promise<Credentials | undefined>;
  private readonly transport: HttpTransport;
  private readonly authenticator: Authenticator;
  private readonly userAgent: string;
  private readonly uploadHosts: readonly string[];
  private readonly onWait: OnWait | undefined;
  private readonly pushes: RecentPushes;
  private readonly refusedReads: RefusedReads;
  private rootChallenge?: Promise<readonly string[]>;
  private known: RegistryKind | undefined;

  /**
   * @param registry host as the user writes it
   * @param tagsOf lists the tags of a repository, by its path
   * @throws Error for a certificate authority that cannot be read
   */
  constructor(
    readonly registry: string,
    options: RegistryClientOptions,
    private readonly warnings: WarningRelay,
    tagsOf: (connection: RegistryConnection, path: string) => Promise<string[]>,
  ) {
    const own = (options.credentials ?? []).filter(({ host }) => apiHost(host) === apiHost(registry));
    const settings = settingsOfHost(registry, own);
    const ca =
      settings?.ca ??
      (settings?.caFile === undefined ? undefined : readCertificateAuthority(settings.caFile));
    this.origin = new URL(`${usesPlainHttp(registry, settings) ? "http" : "https"}://${apiHost(registry)}/`);
    this.known = kindOfHost(registry);
    this.retry = { ...defaultRetryPolicy, ...options.retry };
    this.uploadSizes = { ...defaultUploadSizes, ...options.upload };
    this.pageSize = options.pageSize;
    this.uploadHosts = (settings?.uploadHosts ?? []).map(
      (host) => new URL(`${this.origin.protocol}//${host}/`).host,
    );
    this.onWait = options.onWait;
    this.pushes = options.pushes ?? new RecentPushes();
    this.refusedReads = new RefusedReads(
      registry,
      {
        tags: (path) => tagsOf(this, path),
        takesCredentials: (path) => this.takesCredentials(path),
      },
      options.onAssumed,
    );
    this.userAgent = options.userAgent ?? "slipway";
    this.transport = new HttpTransport({ ca, connections: options.concurrency, pace: options.pace });
    let credentials: RegistryCredentials | undefined;
    // What others know of the host is asked when the registry wants to know who it is.
    const found = () =>
      (credentials ??= new RegistryCredentials(
        registry,
        [...own, options.credentialsOf?.(registry) ?? []].flat(),
      ));
    this.authenticator = new Authenticator({
      registry,
      origin: this.origin,
      sender: this.transport,
      retry: this.retry,
      tokenHosts: settings?.tokenHosts,
      onSecret: options.onSecret,
      credentials: (path) => this.credentialsOf(path),
      kind: () => this.known,
    });
    this.credentialsOf = (path) => (options.anonymous ? Promise.resolve(undefined) : found().of(path));
  }

  /**
   * Opens a connection and closes it again; behind a proxy it says nothing of the registry, and is
   * left out.
   *
   * @throws RegistryError where there is nobody, or no answer in time
   */
  async reach(limitMs: number): Promise<void> {
    const proxies = proxySettings(process.env);
    const isHttp = this.origin.protocol === "http:";
    if (proxies !== undefined && (isHttp ? proxies.httpProxy : proxies.httpsProxy) !== undefined) return;
    try {
      await knock(this.origin, limitMs);
    } catch (cause) {
      const url = new URL("/v2/", this.origin);
      const request = { operation: "opening a connection", registry: this.registry, method: "GET", url };
      throw await describeFailure(request, { cause });
    }
  }

  /** What the registry is, by its host, or by what it has said of itself so far. */
  get kind(): RegistryKind | undefined {
    return this.known;
  }

  /** The waits of an operation that begins. */
  waits(): WaitBudget {
    return new WaitBudget(this.retry, this.onWait);
  }

  /**
   * Sends a request: signed as the registry asks, tried again where that may help, the token
   * renewed once after a 401. Returns a response with one of the expected statuses, its body unread.
   * What was put a moment ago is waited for, and a refusal that means that something is not there is
   * a 404.
   *
   * @throws RegistryError, CredentialsError, the reason of the signal
   */
  async exchange(request: RegistryRequest): Promise<HttpResponse> {
    const waits = request.waits ?? this.waits();
    for (let looks = 1; ; looks++) {
      const asked = await this.ask(request, waits);
      const { response, url, authorization } = asked;
      if (response.status === 404 && isRead(request)) {
        const waitMs = this.arrivalWaitMs(request.content, looks);
        if (waitMs !== undefined) {
          await response.discard();
          await pause(waitMs, request.signal);
          continue;
        }
      }
      this.note(request, response.status);
      if (request.expect.includes(response.status)) return response;
      const meaning = await this.meaning(request, asked);
      if (meaning && request.expect.includes(404)) {
        await response.discard();
        return new HttpResponse(404, url, {}, Readable.from([]), true);
      }
      throw await this.failure(
        { ...request, absent: meaning === "absent" },
        url,
        { response },
        authorization,
      );
    }
  }

  /** Notes content that the registry says it has taken beside what a request was about. */
  notePut({ path, references }: RequestedContent): void {
    this.pushes.note(this.placeOf(path), references);
  }

  /** Returns whether this run has put content so lately that it may not be shown yet. */
  wasJustPut({ path, references }: RequestedContent): boolean {
    return (this.pushes.ageMs(this.placeOf(path), references) ?? Infinity) < this.retry.maxArrivalMs;
  }

  /**
   * The wait before content is looked for again that this run has put and the registry does not show
   * yet, in milliseconds; undefined where it is to be believed.
   *
   * @param looks that have failed so far, from 1
   */
  arrivalWaitMs(content: RequestedContent | undefined, looks: number): number | undefined {
    const place = content && this.placeOf(content.path);
    const ageMs = place === undefined ? undefined : this.pushes.ageMs(place, content?.references ?? []);
    if (ageMs === undefined) return undefined;
    const waitMs = arrivalWaitMs(this.retry, looks, ageMs);
    if (waitMs !== undefined && looks === toldArrivalLook) {
      const [reference = ""] = content?.references ?? [];
      const name = `${this.registry}/${content?.path}${reference.includes(":") ? "@" : ":"}${reference}`;
      this.onWait?.(this.origin.host, waitMs, `does not show ${name} yet, which was just pushed`);
    }
    return waitMs;
  }

  /**
   * The wait before a tag is looked at again that this run has moved and the registry still shows
   * where it was, in milliseconds; undefined where what it shows is to be believed.
   *
   * @param looks at it so far, from 1
   */
  formerWaitMs(path: string, tag: string, digest: string, looks: number): number | undefined {
    if (!this.pushes.shows(this.placeOf(path), tag, digest)) return undefined;
    return this.arrivalWaitMs({ path, references: [tag] }, looks);
  }

  /** Sends a request and reads the answer, which is tried again as well where it breaks off. */
  async read(request: RegistryRequest, limitBytes: number): Promise<RegistryAnswer> {
    const waits = request.waits ?? this.waits();
    for (let failures = 1; ; failures++) {
      const response = await this.exchange({ ...request, waits });
      try {
        return { response, bytes: await response.bytes(limitBytes) };
      } catch (error) {
        request.signal?.throwIfAborted();
        const isTriedAgain =
          !(error instanceof BodyTooLargeError) && failures < this.retry.attempts && isConnectionError(error);
        const waitMs = isTriedAgain ? waits.take({ host: response.url.host, failures }) : undefined;
        if (waitMs === undefined) throw await this.failure(request, response.url, { cause: error });
        await pause(waitMs, request.signal);
      }
    }
  }

  /** Sends a request whose answer is its status and headers. */
  async perform(request: RegistryRequest): Promise<HttpResponse> {
    const response = await this.exchange(request);
    await response.discard();
    return response;
  }

  /**
   * A URL that the registry gave (a `Location`), absolute. Some registries behind a proxy name
   * themselves with `http` although they are reached over TLS, or without the port that they are
   * reached on: that is put right.
   */
  resolve(target: string | URL, base: URL = this.origin): URL {
    const url = new URL(target, base);
    const { protocol, hostname, port } = this.origin;
    const own = ["", port, port === "" && protocol === "https:" ? "443" : port];
    if (url.hostname !== hostname || !own.includes(url.port)) return url;
    if (protocol === "https:" && url.protocol === "http:") url.protocol = protocol;
    if (url.protocol === protocol) url.port = port;
    return url;
  }

  /**
   * Returns where the registry says that an upload goes on (`Location`), absolute. What follows has
   * content in it, so that the rule is that of a redirected PUT: it stays with the registry. Other
   * hosts have to be declared, and TLS is not left.
   *
   * @throws RegistryError before anything is sent there
   */
  uploadTarget(
    location: string,
    answer: Pick<HttpResponse, "status" | "url">,
    method: HttpRequest["method"],
  ): URL {
    const refused = (hint: string) =>
      new RegistryError({
        operation: `uploading to ${this.registry}`,
        host: answer.url.host,
        method,
        path: answer.url.pathname,
        status: answer.status,
        hint,
      });
    if (!URL.canParse(location, answer.url.href)) {
      throw refused("The registry names an address for the upload (Location header) that is not a URL.");
    }
    const url = this.resolve(location, answer.url);
    const reason = leavesSafety(url, this.origin);
    if (reason !== undefined) {
      throw refused(`The registry sends the upload ${reason}, which is not done.`);
    }
    if (url.host !== this.origin.host && !this.uploadHosts.includes(url.host)) {
      throw refused(
        `The registry sends the upload to another host, ${url.host}, which is not done. If that is how the registry ` +
          "calls itself, its Location header is to blame: let the proxy before it pass Host and set X-Forwarded-Host " +
          "and X-Forwarded-Proto, or set its address there (CNCF Distribution: http.host, or http.relativeurls: true). " +
          `If that is another host of it, declare it with ${this.registry}: uploadHosts: [${JSON.stringify(url.host)}].`,
      );
    }
    return url;
  }

  /**
   * The error for a request that failed, in the registry's own words, with credentials named by
   * source.
   */
  async failure(
    request: Pick<RegistryRequest, "operation" | "method"> &
      Partial<Pick<RegistryRequest, "scopes">> & { absent?: boolean },
    url: URL,
    outcome: { response: HttpResponse } | { cause: unknown },
    authorization?: string,
  ): Promise<RegistryError> {
    return describeFailure(
      {
        operation: request.operation,
        registry: this.registry,
        method: request.method,
        url,
        credentials: await this.authenticator.credentialsInUse(request.scopes ?? []),
        accepted: authorization?.startsWith("Bearer ") ?? false,
        absent: request.absent ?? false,
        kind: this.known,
        secrets: authorization === undefined ? [] : [authorization.slice(authorization.indexOf(" ") + 1)],
      },
      outcome,
    );
  }

  /** Closes all connections. */
  async close(): Promise<void> {
    await this.transport.close();
  }

  /** Sends a request, once more where a 401 says how to sign in, or that a token has ended. */
  private async ask(request: RegistryRequest, waits: WaitBudget): Promise<Asked> {
    const url = this.resolve(request.target);
    const own = url.origin === this.origin.origin;
    for (let renewed = false; ; renewed = true) {
      const authorization = own ? await this.authenticator.authorization(request.scopes, waits) : undefined;
      const response = await this.send(request, url, waits, authorization);
      this.warnings.relay(this.registry, response.headerLines("warning"));
      if (own) this.recognize(response);
      if (own && !renewed && response.url.origin === url.origin && isRefusal(response.status)) {
        const challenge = await this.challengeOf(response, request.scopes, authorization, waits);
        if (challenge && (await this.authenticator.challenged(challenge, request.scopes, authorization))) {
          await response.discard();
          continue;
        }
      }
      return { response, url, authorization };
    }
  }

  /** Takes note of what a registry that refuses something says of itself, where its host has not told. */
  private recognize(response: HttpResponse): void {
    if (this.known !== undefined || response.status < 400) return;
    const header = (name: string) => response.header(name);
    const challenges = parseChallenges(response.headerLines("www-authenticate"));
    for (const { service, realm } of [...challenges.map(({ parameters }) => parameters), {}]) {
      this.known ??= kindOfAnswer({ service, realm, header });
    }
  }

  /**
   * How a registry that refuses a request asks for credentials. One that lets anybody in may not ask,
   * where they may not do something (Artifactory with anonymous access answers 403): who has
   * credentials then signs in as the root of the API asks, or with Basic.
   */
  private async challengeOf(
    response: HttpResponse,
    scopes: readonly Scope[],
    sent: string | undefined,
    waits: WaitBudget,
  ): Promise<readonly string[] | undefined> {
    const own = response.headerLines("www-authenticate");
    if (response.status === 401 && own.length > 0) return own;
    if (sent !== undefined || !(await this.authenticator.hasCredentials(scopes))) return undefined;
    if (parseChallenges(own).length > 0) return own;
    this.rootChallenge ??= this.askRoot(waits).catch((error: unknown) => {
      this.rootChallenge = undefined;
      throw error;
    });
    return this.rootChallenge;
  }

  private async askRoot(waits: WaitBudget): Promise<readonly string[]> {
    const request: RegistryRequest = {
      operation: `signing in to ${this.registry}`,
      method: "GET",
      target: "/v2/",
      scopes: [],
      expect: [],
    };
    const response = await this.send(request, this.resolve(request.target), waits);
    const isOwn = response.url.origin === this.origin.origin;
    const lines = isOwn && response.status === 401 ? response.headerLines("www-authenticate") : [];
    await response.discard();
    return parseChallenges(lines).length > 0 ? lines : ["Basic"];
  }

  /**
   * Checks that the registry is there, and takes the credentials that there are for a repository.
   * Nothing is asked of the repository, which need not be there.
   *
   * @throws RegistryError, CredentialsError
   */
  async checkAccess(path: string): Promise<void> {
    const scopes = [pullScope(path)];
    const request: RegistryRequest = {
      operation: `checking registry ${this.registry} for ${path}`,
      method: "GET",
      target: "/v2/",
      scopes,
      expect: [],
      retry: false,
    };
    const { response, url, authorization } = await this.ask(request, this.waits());
    const isTaken =
      authorization?.startsWith("Bearer ") && (await this.authenticator.credentialsInUse(scopes));
    if (response.status === 401 && !isTaken)
      throw await this.failure(request, url, { response }, authorization);
    await response.discard();
  }

  private placeOf(path: string): string {
    return `${this.origin.host}/${path}`;
  }

  /** Notes what an answer says about the content of a repository. */
  private note({ method, content }: RegistryRequest, status: number): void {
    if (!content) return;
    const { path, references } = content;
    const done = status >= 200 && status < 300;
    if (isRead({ method, content })) {
      if (done || status === 404) this.refusedReads.answered(path);
      if (status === 404) this.pushes.foundAbsent(this.placeOf(path), references);
    } else if (method === "DELETE") {
      if (done) this.pushes.forget(this.placeOf(path), references);
    } else if (done && (method === "PUT" || status === 201)) {
      this.refusedReads.written(path);
      this.pushes.note(this.placeOf(path), references);
    }
  }

  /** What a refusal means to a client that has signed in. */
  private async meaning(
    request: RegistryRequest,
    { response, url, authorization }: Asked,
  ): Promise<RefusalMeaning> {
    const { content, method, scopes } = request;
    if (!content || !isRead(request) || !isRefusal(response.status) || authorization === undefined)
      return undefined;
    // Storage that refuses to give a blob has its own reasons; one that is asked whether it is there
    // has none but that.
    if (response.url.origin !== url.origin && method !== "HEAD") return undefined;
    const credentials = await this.authenticator.credentialsInUse(scopes);
    if (!credentials) return undefined;
    // A token that is not taken at all says nothing of what it is for (RFC 6750, 3.1).
    const challenges = parseChallenges(response.headerLines("www-authenticate"));
    if (challenges.some(({ parameters }) => parameters.error === "invalid_token")) return undefined;
    const read = { ...content, status: response.status, username: credentials.username };
    const meaning = await this.refusedReads.meaning(read);
    if (meaning === "absent" || (meaning && request.expect.includes(404))) {
      this.refusedReads.tell(meaning, read);
    }
    return meaning;
  }

  /**
   * Returns whether the registry takes the credentials that a repository is read with. Where there is
   * a token, its token server has taken them.
   */
  private async takesCredentials(path: string): Promise<boolean> {
    const waits = this.waits();
    const scopes = [pullScope(path)];
    const authorization = await this.authenticator.authorization(scopes, waits);
    if (!authorization?.startsWith("Basic ")) return authorization !== undefined;
    const operation = `checking registry ${this.registry}`;
    const { response } = await this.ask(
      { operation, method: "GET", target: "/v2/", scopes, expect: [] },
      waits,
    );
    await response.discard();
    return response.status !== 401;
  }

  private async send(
    request: RegistryRequest,
    url: URL,
    waits: WaitBudget,
    authorization?: string,
  ): Promise<HttpResponse> {
    const { method, body, timeoutMs, download, follows, signal } = request;
    const headers = definedValues({ "user-agent": this.userAgent, ...request.headers, authorization });
    const exchange: HttpRequest = { method, url, headers, body, timeoutMs, download, follows, signal };
    try {
      return request.retry === false
        ? await this.transport.send(exchange)
        : await sendWithRetry(this.transport, exchange, this.retry, waits);
    } catch (error) {
      signal?.throwIfAborted();
      throw await this.failure(request, url, { cause: error });
    }
  }
}

/** Returns whether a request asks for content. */
function isRead({ method, content }: Pick<RegistryRequest, "method" | "content">): boolean {
  return content !== undefined && (method === "GET" || method === "HEAD");
}
