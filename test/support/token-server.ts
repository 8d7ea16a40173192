import { generateKeyPairSync, sign } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A request for a token, as the server saw it. */
export interface TokenRequest {
  method: string;
  /** User it was made for; undefined for an anonymous one. */
  account?: string;
  /** Scopes asked for, in order. */
  scopes: string[];
  /** The `Authorization` header. */
  authorization?: string;
  status: number;
}

/** How a token server behaves; can be changed while it runs. */
export interface TokenServerBehavior {
  /** Passwords by user. */
  users: Record<string, string>;
  /** Identity tokens, by value, with the user they are for. */
  identityTokens: Record<string, string>;
  /** Seconds that a token is said to last; nothing is said where undefined. */
  expiresIn?: number;
  /** Seconds until a token really ends; negative for the past. */
  lifetime: number;
  /** Answers instead of a token. */
  answer?: { status: number; body: string; headers?: Record<string, string> };
}

/**
 * A token server for the Distribution registry (Docker "Token Authentication Specification"),
 * signing with ES256.
 */
export interface TokenServer {
  realm: string;
  service: string;
  issuer: string;
  /** Public key, for the registry's configuration. */
  jwks: object;
  behavior: TokenServerBehavior;
  requests: TokenRequest[];
  stop(): Promise<void>;
}

const keyId = "slipway-tests";

/**
 * Starts a token server on a free port of this machine. Signed-in users get what they ask for,
 * others only pull.
 */
export async function startTokenServer(behavior: Partial<TokenServerBehavior> = {}): Promise<TokenServer> {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const service = "slipway-test-registry";
  const issuer = "slipway-test-issuer";
  const state: TokenServerBehavior = { users: {}, identityTokens: {}, lifetime: 300, ...behavior };
  const requests: TokenRequest[] = [];

  const jwt = (account: string, scopes: readonly string[]): string => {
    const now = Math.floor(Date.now() / 1000);
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const header = part({ typ: "JWT", alg: "ES256", kid: keyId });
    const claims = part({
      iss: issuer,
      sub: account,
      aud: service,
      iat: now,
      nbf: now - 120,
      exp: now + state.lifetime,
      jti: `${now}-${requests.length}`,
      access: scopes.map((scope) => grant(scope, account)),
    });
    const signature = sign("sha256", Buffer.from(`${header}.${claims}`), {
      key: privateKey,
      dsaEncoding: "ieee-p1363",
    });
    return `${header}.${claims}.${signature.toString("base64url")}`;
  };

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const { account, scopes, refused } = await readRequest(request, state);
    const { answer } = state;
    const status = answer?.status ?? (refused ? 401 : 200);
    const { authorization } = request.headers;
    requests.push({ method: request.method ?? "", account, scopes, authorization, status });
    if (answer) {
      response.writeHead(status, answer.headers).end(answer.body);
    } else if (refused) {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify({ details: "incorrect username or password" }));
    } else {
      const token = jwt(account ?? "", scopes);
      response.writeHead(status, { "content-type": "application/json" });
      response.end(
        JSON.stringify({
          ...(request.method === "POST" ? { access_token: token } : { token }),
          ...(state.expiresIn === undefined ? {} : { expires_in: state.expiresIn }),
          issued_at: new Date().toISOString(),
        }),
      );
    }
  };

  const server = createServer((request, response) => void handle(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    realm: `http://127.0.0.1:${port}/token`,
    service,
    issuer,
    jwks: {
      keys: [{ ...publicKey.export({ format: "jwk" }), kid: keyId, alg: "ES256", use: "sig" }],
    },
    behavior: state,
    requests,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function grant(scope: string, account: string): { type: string; name: string; actions: string[] } {
  const [type = "", name = "", actions = ""] = scope.split(":");
  const asked = actions.split(",");
  return { type, name, actions: account ? asked : asked.filter((action) => action === "pull") };
}

async function readRequest(
  request: IncomingMessage,
  state: TokenServerBehavior,
): Promise<{ account?: string; scopes: string[]; refused: boolean }> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  if (request.method === "POST") {
    const form = new URLSearchParams(Buffer.concat(chunks).toString("utf8"));
    const account = state.identityTokens[form.get("refresh_token") ?? ""];
    const scopes = (form.get("scope") ?? "").split(" ").filter(Boolean);
    return { account, scopes, refused: account === undefined };
  }
  const scopes = new URL(request.url ?? "/", "http://localhost").searchParams.getAll("scope");
  const basic = /^Basic (.+)$/.exec(request.headers.authorization ?? "")?.[1];
  if (basic === undefined) return { scopes, refused: false };
  const [user = "", ...rest] = Buffer.from(basic, "base64").toString("utf8").split(":");
  const known = state.users[user] !== undefined && state.users[user] === rest.join(":");
  return { account: user, scopes, refused: !known };
}
