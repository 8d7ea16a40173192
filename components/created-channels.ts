import * as pulumi from "@pulumi/pulumi";
import type { ChannelArtifact } from "../lib/channels/artifact";
import { formatOfName } from "../lib/archive/format";
import { ChannelGate } from "../resources";
import type { BinaryOf, MadeArchive } from "./archives";
import { channelsOf, downloadUrl, releaseOf } from "./declaration/channel-findings";
import type { ChannelContent, ChannelResource } from "./declaration/channel-target";
import type { DistributionDeclaration } from "./declaration/declaration";
import { fillTemplate } from "./declaration/templates";
import { templateValues } from "./declaration/archive-plan";
import { stageAfter } from "./stages";

/** What channels are given. */
export interface ChannelSources {
  /** The archives of the release. */
  archives: readonly MadeArchive[];
  programOf: BinaryOf;
  /** What must be there before a channel names it. */
  after: readonly pulumi.Resource[];
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
  const content: ChannelContent = {
    ...releaseOf(distribution, { ...args, version }),
    licenses: args.licenses,
    source: args.source,
    artifactsOf: (archive) =>
      pulumi.all(
        sources.archives
          .filter(({ planned }) => planned.archive === archive)
          .map((made) => artifactOf(made, distribution, { ...args, version })),
      ),
    programOf: sources.programOf,
  };
  const dependsOn = stageAfter(distribution, "released", sources.after, parent);
  const created = channels.map((channel) => ({
    channel: `${channel.kind} ${channel.name}`,
    resource: channel.create(content, { parent, dependsOn }),
  }));
  new ChannelGate(
    `${distribution}-channels`,
    { channels: created.map(({ channel, resource: { state, reason } }) => ({ channel, state, reason })) },
    { parent },
  );
  return created.map(({ resource }) => resource);
}

function artifactOf(
  { planned, file }: MadeArchive,
  distribution: string,
  args: DistributionDeclaration & { version: string },
): pulumi.Output<ChannelArtifact> {
  const { archive, platform, root, format } = planned;
  const declaration = args.archives?.[archive] ?? {};
  const values = templateValues(archive, platform, args.version, declaration.names);
  const named = [
    ...(declaration.binaries ?? []).map((binary) => `${binary}{exe}`),
    ...(declaration.files ?? []).flatMap(({ binary, path }) => (binary === undefined ? [] : [path])),
  ];
  return file.apply(({ name, digest }) => ({
    name,
    platform,
    url: downloadUrl(args, { distribution, version: args.version }, name) ?? "",
    digest,
    format: format ?? formatOfName(name) ?? "tar.gz",
    ...(root === undefined ? {} : { root }),
    programs: named.map((path) => fillTemplate(path, values)),
  }));
}
