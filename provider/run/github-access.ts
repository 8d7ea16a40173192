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
  private opened: Promise<GitHubClient> | undefined;

  constructor(
    private readonly config: ProviderConfig,
    private readonly log: EngineLog,
  ) {}

  client(signal: AbortSignal): Promise<GitHubClient> {
    this.opened ??= this.open(signal);
    return this.opened;
  }

  async close(): Promise<void> {
    await (await this.opened)?.close();
  }

  private async open(signal: AbortSignal): Promise<GitHubClient> {
    const { GitHubClient } = await import("../../lib/github/client.js");
    return new GitHubClient({
      endpoint: this.config.github?.endpoint,
      token: githubToken(this.config),
      onWait: (message) => this.log.write("warning", message, ""),
      signal,
    });
  }
}
