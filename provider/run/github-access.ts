import { environmentToken, GitHubEndpoint } from "../../lib/github/endpoint";
import type { GitHubClient } from "../../lib/github/client";
import type { ProviderConfig } from "../../resources/definitions/provider-config";
import type { EngineLog } from "../base/engine-log";

/** The token for GitHub: of the provider's configuration, or of the environment. */
export function githubToken(
  config: ProviderConfig,
  env: NodeJS.ProcessEnv = process.env,
): string | undefined {
  return config.github?.token ?? environmentToken(new GitHubEndpoint(config.github?.endpoint), env);
}

/**
 * The client for GitHub of one run. Octokit is loaded where a program has a release only: it would
 * slow every start.
 */
export class GitHubAccess {
  private readonly opened = new Map<string | undefined, Promise<GitHubClient>>();

  constructor(
    private readonly config: ProviderConfig,
    private readonly log: EngineLog,
  ) {}

  /** @param token of one resource. Default: that of the provider */
  client(signal: AbortSignal, token = githubToken(this.config)): Promise<GitHubClient> {
    const known = this.opened.get(token) ?? this.open(token, signal);
    this.opened.set(token, known);
    return known;
  }

  /** Host of repositories, e.g. `github.com`. */
  get webHost(): string {
    return new URL(new GitHubEndpoint(this.config.github?.endpoint).webUrl).host;
  }

  async close(): Promise<void> {
    for (const client of this.opened.values()) await (await client).close();
  }

  private async open(token: string | undefined, signal: AbortSignal): Promise<GitHubClient> {
    const { GitHubClient } = await import("../../lib/github/client.js");
    return new GitHubClient({
      endpoint: this.config.github?.endpoint,
      token,
      onWait: (message) => this.log.write("warning", message, ""),
      signal,
    });
  }
}
