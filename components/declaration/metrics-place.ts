import { repositoryAt } from "../../lib/git/remote";
import { defaultEndpoint } from "../../lib/github/endpoint";
import { formatGitHubRepository, parseGitHubRepository } from "../../lib/github/names";
import type { DistributionDeclaration } from "./declaration";
import type { ReleaseTarget } from "./release-target";

/** A repository of GitHub, and the REST endpoint that has it. */
export interface GitHubPlace {
  readonly repository: string;
  readonly endpoint: string;
}

/** The repository of GitHub that a distribution is of: as `metrics` says, else that of its release, else of its sources. */
export function githubPlace({
  metrics = {},
  release,
  source,
}: Pick<DistributionDeclaration, "metrics" | "release" | "source">): GitHubPlace | undefined {
  const released = [release ?? []].flat().find(({ host, name }) => host !== undefined && isGitHubName(name));
  const endpoint = metrics.addresses?.github ?? endpointOf(released) ?? defaultEndpoint;
  const sources = source === undefined ? undefined : repositoryAt(source, "github.com");
  const repository = metrics.repository ?? released?.name ?? (sources && formatGitHubRepository(sources));
  return repository === undefined ? undefined : { repository, endpoint };
}

/** The endpoint that is declared with a release, where it is a plain text. */
function endpointOf(release: ReleaseTarget | undefined): string | undefined {
  const access: unknown = release?.access;
  if (typeof access !== "object" || access === null || !("endpoint" in access)) return undefined;
  return typeof access.endpoint === "string" ? access.endpoint : undefined;
}

function isGitHubName(name: string): boolean {
  try {
    parseGitHubRepository(name);
    return true;
  } catch {
    return false;
  }
}
