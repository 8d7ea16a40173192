import { htpasswdUser } from "../registries";
import { refusal, type Answer, type Exchange } from "./exchange";
import type { Vendor } from "./vendor";

const signedIn = `Basic ${Buffer.from(`${htpasswdUser.username}:${htpasswdUser.password}`).toString("base64")}`;

/**
 * Quay: a repository is made by the first token for a push to it. Until then a token for pulling from
 * it, which a user gets who has signed in, allows nothing: all reads are answered with 401.
 * https://github.com/helm/helm/issues/31567
 */
export const quay: Vendor = {
  name: "quay",
  behavior: "answers 401 to reads of a repository until somebody has asked for a token to push to it",
  source: "https://github.com/helm/helm/issues/31567",
  registry: "debian",
  signedIn: true,
  behave: () => {
    const made = new Set<string>();
    const tokens = new Map<string, ReadonlySet<string>>();

    const token = ({ headers, query }: Exchange): Answer => {
      if (headers.authorization !== undefined && headers.authorization !== signedIn) {
        return refusal(401, "UNAUTHORIZED", "Invalid Username or Password");
      }
      const granted = new Set<string>();
      for (const scope of headers.authorization === undefined ? [] : query.getAll("scope")) {
        const [, path = "", actions = ""] = /^repository:(.+):([^:]*)$/.exec(scope) ?? [];
        const asked = actions.split(",");
        if (asked.includes("push")) made.add(path);
        if (made.has(path)) for (const action of asked) granted.add(`${path}:${action}`);
      }
      const value = `token-${tokens.size + 1}`;
      tokens.set(value, granted);
      return {
        status: 200,
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ token: value }),
      };
    };

    return async (exchange) => {
      const { headers, kind, method, path, reads, repository, pass } = exchange;
      if (path.startsWith("/v2/auth?")) return token(exchange);
      const granted = tokens.get(headers.authorization?.replace(/^Bearer /, "") ?? "");
      const action = reads ? "pull" : method === "DELETE" ? "delete" : "push";
      if (granted && (kind === "base" || granted.has(`${repository}:${action}`))) {
        return pass({ headers: { ...headers, authorization: signedIn } });
      }
      const scope =
        repository === "" ? "" : `,scope="repository:${repository}:${reads ? "pull" : "pull,push"}"`;
      return refusal(401, "UNAUTHORIZED", "access to the requested resource is not authorized", {
        "www-authenticate": `Bearer realm="http://${headers.host}/v2/auth",service="quay.invalid"${scope}`,
      });
    };
  },
};
