import type { GitHubClient } from "./client";
import type { GitHubRepository } from "./names";
import { formatGitHubRepository } from "./names";

/** What GitHub tells who asks for a repository about what they may do. */
export interface RepositoryRights {
  /** Whether the account may write to it; undefined where GitHub does not say. */
  readonly canPush: boolean | undefined;
  readonly isArchived: boolean;
  /** Scopes of the token; undefined where it is of a kind that has none. */
  readonly scopes: readonly string[] | undefined;
  /** When the token ends, in milliseconds; undefined where it does not, or GitHub does not say. */
  readonly tokenEndsAt: number | undefined;
  /** Requests that are left of the hour, and when there are all again, in milliseconds. */
  readonly rate: { readonly left: number; readonly limit: number; readonly resetsAt: number } | undefined;
}

/**
 * Asks for a repository, and reads from the answer what the token is good for.
 *
 * Source: GitHub REST API, "Get a repository", "Rate limits", "Scopes for OAuth apps"; the header of a token's end is of
 * "Reviewing and revoking personal access tokens".
 *
 * @throws GitHubError
 */
export async function repositoryRights(
  client: GitHubClient,
  repository: GitHubRepository,
): Promise<RepositoryRights> {
  const { data, headers } = await client.call(
    `reading the repository ${formatGitHubRepository(repository)}`,
    repository,
    async (octokit) => ({
      data: await octokit.rest.repos.get({ owner: repository.owner, repo: repository.name }),
    }),
  );
  const header = (name: string) => {
    const value = (headers as Readonly<Record<string, string | number | undefined>>)[name];
    return value === undefined ? undefined : String(value);
  };
  const [left, limit, resetsAt] = ["remaining", "limit", "reset"].map((name) =>
    Number(header(`x-ratelimit-${name}`) ?? Number.NaN),
  ) as [number, number, number];
  const endsAt = Date.parse((header("github-authentication-token-expiration") ?? "").replace(/ UTC$/, "Z"));
  const scopes = header("x-oauth-scopes");
  return {
    canPush: data.permissions?.push,
    isArchived: data.archived,
    scopes: scopes?.split(",").flatMap((scope) => (scope.trim() === "" ? [] : [scope.trim()])),
    tokenEndsAt: Number.isNaN(endsAt) ? undefined : endsAt,
    rate: Number.isNaN(left + limit + resetsAt) ? undefined : { left, limit, resetsAt: resetsAt * 1000 },
  };
}
