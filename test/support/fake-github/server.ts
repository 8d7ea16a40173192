import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { serveGit } from "../git-server";
import { Answer, failed, invalid, notFound } from "./answer";
import { requestFindings, responseFindings } from "./openapi";
import { nameIsTaken, operations, refuseImmutable, releaseOf } from "./operations";
import { jsonBody, operationOf, uploadOperation } from "./routing";
import { FakeGit } from "./git";
import { Rendering } from "./rendering";
import { FakeRepository, keptBytes, newId, now, type FakeRepositoryOptions } from "./repository";

/** A request as the fake saw it. */
export interface FakeRequest {
  method: string;
  /** Path with query. */
  path: string;
  headers: IncomingHttpHeaders;
  /** Which of the fake's servers it went to. */
  server: "api" | "storage";
  /** Bytes of the body that arrived. */
  bytes: number;
  /** Undefined where the connection was broken. */
  status?: number;
}

/** What goes wrong with the requests that match. */
export interface FakeFault {
  method?: string;
  path: RegExp;
  /** Requests that it happens to; all from now on unless given. */
  times?: number;
  /** An answer of somebody else; nothing happens. */
  answer?: Answer;
  /**
   * Breaks the connection after so many bytes of the body, and leaves an asset in the state
   * `starter`.
   */
  cutAfter?: number;
  /** Takes the body, leaves an asset in the state `starter`, and answers 502. */
  starter?: boolean;
  /** Does all that is asked, and breaks the connection instead of answering. */
  loseAnswer?: boolean;
}

/**
 * GitHub's releases on a port of this machine: it keeps the bytes of assets with their digests, and
 * answers as GitHub's description says, or with 500 where it would not.
 */
export class FakeGitHub {
  /** A token that may write, and one that may only read. */
  readonly token = "ghp_writerOfTheFake0123456789";
  readonly readOnlyToken = "ghp_readerOfTheFake0123456789";
  readonly requests: FakeRequest[] = [];
  readonly faults: FakeFault[] = [];
  /** Where the fake itself or its client does not keep to GitHub's description. */
  readonly violations: string[] = [];
  /** Where releases say that assets are uploaded to; the fake itself unless changed. */
  uploads = "";
  /** Called while an upload arrives, e.g. to measure the client. */
  onUploadBytes: (bytes: number) => void = () => undefined;
  /** Folder of bare repositories as `owner/name.git`, which are served to git and have pull requests. */
  gitRoot: string | undefined;
  private readonly repositories = new Map<string, FakeRepository>();
  private readonly render = new Rendering(this.url, () => this.uploads || this.url);

  private constructor(
    private readonly api: Server,
    private readonly storage: Server,
  ) {
    api.on(
      "request",
      (request: IncomingMessage, response: ServerResponse) => void this.serve(request, response),
    );
    storage.on("request", (request: IncomingMessage, response: ServerResponse) =>
      this.store(request, response),
    );
  }

  static async start(): Promise<FakeGitHub> {
    const servers = [createServer(), createServer()] as const;
    for (const server of servers) {
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
    }
    return new FakeGitHub(...servers);
  }

  /** Address of the API. */
  get url(): string {
    return `http://127.0.0.1:${(this.api.address() as AddressInfo).port}`;
  }

  /** Makes a repository. */
  repository(fullName: string, options: FakeRepositoryOptions = {}): FakeRepository {
    const repository = new FakeRepository(fullName, options);
    this.repositories.set(fullName, repository);
    return repository;
  }

  /** Forgets the requests so far, and what was to go wrong. */
  forget(): void {
    this.requests.length = 0;
    this.faults.length = 0;
  }

  /** Requests that write, as `METHOD path status`. */
  writes(): string[] {
    return this.requests
      .filter(({ method }) => method !== "GET" && method !== "HEAD")
      .map(({ method, path, status }) => `${method} ${path.replace(/\/\d+/g, "/ID")} ${status ?? "broken"}`);
  }

  /** Names of assets whose upload was answered with success. */
  uploaded(): string[] {
    return this.requests
      .filter(({ method, path, status }) => method === "POST" && path.includes("/assets?") && status === 201)
      .map(({ path }) => new URLSearchParams(path.split("?")[1]).get("name") ?? "");
  }

  async stop(): Promise<void> {
    for (const server of [this.api, this.storage]) {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    }
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "GET", url = "/", headers, socket } = request;
    if (this.gitRoot !== undefined && /^\/[^/]+\/[^/]+\.git\//.test(url)) {
      this.git(this.gitRoot, request, response);
      return;
    }
    const seen: FakeRequest = { method, path: url, headers, server: "api", bytes: 0 };
    this.requests.push(seen);
    const fault = this.takeFault(method, url);
    let answer: Answer;
    try {
      answer = fault?.answer ?? (await this.handle(request, seen, fault));
    } catch (error) {
      if (error instanceof Broken) {
        socket.destroy();
        return;
      }
      answer = error instanceof Answer ? error : failed(500, (error as Error).stack ?? String(error));
    }
    // A body that nobody wants is read to its end: the client may not look at the answer before.
    request.resume();
    if (!request.complete) await once(request, "end").catch(() => undefined);
    if (fault?.loseAnswer) {
      socket.destroy();
      return;
    }
    seen.status = this.send(request, response, answer);
  }

  /** What git asks for by HTTP; GitHub takes a token as a password. */
  private git(root: string, request: IncomingMessage, response: ServerResponse): void {
    const password = Buffer.from(request.headers.authorization?.split(" ")[1] ?? "", "base64").toString();
    if (password === `x-access-token:${this.token}`) serveGit(root, request, response);
    else response.writeHead(401, { "www-authenticate": 'Basic realm="GitHub"' }).end();
  }

  private takeFault(method: string, url: string): FakeFault | undefined {
    const fault = this.faults.find(
      (candidate) =>
        (candidate.method ?? method) === method && candidate.path.test(url) && (candidate.times ?? 1) > 0,
    );
    if (fault?.times !== undefined) fault.times -= 1;
    return fault;
  }

  private async handle(request: IncomingMessage, seen: FakeRequest, fault?: FakeFault): Promise<Answer> {
    const url = new URL(seen.path, this.url);
    const download = /^\/([^/]+\/[^/]+)\/releases\/(?:download\/([^/]+)|latest\/download)\/([^/]+)$/.exec(
      url.pathname,
    );
    if (download && seen.method === "GET") {
      const [fullName = "", tag, name = ""] = download
        .slice(1)
        .map((part) => part && decodeURIComponent(part));
      return this.download(fullName, tag, name);
    }
    const { operation, path } = operationOf(seen.method, url.pathname);
    const repository = this.repositories.get(`${path.owner}/${path.repo}`);
    const write = seen.method !== "GET";
    const writer = this.authorize(request.headers.authorization, repository, write);
    if (!repository) throw notFound();
    if (operation === uploadOperation) {
      return this.upload(request, seen, repository, path, url.searchParams, fault);
    }
    const body = await jsonBody(request);
    const sent = write ? requestFindings(operation, body) : [];
    if (sent.length > 0) this.violations.push(`${operation} was sent ${sent.join("; ")}`);
    const handler = operations[operation];
    if (!handler) throw notFound();
    const call = {
      repository,
      path,
      query: url.searchParams,
      body,
      writer,
      render: this.render,
      git: this.gitRoot === undefined ? undefined : new FakeGit(this.gitRoot),
    };
    const answer = handler({ ...call, accept: request.headers.accept ?? "" });
    const found = responseFindings(operation, answer.status, answer.body);
    // An upload that broke off is in a state that the description only has in words.
    const real = found.filter((text) => !/^(\d+\.)?(assets\.\d+\.)?state: /.test(text));
    if (real.length === 0) return answer;
    this.violations.push(`${operation} answers ${real.join("; ")}`);
    return failed(500, `the fake does not keep to GitHub's description: ${real.join("; ")}`);
  }

  /** @returns whether the token may write; @throws Answer */
  private authorize(
    header: string | undefined,
    repository: FakeRepository | undefined,
    write: boolean,
  ): boolean {
    const token = header?.replace(/^(token|bearer) /i, "");
    if (token !== undefined && token !== this.token && token !== this.readOnlyToken) {
      throw failed(401, "Bad credentials");
    }
    if (token === undefined) {
      if (repository?.options.private) throw notFound();
      if (write) throw failed(401, "Requires authentication");
      return false;
    }
    if (write && token === this.readOnlyToken) {
      throw failed(403, "Resource not accessible by personal access token", {
        "x-accepted-github-permissions": "contents=write",
      });
    }
    return token === this.token;
  }

  private async upload(
    request: IncomingMessage,
    seen: FakeRequest,
    repository: FakeRepository,
    path: Record<string, string>,
    query: URLSearchParams,
    fault: FakeFault | undefined,
  ): Promise<Answer> {
    const release = releaseOf(repository, path);
    refuseImmutable(release);
    // GitHub stores other characters as periods.
    const name = (query.get("name") ?? "").replace(/[^A-Za-z0-9._+-]/g, ".");
    if (name === "") throw invalid([{ resource: "ReleaseAsset", field: "name", code: "missing_field" }]);
    if (release.assets.some((asset) => asset.name === name)) throw nameIsTaken();
    if (request.headers["content-length"] === undefined) throw failed(400, "Bad Content-Length");
    const contentType = request.headers["content-type"] ?? "application/octet-stream";
    const starter = {
      name,
      contentType,
      bytes: Buffer.alloc(0),
      size: 0,
      digest: "",
      state: "starter",
    } as const;
    const hash = createHash("sha256");
    const kept: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) {
      hash.update(chunk);
      seen.bytes += chunk.length;
      if (seen.bytes <= keptBytes) kept.push(chunk);
      else kept.length = 0;
      this.onUploadBytes(seen.bytes);
      if (fault?.cutAfter !== undefined && seen.bytes >= fault.cutAfter) {
        repository.addAsset(release, starter);
        throw new Broken();
      }
    }
    if (fault?.starter) {
      repository.addAsset(release, starter);
      throw failed(502, "Server Error");
    }
    const digest = `sha256:${hash.digest("hex")}`;
    const asset = repository.addAsset(release, {
      id: newId(),
      name,
      contentType,
      bytes: Buffer.concat(kept),
      size: seen.bytes,
      digest,
      createdAt: now(),
    });
    const body = this.render.asset(repository, release, asset);
    const found = responseFindings(uploadOperation, 201, body);
    this.violations.push(...found.map((text) => `${uploadOperation} answers ${text}`));
    return new Answer(201, body);
  }

  /**
   * What `curl -L` of an asset's URL gets, of the latest release without a tag: nothing of a draft,
   * without any token.
   */
  private download(fullName: string, tag: string | undefined, name: string): Answer {
    const repository = this.repositories.get(fullName);
    const release = tag === undefined ? repository?.latest() : repository?.published(tag);
    const asset = release?.assets.find(
      (candidate) => candidate.name === name && candidate.state === "uploaded",
    );
    if (!asset) throw notFound();
    asset.downloads += 1;
    return new Answer(200, asset.bytes, { "content-type": asset.contentType });
  }

  /**
   * The storage that assets are redirected to; it is on another host and has no use for a token.
   */
  private store(request: IncomingMessage, response: ServerResponse): void {
    const { method = "GET", url = "/", headers } = request;
    const assets = [...this.repositories.values()]
      .flatMap(({ releases }) => releases)
      .flatMap((one) => one.assets);
    const asset = assets.find(({ id }) => url === `/storage/${id}`);
    const status = headers.authorization !== undefined ? 400 : asset ? 200 : 404;
    this.requests.push({ method, path: url, headers, server: "storage", bytes: 0, status });
    response.writeHead(status, { "content-type": "application/octet-stream" });
    response.end(status === 200 ? asset?.bytes : undefined);
  }

  private send(
    request: IncomingMessage,
    response: ServerResponse,
    { status, body, headers }: Answer,
  ): number {
    const bytes = Buffer.isBuffer(body)
      ? body
      : body === undefined
        ? undefined
        : Buffer.from(JSON.stringify(body));
    const { "x-next-page": next, location, ...rest } = headers;
    const url = new URL(request.url ?? "/", this.url);
    if (typeof next === "string") url.searchParams.set("page", next);
    const etag =
      bytes && status === 200 ? `W/"${createHash("sha256").update(bytes).digest("hex")}"` : undefined;
    const unchanged = etag !== undefined && request.headers["if-none-match"] === etag;
    const storage = `http://127.0.0.1:${(this.storage.address() as AddressInfo).port}`;
    const code = unchanged ? 304 : status;
    response.writeHead(code, {
      "content-type": "application/json; charset=utf-8",
      "x-github-request-id": "FAKE:1",
      "x-ratelimit-remaining": "4999",
      ...(etag === undefined ? {} : { etag }),
      ...(next === undefined ? {} : { link: `<${url.href}>; rel="next"` }),
      ...(typeof location === "string"
        ? { location: location.startsWith("/") ? storage + location : location }
        : {}),
      ...rest,
    });
    response.end(unchanged ? undefined : bytes);
    return code;
  }
}

/** The connection was broken on purpose. */
class Broken extends Error {}
