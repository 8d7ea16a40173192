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
  const publishing = channels.filter((channel) => channel.create !== undefined);
  if (version === undefined || publishing.length === 0) return [];
  const content = channelContent(distribution, { ...args, version }, sources);
  const dependsOn = whenReleased();
  const created = publishing.flatMap((channel) => {
    const made = channel.create?.(content, { parent, dependsOn });
    if (made === undefined) return [];
    const { resource, copies } = "copies" in made ? made : { resource: made, copies: [] };
    const name = `${channel.kind} ${channel.name}`;
    return [
      { channel: name, grace: channel.grace, isObserved: channel.observed === true, resource },
      ...copies.map((copy) => ({
        channel: `${name} in ${copy.place}`,
        grace: undefined,
        isObserved: false,
        resource: copy.resource,
      })),
    ];
  });
  const given = created.filter(({ isObserved }) => !isObserved);
  if (given.length > 0)
    new ChannelGate(
      `${distribution}-channels`,
      {
        channels: given.map(({ channel, grace, resource: { state, reason, awaitingSince } }) => ({
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
