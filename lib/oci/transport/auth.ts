import { defined } from "../../objects/defined";
import type { RegistryKind } from "../../registry-kinds/kind";
import { RegistryError } from "../errors";
import { parseChallenges, type Challenge } from "./challenge";
import type { Credentials } from "./credentials";
import { describeFailure, type FailedOutcome } from "./failure";
import type { HttpRequest } from "./http";
import { AddressError } from "./lookup-elsewhere";
import { leavesSafety } from "./redirect";
import { sendWithRetry, type Sender } from "./retry";
import { type RetryPolicy } from "./retry-policy";
import { normalizeScopes, withinRequest, type Scope, repositoryOf } from "./scope";
import { isDeclared, mayHaveCredentials } from "./token-server";
import type { WaitBudget } from "./wait-budget";

/**
 * Life of a token that does not state it, in seconds (Docker "Token Authentication Specification",
 * `expires_in`).
 */
const defaultTokenLifeSeconds = 60;
/**
 * A token is renewed this long before it ends, in milliseconds, or after nine tenths of its life if
 * that is later.
 */
const renewalMarginMs = 10_000;
/** Largest answer of a token server that is read, in bytes. */
const tokenAnswerLimitBytes = 1024 * 1024;
/** The name by which token servers know this client. */
const clientId = "slipway";

/** Settings that an {@link Authenticator} needs of its registry. */
export interface AuthenticatorOptions {
  /** Host as the user writes it, for messages. */
  registry: string;
  /** Where the registry's API is. */
  origin: URL;
  sender: Sender;
  retry: RetryPolicy;
  /**
   * The credentials for a repository, by its path (empty for what is about the whole registry).
   * Asked once for each, after the first challenge. Undefined means anonymous.
   */
  credentials: (path: string) => Promise<Credentials | undefined>;
  /** Other hosts that its token server may be on, `host[:port]`. */
  tokenHosts?: readonly string[];
  /**
   * Gets the credentials before they are first sent, and the tokens that they are exchanged for.
   */
  onSecret?: (text: string) => void;
  /** What the registry is, as far as that is known. */
  kind?: () => RegistryKind | undefined;
  /** Current time in milliseconds. */
  now?: () => number;
}

interface Token {
  value: string;
  /** When it is renewed, in milliseconds. */
  renewAt: number;
}

/** The challenge that a registry answers its clients with, once known. */
type Method = { scheme: "basic" } | { scheme: "bearer"; realm: URL; service?: string };

/**
 * Signs requests to one registry: not at all until the registry asks, then with Basic or with
 * Bearer tokens, which are kept by scope until shortly before they end.
 *
 * A password goes to the registry's own host (Basic) or to the token server that this registry
 * names, where that is the registry's own (see {@link mayHaveCredentials}); an identity token to
 * that token server only. Source: Docker "Token Authentication Specification" and "OAuth2 Token
 * Authentication"; RFC 7617.
 */
export class Authenticator {
  private readonly tokens = new Map<string, Promise<Token>>();
  /** Scopes that the registry named in a challenge, in addition to those of the request. */
  private readonly challengedScopes = new Map<string, readonly Scope[]>();
  private method?: Method;
  private readonly found = new Map<string, Promise<Credentials | undefined>>();
  /** A token server can replace an identity token by a new one: those, by what was first given. */
  private readonly replacedIdentityTokens = new Map<string, string>();

  constructor(private readonly options: AuthenticatorOptions) {}

  /**
   * The credentials in use for requests with these scopes; undefined before the first challenge and
   * for anonymous access.
   */
  async credentialsInUse(scopes: readonly Scope[]): Promise<Credentials | undefined> {
    return this.found.get(repositoryOf(scopes))?.catch(() => undefined);
  }

  /**
   * The `Authorization` header for a request with these scopes; undefined while the registry has
   * not asked for one.
   *
   * @param waits of the operation that the request is part of
   * @throws RegistryError from the token server, CredentialsError
   */
  async authorization(scopes: readonly Scope[], waits: WaitBudget): Promise<string | undefined> {
    if (!this.method) return undefined;
    if (this.method.scheme === "basic") return (await this.credentials(scopes))?.basicAuthorization;
    return `Bearer ${await this.token(this.method, scopes, waits)}`;
  }

  /**
   * Takes note of a 401: what the registry asks for, and that the authorization that was sent is
   * worth nothing. Returns whether {@link authorization} now gives something else, that is, whether
   * to try once more.
   *
   * @throws RegistryError for a token server that must not be sent credentials
   */
  async challenged(
    header: readonly string[],
    scopes: readonly Scope[],
    sent: string | undefined,
  ): Promise<boolean> {
    const challenges = parseChallenges(header);
    const bearer = challenges.find(({ scheme, parameters }) => scheme === "bearer" && parameters.realm);
    if (bearer) {
      this.method = this.bearerMethod(bearer);
      const key = scopeKey(scopes);
      this.challengedScopes.set(key, withinRequest(bearer.parameters.scope?.split(" ") ?? [], scopes));
      await this.forget(key, sent);
      return true;
    }
    if (challenges.some(({ scheme }) => scheme === "basic")) {
      this.method = { scheme: "basic" };
      const authorization = (await this.credentials(scopes))?.basicAuthorization;
      return authorization !== undefined && authorization !== sent;
    }
    return false;
  }

  /** Returns whether there are credentials for requests with these scopes. @throws CredentialsError */
  async hasCredentials(scopes: readonly Scope[]): Promise<boolean> {
    return (await this.credentials(scopes)) !== undefined;
  }

  private credentials(scopes: readonly Scope[]): Promise<Credentials | undefined> {
    const path = repositoryOf(scopes);
    const known =
      this.found.get(path) ??
      this.options.credentials(path).then((found) => {
        found?.secrets.forEach((text) => this.options.onSecret?.(text));
        return found;
      });
    this.found.set(path, known);
    return known;
  }

  private bearerMethod(challenge: Challenge): Method {
    const { realm: text = "", service } = challenge.parameters;
    const { origin } = this.options;
    let realm: URL;
    try {
      realm = new URL(text);
    } catch {
      throw this.refused(
        origin,
        `the registry names a token server that is not a URL: ${JSON.stringify(text)}`,
      );
    }
    const plainAllowed = origin.protocol === "http:" && realm.protocol === "http:";
    if (realm.protocol !== "https:" && !plainAllowed) {
      throw this.refused(
        realm,
        `the registry names a token server without TLS (${realm.origin}): credentials are not sent there`,
      );
    }
    // What answers there is sent to the registry as a token.
    const reason = this.isDeclared(realm) ? undefined : leavesSafety(realm, origin);
    if (reason !== undefined) throw this.notAsked(realm, reason);
    return defined({ scheme: "bearer", realm, service });
  }

  private isDeclared(realm: URL): boolean {
    return isDeclared(realm, this.options.tokenHosts);
  }

  /** @param reason in words that follow "a token server that leads" */
  private notAsked(realm: URL, reason: string): RegistryError {
    const { registry } = this.options;
    return this.refused(
      realm,
      `the registry names a token server that leads ${reason}: it is not asked`,
      `If that host belongs to the registry, declare it with ${registry}: tokenHosts: [${JSON.stringify(realm.host)}].`,
    );
  }

  /** @throws RegistryError before anything is sent there */
  private checkTokenServer(realm: URL, { source }: Credentials): void {
    const { origin, registry, tokenHosts } = this.options;
    if (mayHaveCredentials(realm, origin, tokenHosts)) return;
    throw this.refused(
      realm,
      `the registry names a token server on another host (${realm.host}): the credentials from ${source} are not sent there`,
      `If that host belongs to the registry, declare it with ${registry}: tokenHosts: [${JSON.stringify(realm.host)}].`,
    );
  }

  private async forget(key: string, sent: string | undefined): Promise<void> {
    const token = await this.tokens.get(key)?.catch(() => undefined);
    // A token that another request has renewed meanwhile is kept.
    if (!token || sent === `Bearer ${token.value}`) this.tokens.delete(key);
  }

  private async token(
    method: Method & { scheme: "bearer" },
    scopes: readonly Scope[],
    waits: WaitBudget,
  ): Promise<string> {
    const key = scopeKey(scopes);
    for (;;) {
      const pending = this.tokens.get(key);
      if (pending) {
        const token = await pending;
        if (token.renewAt > this.now()) return token.value;
        if (this.tokens.get(key) === pending) this.tokens.delete(key);
        continue;
      }
      const all = normalizeScopes([...scopes, ...(this.challengedScopes.get(key) ?? [])]);
      const fetched = this.fetchToken(method, all, this.credentials(scopes), waits);
      this.tokens.set(key, fetched);
      try {
        // A token that is short-lived by our clock is used once all the same.
        return (await fetched).value;
      } catch (error) {
        this.tokens.delete(key);
        throw error;
      }
    }
  }

  private async fetchToken(
    method: Method & { scheme: "bearer" },
    scopes: readonly Scope[],
    found: Promise<Credentials | undefined>,
    waits: WaitBudget,
  ): Promise<Token> {
    const credentials = await found;
    if (credentials) this.checkTokenServer(method.realm, credentials);
    const given = credentials?.identityToken;
    const identityToken = given === undefined ? undefined : (this.replacedIdentityTokens.get(given) ?? given);
    const request: HttpRequest = {
      ...(identityToken === undefined
        ? passwordRequest(method, scopes, credentials)
        : identityTokenRequest(method, scopes, identityToken)),
      namedBy: this.isDeclared(method.realm) ? undefined : this.options.origin,
    };
    const startedAt = this.now();
    let bytes: Buffer;
    try {
      const response = await sendWithRetry(this.options.sender, request, this.options.retry, waits);
      if (response.status !== 200) throw await this.tokenFailure(request, credentials, { response });
      bytes = await response.bytes(tokenAnswerLimitBytes);
    } catch (error) {
      if (error instanceof AddressError && error.hostname === method.realm.hostname) {
        throw this.notAsked(method.realm, `to this machine (${error.hostname} is ${error.address})`);
      }
      throw error instanceof RegistryError
        ? error
        : await this.tokenFailure(request, credentials, { cause: error });
    }
    return this.readToken(bytes, request, credentials, startedAt);
  }

  private async readToken(
    bytes: Buffer,
    request: HttpRequest,
    credentials: Credentials | undefined,
    startedAt: number,
  ): Promise<Token> {
    let answer: TokenAnswer = {};
    try {
      answer = JSON.parse(bytes.toString("utf8")) as TokenAnswer;
    } catch {
      // Reported below, without quoting an answer that may hold a token.
    }
    const value = answer.token ?? answer.access_token;
    if (typeof value !== "string" || value === "") {
      throw await this.tokenFailure(request, credentials, {
        cause: new Error("the answer has no token in it"),
      });
    }
    if (typeof answer.refresh_token === "string" && answer.refresh_token !== "") {
      if (credentials?.identityToken !== undefined) {
        this.replacedIdentityTokens.set(credentials.identityToken, answer.refresh_token);
      }
      this.options.onSecret?.(answer.refresh_token);
    }
    // What anybody gets is no secret.
    if (credentials) this.options.onSecret?.(value);
    return { value, renewAt: renewalTime(answer, startedAt) };
  }

  private tokenFailure(
    request: HttpRequest,
    credentials: Credentials | undefined,
    outcome: FailedOutcome,
  ): Promise<RegistryError> {
    return describeFailure(
      {
        operation: `getting a token for ${this.options.registry}`,
        registry: this.options.registry,
        method: request.method,
        url: request.url,
        credentials,
        secrets: [...this.replacedIdentityTokens.values()],
        kind: this.options.kind?.(),
      },
      outcome,
    );
  }

  private refused(
    url: URL,
    reason: string,
    hint = "Check the address of the registry; a registry with TLS needs a token server with TLS.",
  ): RegistryError {
    return new RegistryError({
      operation: `signing in to ${this.options.registry}`,
      host: url.host,
      method: "GET",
      path: url.pathname,
      cause: new Error(reason),
      hint,
      temporary: false,
    });
  }

  private now(): number {
    return this.options.now?.() ?? Date.now();
  }
}

interface TokenAnswer {
  token?: unknown;
  access_token?: unknown;
  refresh_token?: unknown;
  expires_in?: unknown;
  issued_at?: unknown;
}

function scopeKey(scopes: readonly Scope[]): string {
  return normalizeScopes(scopes).join(" ");
}

/**
 * Returns when a token is renewed. The clock of the token server is not ours: `issued_at` counts
 * only where it says that the token is older than the request for it, and not yet at its end.
 */
export function renewalTime(
  answer: { expires_in?: unknown; issued_at?: unknown },
  requestedAt: number,
): number {
  const seconds = Number(answer.expires_in);
  const lifeMs = (Number.isFinite(seconds) && seconds > 0 ? seconds : defaultTokenLifeSeconds) * 1000;
  const issuedAt = typeof answer.issued_at === "string" ? Date.parse(answer.issued_at) : NaN;
  const age = requestedAt - issuedAt;
  const start = age > 0 && age < lifeMs ? issuedAt : requestedAt;
  return start + lifeMs - Math.min(renewalMarginMs, lifeMs / 10);
}

function passwordRequest(
  { realm, service }: { realm: URL; service?: string },
  scopes: readonly Scope[],
  credentials: Credentials | undefined,
): HttpRequest {
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set("service", service);
  for (const scope of scopes) url.searchParams.append("scope", scope);
  const authorization = credentials?.basicAuthorization;
  if (authorization === undefined) return { method: "GET", url };
  url.searchParams.set("client_id", clientId);
  url.searchParams.set("account", credentials?.username ?? "");
  return { method: "GET", url, headers: { authorization } };
}

function identityTokenRequest(
  { realm, service }: { realm: URL; service?: string },
  scopes: readonly Scope[],
  identityToken: string,
): HttpRequest {
  const form = new URLSearchParams({ grant_type: "refresh_token", client_id: clientId });
  if (service !== undefined) form.set("service", service);
  if (scopes.length > 0) form.set("scope", scopes.join(" "));
  form.set("refresh_token", identityToken);
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  return { method: "POST", url: realm, headers, body: form.toString() };
}
