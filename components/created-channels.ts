import type * as pulumi from "@pulumi/pulumi";
import { ChannelGate } from "../resources";
import { channelContent, type ChannelSources } from "./channel-content";
import { channelsOf } from "./declaration/channel-findings";
import type { ChannelResource } from "./declaration/channel-target";
import type { DistributionDeclaration } from "./declaration/declaration";

/**
 * Gives the release to the declared channels when everything can be downloaded. One that fails does
 * not keep the others from going on: a gate in the end fails the run.
 *
 * @param whenReleased what must be there before a channel names it
 */
export function createChannels(
  distribution: string,
  args: DistributionDeclaration,
  sources: ChannelSources,
  whenReleased: () => pulumi.Resource[],
  parent: pulumi.Resource,
): ChannelResource[] {
  const { version, channels } = channelsOf(args);
  if (version === undefined) return [];
  const content = channelContent(distribution, { ...args, version }, sources);
  const dependsOn = whenReleased();
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
