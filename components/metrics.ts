import * as pulumi from "@pulumi/pulumi";
import { publicAddresses, type AskedMetrics, type CountedPackage } from "../lib/metrics/asked";
import { defined } from "../lib/objects/defined";
import { parseEntry } from "../lib/release/published-version";
import type { BuiltImage } from "./built-images";
import { releaseOf } from "./declaration/channel-findings";
import type { DistributionDeclaration } from "./declaration/declaration";
import { placesOf } from "./declaration/image-places";
import { githubPlace } from "./declaration/metrics-place";
import { isRegistry } from "./declaration/registry";
import type { PlannedTag } from "./declaration/tag-rules";

/** Sizes and times of what is published. Counts are read by `npx slipway metrics`, and are no outputs. */
export interface PublishedMetrics {
  /** Bytes as transferred, by image, tag and platform. */
  readonly sizes: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, number>>>>>>;
  /** When each of the newest versions was published first, as ISO 8601 times in UTC. */
  readonly published: Readonly<Record<string, string>>;
}

type Built = Readonly<Record<string, Readonly<Record<string, BuiltImage>>>>;

/** Sizes by image, tag and platform. */
export function tagSizes(
  built: pulumi.Output<Built>,
  tags: readonly PlannedTag[],
): pulumi.Output<PublishedMetrics["sizes"]> {
  const names = tags.filter(({ published }) => published).map(({ tag }) => tag);
  return built.apply((images) =>
    mapped(images, (platforms) => {
      const sizes = mapped(platforms, ({ size }) => size);
      return Object.fromEntries(names.map((tag) => [tag, sizes]));
    }),
  );
}

/** Versions that outputs tell of, the newest: what is older is in the ledger. */
const toldVersions = 20;

/** When the newest versions were published, as the ledger has noted it. */
export function publishedTimes(
  versions: pulumi.Output<Record<string, string>> | undefined,
): pulumi.Output<PublishedMetrics["published"]> {
  return pulumi.output(versions ?? {}).apply((entries) => {
    const times = Object.entries(entries).flatMap(([version, entry]: [string, unknown]) =>
      // A state of before the ledger wrote texts has values.
      typeof entry === "string" ? [[version, parseEntry(entry, version).published] as const] : [],
    );
    const sorted = times.sort(([, one], [, other]) => (one < other ? -1 : 1));
    return Object.fromEntries(sorted.slice(-toldVersions));
  });
}

/**
 * Whose numbers are wanted; undefined where a distribution declares no `metrics`. It follows from the declaration alone, so
 * that it is known, and no secret, whatever becomes of the release.
 */
export function askedMetrics(name: string, args: DistributionDeclaration): AskedMetrics | undefined {
  const { metrics, images, registries } = args;
  if (metrics === undefined) return undefined;
  const { github: _github, ...addresses } = metrics.addresses ?? {};
  const place = githubPlace(args);
  const hosts = registries.filter(isRegistry);
  return defined({
    images: Object.entries(images).map(([image, { repository = image, alsoRepositories = [] }]) => ({
      image,
      repositories: placesOf(repository, alsoRepositories, hosts).map((one) => one.repository),
    })),
    github: place && {
      ...place,
      workflows: metrics.workflows ?? [],
      ...(metrics.branch !== undefined && { branch: metrics.branch }),
      feedback: metrics.feedback ?? [],
    },
    packages: packagesOf(name, args),
    addresses: { ...publicAddresses, ...defined(addresses) },
  });
}

/** Those of the channels, and those that are named; each once. */
function packagesOf(name: string, args: DistributionDeclaration): CountedPackage[] {
  const { channels = [], metrics, version } = args;
  // A package has no other name with another version.
  const release = releaseOf(name, { ...args, version: version ?? "0.0.0" });
  const counted = [
    ...channels.flatMap((channel) => channel.counted?.(release) ?? []),
    ...(metrics?.packages ?? []),
  ];
  return [...new Map(counted.map((one) => [`${one.registry} ${one.name}`, one])).values()];
}

function mapped<T, R>(record: Readonly<Record<string, T>>, map: (value: T) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
