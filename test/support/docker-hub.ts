import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import * as z from "zod";

/** Scopes of personal access tokens, the lowest first: each includes those before it. */
const scopes = ["repo:public_read", "repo:read", "repo:write", "repo:admin"] as const;

/** A personal access token of an account. */
interface Token {
  readonly username: string;
  readonly secret: string;
  readonly id: string;
  readonly scope: (typeof scopes)[number];
  readonly createdAt: string;
  readonly expiresAt?: string;
}

/** A repository as the stand-in keeps it. */
export interface HubStandInRepository {
  description: string;
  full_description: string;
  is_private: boolean;
  categories: { name: string; slug: string }[];
  rules: string[];
  pull_count: number;
}

const creation = z.strictObject({
  name: z.string().regex(/^[a-z0-9]+(?:[._-][a-z0-9]+)*$/),
  namespace: z.string(),
  registry: z.literal("docker.io").optional(),
  description: z.string().max(100).optional(),
  full_description: z.string().max(25_000).optional(),
  is_private: z.boolean().optional(),
});
const texts = z.strictObject({
  description: z.string().max(100).optional(),
  full_description: z.string().max(25_000).optional(),
});
const immutable = z.strictObject({
  immutable_tags: z.boolean(),
  immutable_tags_rules: z.array(z.string()).max(5),
});

/**
 * A stand-in of Docker Hub's API, written from what Docker has published of it: signing in, repositories, immutable
 * tags, access tokens, errors and limits. It has never met the service.
 */
export class DockerHubStandIn {
  readonly repositories = new Map<string, HubStandInRepository>();
  /** Each request, as `METHOD path status`. */
  readonly requests: string[] = [];
  /** Bodies that were sent, without secrets that belong there. */
  readonly bodies: string[] = [];
  private readonly tokens: Token[] = [];
  private readonly sessions = new Map<string, Token>();
  private readonly refusals: { status: number; headers: Record<string, string> }[] = [];

  private constructor(
    private readonly server = createServer((request, response) => void this.serve(request, response)),
  ) {}

  static async start(): Promise<DockerHubStandIn> {
    const started = new DockerHubStandIn();
    await new Promise<void>((resolve) => started.server.listen(0, "127.0.0.1", resolve));
    return started;
  }

  get address(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Requests that changed something, or tried to. */
  get writes(): string[] {
    return this.requests.filter((line) => !/^(GET|HEAD) |\/auth\/token /.test(line));
  }

  /** Adds an access token of an account. @returns its id */
  add(token: Omit<Token, "id" | "createdAt"> & { createdAt?: string }): string {
    const id = `b30bbf97-506c-4ecd-aabc-84${String(this.tokens.length).padStart(10, "0")}`;
    this.tokens.push({ createdAt: "2026-01-01T12:00:00.000000Z", ...token, id });
    return id;
  }

  /** Makes a repository, as a push does. */
  put(path: string, repository: Partial<HubStandInRepository> = {}): HubStandInRepository {
    const made = {
      description: "",
      full_description: "",
      is_private: false,
      categories: [],
      rules: [],
      pull_count: 0,
      ...repository,
    };
    this.repositories.set(path, made);
    return made;
  }

  /** Answers the next request so, whatever it is. */
  refuseNext(status: number, headers: Record<string, string> = {}): void {
    this.refusals.push({ status, headers });
  }

  /** Ends all sessions, as their ten minutes do. */
  expireSessions(): void {
    this.sessions.clear();
  }

  stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const text = Buffer.concat(parts).toString("utf8");
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const answer = (status: number, content?: unknown, headers: Record<string, string> = {}) => {
      this.requests.push(`${request.method} ${pathname} ${status}`);
      response.writeHead(status, {
        "content-type": "application/json",
        "x-ratelimit-limit": "600",
        "x-ratelimit-remaining": "599",
        ...headers,
      });
      response.end(content === undefined ? "" : JSON.stringify(content));
    };
    const refusal = this.refusals.shift();
    if (refusal) {
      answer(refusal.status, { detail: "Rate limit exceeded", error: false }, refusal.headers);
      return;
    }
    const body: unknown = text === "" ? undefined : JSON.parse(text);
    if (!pathname.endsWith("/auth/token")) this.bodies.push(text);
    try {
      this.route(request.method ?? "", pathname, body, this.account(request), answer);
    } catch (error) {
      if (!(error instanceof z.ZodError)) throw error;
      answer(400, {
        message: error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join(", "),
      });
    }
  }

  private account(request: IncomingMessage): Token | "unknown" | undefined {
    const { authorization } = request.headers;
    if (authorization === undefined) return undefined;
    return this.sessions.get(authorization.replace(/^Bearer /, "")) ?? "unknown";
  }

  private route(
    method: string,
    pathname: string,
    body: unknown,
    account: Token | "unknown" | undefined,
    answer: (status: number, content?: unknown) => void,
  ): void {
    if (method === "POST" && pathname === "/v2/auth/token") return this.signIn(body, answer);
    if (account === "unknown") return answer(401, { detail: "Invalid token.", message: "unauthorized" });
    const token = /^\/v2\/access-tokens\/([^/]+)$/.exec(pathname)?.[1];
    if (method === "GET" && token !== undefined) return this.tell(token, account, answer);
    const made = /^\/v2\/namespaces\/([^/]+)\/repositories$/.exec(pathname)?.[1];
    if (method === "POST" && made !== undefined) {
      if (!this.may(account, made, "repo:admin", answer)) return;
      const { name, namespace, registry: _registry, ...rest } = creation.parse(body);
      const path = `${namespace}/${name}`;
      if (this.repositories.has(path)) return answer(400, { message: "repository already exists" });
      return answer(201, this.info(this.put(path, rest), account));
    }
    const [, , namespace = "", name = "", what = ""] =
      /^\/v2\/(namespaces\/([^/]+)\/repositories|repositories\/[^/]+)\/([^/]+)\/?(immutabletags|privacy)?$/.exec(
        pathname.replace(/^\/v2\/repositories\/([^/]+)\//, "/v2/namespaces/$1/repositories/"),
      ) ?? [];
    const repository = this.repositories.get(`${namespace}/${name}`);
    const isHidden = repository?.is_private === true && account?.username !== namespace;
    if (repository === undefined || isHidden) return answer(404, { message: "object not found" });
    if (method === "GET" && what === "") return answer(200, this.info(repository, account));
    if (!this.may(account, namespace, "repo:admin", answer)) return;
    if (method === "PATCH" && what === "" && pathname.startsWith("/v2/repositories/")) {
      Object.assign(repository, texts.parse(body));
      return answer(200, this.info(repository, account));
    }
    if (method === "PATCH" && what === "immutabletags" && pathname.startsWith("/v2/namespaces/")) {
      const { immutable_tags: isOn, immutable_tags_rules: rules } = immutable.parse(body);
      repository.rules = isOn ? rules : [];
      return answer(200, this.info(repository, account));
    }
    if (method === "POST" && what === "privacy" && pathname.startsWith("/v2/repositories/")) {
      repository.is_private = z.strictObject({ is_private: z.boolean() }).parse(body).is_private;
      return answer(200, {});
    }
    answer(404, { message: "page not found" });
  }

  private signIn(body: unknown, answer: (status: number, content?: unknown) => void): void {
    const { identifier, secret } = z.strictObject({ identifier: z.string(), secret: z.string() }).parse(body);
    const token = this.tokens.find((one) => one.username === identifier && one.secret === secret);
    if (token === undefined) return answer(401, { detail: "Incorrect authentication credentials" });
    const claims = {
      scope: token.scope,
      exp: Math.floor(Date.now() / 1000) + 600,
      "https://hub.docker.com": { username: identifier, source: `docker_pat|${token.id}` },
    };
    const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const session = `${encoded({ alg: "RS256" })}.${encoded(claims)}.signature${this.sessions.size}`;
    this.sessions.set(session, token);
    answer(200, { access_token: session });
  }

  private tell(
    id: string,
    account: Token | undefined,
    answer: (status: number, content?: unknown) => void,
  ): void {
    const token = this.tokens.find((one) => one.id === id);
    if (account === undefined) return answer(401, { detail: "Authentication required" });
    if (token === undefined || token.username !== account.username)
      return answer(404, { message: "not found" });
    answer(200, {
      uuid: id,
      client_id: "HUB",
      created_at: token.createdAt,
      last_used: null,
      is_active: true,
      token: "",
      token_label: "release",
      scopes: [token.scope],
      ...(token.expiresAt !== undefined && { expires_at: token.expiresAt }),
    });
  }

  private may(
    account: Token | undefined,
    namespace: string,
    scope: Token["scope"],
    answer: (status: number, content?: unknown) => void,
  ): boolean {
    if (account === undefined) answer(401, { detail: "Authentication credentials were not provided." });
    else if (account.username !== namespace || scopes.indexOf(account.scope) < scopes.indexOf(scope)) {
      answer(403, { message: "access denied: insufficient scope" });
    } else return true;
    return false;
  }

  private info(repository: HubStandInRepository, account: Token | undefined) {
    const { rules, ...rest } = repository;
    return {
      ...rest,
      user: "acme",
      status: 1,
      status_description: "Active",
      star_count: 3,
      last_updated: "2026-11-01T10:30:00Z",
      date_registered: "2025-01-20T10:30:00Z",
      immutable_tags_settings: { enabled: rules.length > 0, rules },
      permissions: { read: true, write: account !== undefined, admin: account?.scope === "repo:admin" },
    };
  }
}
