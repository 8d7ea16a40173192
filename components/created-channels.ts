import * as pulumi from "@pulumi/pulumi";
import type { ChannelArtifact } from "../lib/channels/artifact";
import { ChannelGate } from "../resources";
import type { BinaryOf, MadeArchive } from "./archives";
import { channelsOf, releaseOf } from "./declaration/channel-findings";
import type { ChannelContent, ChannelRelease, ChannelResource } from "./declaration/channel-target";
import type { DistributionDeclaration } from "./declaration/declaration";

/** What channels are given. */
export interface ChannelSources {
  /** The archives of the release. */
  archives: readonly MadeArchive[];
  programOf: BinaryOf;
  /** What must be there before a channel names it. */
  whenReleased: () => pulumi.Resource[];
}

/**
 * Gives the release to the declared channels when everything can be downloaded. One that fails does
 * not keep the others from going on: a gate in the end fails the run.
 */
export function createChannels(
  distribution: string,
  args: DistributionDeclaration,
  sources: ChannelSources,
  parent: pulumi.Resource,
): ChannelResource[] {
  const { version, channels } = channelsOf(args);
  if (version === undefined) return [];
  const release = releaseOf(distribution, { ...args, version });
  const content: ChannelContent = {
    ...release,
    source: args.source,
    artifactsOf: (archive) => pulumi.all(artifactsOf(release, archive, sources.archives)),
    programOf: sources.programOf,
  };
  const dependsOn = sources.whenReleased();
  const created = channels.map((channel) => ({
    channel: `${channel.kind} ${channel.name}`,
    grace: channel.grace,
    resource: channel.create(content, { parent, dependsOn }),
  }));
  new ChannelGate(
    `${distribution}-channels`,
    {
      channels: created.map(({ channel, grace, resource: { state, reason, awaitingSince } }) => ({
        channel,
        state,
        reason,
        awaitingSince,
        grace,
      })),
    },
    { parent },
  );
  return created.map(({ resource }) => resource);
}

function artifactsOf(
  { archives }: ChannelRelease,
  archive: string,
  made: readonly MadeArchive[],
): pulumi.Output<ChannelArtifact>[] {
  return (archives[archive] ?? []).flatMap((planned) => {
    const own = made.filter((one) => one.planned.archive === archive);
    const found = own.find((one) => one.planned.platform === planned.platform);
    return found === undefined ? [] : [found.file.apply(({ digest }) => ({ ...planned, digest }))];
  });
}
