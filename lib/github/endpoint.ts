/** Where GitHub's REST API is, and which hosts may see the token. */

export const defaultEndpoint = "https://api.github.com";

const loopbackHosts: ReadonlySet<string> = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** The REST endpoint of github.com, of a `ghe.com` tenant, or of a GitHub Enterprise Server. */
export class GitHubEndpoint {
  private readonly base: URL;

  /** @throws Error where the text is not an endpoint; see {@link checkEndpoint} */
  constructor(text: string = defaultEndpoint) {
    this.base = parseEndpoint(text);
  }

  /** URL without a slash at its end. */
  get url(): string {
    return this.base.href.replace(/(?<!\/)\/+$/, "");
  }

  get host(): string {
    return this.base.host;
  }

  /**
   * Where people see repositories and download from: github.com beside `api.github.com`, `NAME.ghe.com`
   * beside `api.NAME.ghe.com`, and an Enterprise Server itself.
   */
  get webUrl(): string {
    const api = "api.";
    return `${this.base.protocol}//${this.base.host.startsWith(api) ? this.base.host.slice(api.length) : this.base.host}`;
  }

  /**
   * Returns whether the token may go there: the endpoint itself, and where assets are uploaded to,
   * which github.com and ghe.com have on `uploads.HOST` beside `api.HOST`, and an Enterprise Server
   * under the same host.
   */
  trusts(url: URL): boolean {
    if (url.origin === this.base.origin) return true;
    return (
      this.base.hostname.startsWith("api.") &&
      url.protocol === "https:" &&
      url.port === this.base.port &&
      url.hostname === this.base.hostname.replace(/^api\./, "uploads.")
    );
  }

  /** Whether it is a service of GitHub's own, which asks clients to space their writes. */
  get hosted(): boolean {
    return this.base.hostname === "api.github.com" || this.base.hostname.endsWith(".ghe.com");
  }
}

/** @throws Error saying what is wrong with an endpoint */
export function checkEndpoint(text: string): void {
  parseEndpoint(text);
}

function parseEndpoint(text: string): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new Error(
      `${JSON.stringify(text)} is not a URL (a valid example: "https://github.example.com/api/v3")`,
    );
  }
  if (url.username || url.password || url.search || url.hash) {
    throw new Error("an endpoint has no credentials, query or fragment; the token has a field of its own");
  }
  const loopback = loopbackHosts.has(url.hostname);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && loopback)) {
    throw new Error(`${JSON.stringify(text)} is not https, and the token would travel in the clear`);
  }
  if (url.hostname === "github.com") {
    throw new Error(`the API of github.com is at ${defaultEndpoint}, which is the default`);
  }
  if (!loopback && url.pathname === "/" && !url.hostname.startsWith("api.")) {
    throw new Error(
      `a GitHub Enterprise Server answers under /api/v3 (a valid example: "https://${url.host}/api/v3")`,
    );
  }
  return url;
}

/**
 * The token of the environment: `GITHUB_TOKEN`, then `GH_TOKEN`; for an Enterprise Server before
 * them `GH_ENTERPRISE_TOKEN` and `GITHUB_ENTERPRISE_TOKEN`, as the `gh` command has it.
 */
export function environmentToken(
  endpoint: Pick<GitHubEndpoint, "hosted">,
  env: NodeJS.ProcessEnv,
): string | undefined {
  const server = endpoint.hosted ? [] : [env.GH_ENTERPRISE_TOKEN, env.GITHUB_ENTERPRISE_TOKEN];
  return [...server, env.GITHUB_TOKEN, env.GH_TOKEN].map((token) => token?.trim()).find(Boolean);
}
