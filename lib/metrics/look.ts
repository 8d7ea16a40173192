import type { SizedImage } from "../contents/image-sizes";
import type { PublishedImage, PublishedImages } from "../contents/published-images";
import type { GitHubEndpoint } from "../github/endpoint";
import type { AskedMetrics } from "./asked";
import { GitHubUsage } from "./github-usage";
import { imagePulls } from "./image-pulls";
import { JsonService } from "./json-service";
import { packageDownloads } from "./packages";
import { reportOf, type MetricsReport } from "./report";
import { keyOf, notAvailable, row, type MetricRow } from "./row";

/** How services are asked. */
export interface LookOptions {
  readonly now: Date;
  /** How many of the newest versions sizes, ages and downloads are told of. */
  readonly versions: number;
  /** What the client calls itself, e.g. `slipway/1.2.3`. */
  readonly agent: string;
  /** The token for an endpoint of GitHub, where there is one. */
  readonly tokenFor: (endpoint: GitHubEndpoint) => string | undefined;
  /** Reads of a registry how large an image is; throws an Error where nobody can tell. */
  readonly sizesOf: (image: PublishedImage) => Promise<readonly SizedImage[]>;
}

/**
 * Reads how distributions are used, as far as anybody is told. What cannot be read is a row without a value; nothing is
 * thrown for it.
 *
 * @param published versions that the stack has published, the oldest first
 */
export async function lookAtMetrics(
  asked: readonly AskedMetrics[],
  published: ReadonlyMap<string, PublishedImages>,
  options: LookOptions,
): Promise<MetricsReport> {
  const service = new JsonService(options.agent);
  try {
    const rows = asked.flatMap(({ images, packages, addresses, github }) => [
      ...images.flatMap(({ repositories }) =>
        repositories.map((repository) => imagePulls(service, repository, addresses)),
      ),
      packageDownloads(service, packages, addresses),
      ...(github === undefined ? [] : [new GitHubUsage(service, github, options, options.tokenFor).rows()]),
    ]);
    const mains = new Set(
      asked.flatMap(({ images }) => images.flatMap(({ repositories }) => repositories[0] ?? [])),
    );
    const found = await Promise.all([...rows, sizeRows(published, mains, options)]);
    return reportOf(options.now, once([...found.flat(), ...ageRows(published, options)]));
  } finally {
    await service.close();
  }
}

/** Two distributions may have a repository in common. */
function once(rows: readonly MetricRow[]): MetricRow[] {
  return [...new Map(rows.map((one) => [keyOf(one), one])).values()];
}

/**
 * Sizes by version and platform, each compared with that of the version before. Mirrors have the same digests.
 *
 * @param mains repositories whose images are read
 */
async function sizeRows(
  published: ReadonlyMap<string, PublishedImages>,
  mains: ReadonlySet<string>,
  { versions, sizesOf }: LookOptions,
): Promise<MetricRow[]> {
  // One more: the oldest that is told is compared too.
  const newest = [...published].slice(-(versions + 1));
  const read = await Promise.all(
    newest.flatMap(([version, { images }]) =>
      images
        .filter(({ repository }) => mains.has(repository))
        .map((image) => sizesAt(version, image, sizesOf)),
    ),
  );
  const former = new Map<string, { version: string; size: number }>();
  const rows = read.flat().map((one): MetricRow => {
    if (one.value === undefined) return one;
    const key = `${one.of} ${one.platform}`;
    const before = former.get(key);
    former.set(key, { version: one.version, size: one.value });
    return before ? { ...one, change: one.value - before.size, since: before.version } : one;
  });
  const told = new Set(newest.slice(-versions).map(([version]) => version));
  return rows.filter(({ version }) => told.has(version));
}

async function sizesAt(
  version: string,
  image: PublishedImage,
  sizesOf: LookOptions["sizesOf"],
): Promise<MetricRow[]> {
  const { repository } = image;
  try {
    const sizes = await sizesOf(image);
    return sizes.map(({ platform, size }) => row("size", repository, size, { version, platform }));
  } catch (error) {
    return [{ ...notAvailable("size", repository, (error as Error).message), version }];
  }
}

function ageRows(
  published: ReadonlyMap<string, PublishedImages>,
  { now, versions }: LookOptions,
): MetricRow[] {
  if (published.size === 0) return [notAvailable("age", "version", "the stack has published no version")];
  return [...published].slice(-versions).map(([version, { published: time }]) => {
    const seconds = Math.max(0, Math.round((now.getTime() - Date.parse(time)) / 1000));
    return row("age", "version", seconds, { version });
  });
}
