import type { Finding } from "../../resources/definitions/input-findings";
import { defaultSumsFile } from "../../lib/archive/sums";
import { ChannelError } from "../../lib/channels/artifact";
import { planArtifacts } from "./artifact-plan";
import type { ChannelRelease, ChannelTarget, ReleasedImage, ShippedPackage } from "./channel-target";
import type { DistributionDeclaration } from "./declaration";
import { planExtraArtifacts } from "./extra-artifact-plan";
import { placesOf } from "./image-places";
import { publishes } from "./mode";
import { platformsOfProgram, programNames } from "./programs";

/** Returns what channels cannot carry, or cannot get. */
export function channelFindings(name: string, args: DistributionDeclaration): Finding[] {
  const { channels = [], version } = args;
  const repeated = channels.flatMap((channel, index): Finding[] => {
    const isSame = (other: typeof channel) => other.kind === channel.kind && other.name === channel.name;
    return channels.findIndex(isSame) < index
      ? [{ property: `channels[${index}]`, reason: `${channel.kind} ${channel.name} is listed twice` }]
      : [];
  });
  if (repeated.length > 0 || channels.length === 0 || version === undefined) return repeated;
  const asked = releaseOf(name, { ...args, version });
  const release = { ...asked, shippedPackages: channels.flatMap((channel) => shippedBy(channel, asked)) };
  return channels.flatMap((channel, index) =>
    (channel.findings?.(release) ?? []).map(({ property, reason }) => ({
      property: `channels[${index}]${property === "" ? "" : `.${property}`}`,
      reason,
    })),
  );
}

/** What a channel publishes; nothing where it cannot, which is a finding of its own. */
function shippedBy(channel: ChannelTarget, release: ChannelRelease): readonly ShippedPackage[] {
  try {
    return channel.shippedPackages?.(release) ?? [];
  } catch (error) {
    if (error instanceof ChannelError) return [];
    throw error;
  }
}

/** What channels are asked about. */
export function releaseOf(
  distribution: string,
  args: DistributionDeclaration & { version: string },
): ChannelRelease {
  const urlOf = (file: string) => downloadUrl(args, { distribution, version: args.version }, file);
  const planned = planArtifacts(args, urlOf);
  const archives = Object.keys(args.archives ?? {}).map(
    (archive) => [archive, planned.flatMap((one) => (one.archive === archive ? one.artifact : []))] as const,
  );
  const programs = programNames(args).map((program) => [program, platformsOfProgram(program, args)] as const);
  return {
    distribution,
    version: args.version,
    licenses: args.licenses,
    sumsFile: args.checksums?.name ?? defaultSumsFile,
    archives: Object.fromEntries(archives),
    extraArtifacts: Object.fromEntries(
      planExtraArtifacts(args).map(({ artifact, names }) => [artifact, names]),
    ),
    downloadUrl: urlOf,
    releasedImages: Object.fromEntries(
      Object.entries(args.images).map(([image, declared]) => [image, releasedImage(image, declared, args)]),
    ),
    programs: Object.fromEntries(programs),
  };
}

function releasedImage(
  name: string,
  image: DistributionDeclaration["images"][string],
  { registries }: Pick<DistributionDeclaration, "registries">,
): ReleasedImage {
  const { repository = name, alsoRepositories = [], labels = {} } = image;
  const places = placesOf(repository, alsoRepositories, registries).map((place) => place.repository);
  return {
    repositories: places.filter((place) => !/^oci-(layout|archive):/.test(place)),
    labels: Object.fromEntries(
      Object.entries(labels).flatMap(([label, value]) => (typeof value === "string" ? [[label, value]] : [])),
    ),
    mayHaveMore:
      Object.values(labels).some((value) => typeof value !== "string") ||
      "dockerfile" in image ||
      image.base !== undefined,
  };
}

/** Names of the files that channels add to a release, by the position of the channel. */
export function channelAssetNames(name: string, args: DistributionDeclaration): (readonly string[])[] {
  const { channels = [], version } = args;
  if (version === undefined) return [];
  const release = releaseOf(name, { ...args, version });
  return channels.map((channel) => channel.assetNames?.(release) ?? []);
}

/** Those of them that are texts. */
export function channelTextNames(name: string, args: DistributionDeclaration): readonly string[] {
  const { channels = [] } = args;
  return channelAssetNames(name, args).flatMap((own, index) =>
    channels[index]?.assetTexts === undefined ? [] : own,
  );
}

/** Where a released file is downloaded from: at the first host that knows it. */
export function downloadUrl(
  { release }: Pick<DistributionDeclaration, "release">,
  released: { distribution: string; version: string },
  fileName: string,
): string | undefined {
  const urls = [release ?? []].flat().map((host) => host.downloadUrl?.(released, fileName));
  return urls.find((url) => url !== undefined);
}

/** The channels that a run gives something to: none without a version, and where nothing is published. */
export function channelsOf(args: DistributionDeclaration): {
  version: string | undefined;
  channels: readonly ChannelTarget[];
} {
  const { channels = [], version } = args;
  const isGiven = channels.length > 0 && version !== undefined && publishes(args);
  return isGiven ? { version, channels } : { version: undefined, channels: [] };
}
