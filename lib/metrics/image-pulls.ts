import { dockerHub, parseRepository } from "../oci/reference";
import { withoutPatience } from "../oci/transport/retry";
import { briefRetryPolicy } from "../oci/transport/retry-policy";
import { ApiError } from "../json-api/api-error";
import { DockerHub } from "../registries/docker-hub/hub";
import { urlBelow } from "../text/url-below";
import type { AskedMetrics } from "./asked";
import { countOf, fieldOf, itemsOf, NotTold, type JsonService } from "./json-service";
import { notAvailable, row, type MetricRow } from "./row";

/** How long Docker Hub may take for one answer, with its waits, in milliseconds. */
const answerMs = 45_000;

/** Registries of which it is known that nobody is told pulls, and why. */
const silent: readonly (readonly [host: RegExp, why: string])[] = [
  // https://docs.github.com/rest/packages, and github.com/badges/shields/issues/5594 (read 2026-11-30).
  [/^ghcr\.io$/, "GitHub has no API for pulls of container packages"],
  [/(^|\.)gcr\.io$|-docker\.pkg\.dev$/, "Google Artifact Registry counts no pulls"],
  [/\.dkr\.ecr\.[^.]+\.amazonaws\.com/, "Amazon ECR tells pulls in CloudWatch alone, which wants an account"],
  [/\.azurecr\.io$/, "Azure tells pulls in Azure Monitor alone, which wants an account"],
  [/^(localhost|127\.0\.0\.1|\[::1\])(:|$)/, "a registry of this machine counts no pulls"],
];

/** How often a repository was pulled and who has starred it, as far as its registry tells that to everybody. */
export async function imagePulls(
  service: JsonService,
  repository: string,
  addresses: Pick<AskedMetrics["addresses"], "dockerHub" | "quay">,
): Promise<MetricRow[]> {
  const { registry, path } = parseRepository(repository);
  try {
    if (registry === dockerHub) return await ofDockerHub(repository, path, addresses.dockerHub);
    if (registry === "quay.io") return await ofQuay(service, repository, path, addresses.quay);
  } catch (error) {
    if (!(error instanceof NotTold)) throw error;
    const { message } = error;
    return [notAvailable("pulls", repository, message), notAvailable("stars", repository, message)];
  }
  const known = silent.find(([host]) => host.test(registry))?.[1];
  const reason = known ?? `${registry} has no API for pulls that Slipway knows`;
  return [notAvailable("pulls", repository, reason), notAvailable("stars", repository, reason)];
}

/** `pull_count` and `star_count`, since the repository was made. No number is told by tag or platform. */
async function ofDockerHub(repository: string, path: string, address: string): Promise<MetricRow[]> {
  const signal = AbortSignal.timeout(answerMs);
  const hub = new DockerHub(undefined, { address: new URL(address), retry: briefRetryPolicy, signal });
  try {
    const found = await withoutPatience(() => hub.repository(path));
    if (found === undefined) throw new NotTold("Docker Hub tells nobody of it who has not signed in");
    return [counted("pulls", repository, found.pullCount), counted("stars", repository, found.starCount)];
  } catch (error) {
    if (signal.aborted) throw new NotTold(`Docker Hub did not answer within ${answerMs / 1000} s`);
    if (error instanceof ApiError) throw new NotTold(error.message, error.status);
    throw error;
  } finally {
    await hub.close();
  }
}

function counted(metric: "pulls" | "stars", repository: string, count: number): MetricRow {
  const value = countOf(count);
  return value === undefined
    ? notAvailable(metric, repository, `Docker Hub tells ${count} ${metric}`)
    : row(metric, repository, value);
}

/**
 * `GET /api/v1/repository/NAMESPACE/NAME?includeStats=true`: for each of the last three months' days how much was
 * done with the repository. That are all entries of its log, pulls and pushes together, so it is no count of pulls.
 * Source: Quay API reference, `getRepo`, https://docs.redhat.com/documentation/red_hat_quay/3.15, and quay/quay,
 * `endpoints/api/repository.py` and `count_repository_actions` (read 2026-11-30).
 */
async function ofQuay(
  service: JsonService,
  repository: string,
  path: string,
  address: string,
): Promise<MetricRow[]> {
  const url = new URL(urlBelow(address, ["api/v1/repository", path]));
  url.search = "includeStats=true&includeTags=false";
  const stats = itemsOf(fieldOf(await service.read(url), "stats"));
  const counts = stats.flatMap((day) => countOf(fieldOf(day, "count")) ?? []);
  const total = counts.reduce((sum, count) => sum + count, 0);
  return [
    notAvailable("pulls", repository, "Quay counts pulls and pushes together"),
    notAvailable("stars", repository, "Quay tells stars of an account, not of a repository"),
    counts.length === 0
      ? notAvailable("actions", repository, "Quay does not tell stats of it")
      : row("actions", repository, total, { period: "3 months" }),
  ];
}
