import * as z from "zod";

/** What a token of Docker Hub says of itself. Nothing where it says nothing. */
export interface HubClaims {
  /** What it may do, e.g. `repo:write`. */
  readonly scopes?: readonly string[];
  /** Id of the personal access token that it stands for. */
  readonly accessTokenId?: string;
}

const claims = z.looseObject({
  scope: z.string().optional(),
  "https://hub.docker.com": z.looseObject({ source: z.string().optional() }).optional(),
});

/**
 * Reads the claims of a token, which Docker Hub alone verifies.
 *
 * Source: `scope`, and `source` as `docker_{type}|{id}`, are as Docker's CLI reads them (docker/cli
 * internal/oauth/jwt.go, 2025). They are documented nowhere else, so whatever is otherwise is taken for nothing.
 */
export function claimsOf(token: string): HubClaims {
  const [, payload = ""] = token.split(".");
  try {
    const read = claims.parse(JSON.parse(Buffer.from(payload, "base64url").toString("utf8")));
    const scopes = (read.scope ?? "").split(" ").filter((scope) => scope !== "");
    const id = /^docker_pat\|(\S+)$/.exec(read["https://hub.docker.com"]?.source ?? "")?.[1];
    return {
      ...(scopes.length > 0 && { scopes }),
      ...(id !== undefined && { accessTokenId: id }),
    };
  } catch {
    return {};
  }
}
