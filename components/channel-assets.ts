import * as pulumi from "@pulumi/pulumi";
import { Archive, type Artifact } from "../resources";
import { channelContent, type ChannelSources } from "./channel-content";
import { channelAssetNames } from "./declaration/channel-findings";
import type { DistributionDeclaration } from "./declaration/declaration";

/** The files of channels in a release. */
export interface ChannelAssets {
  /** As a release takes them. */
  readonly files: pulumi.Output<Artifact>[];
  /** Whatever is published has to wait for these. */
  readonly resources: pulumi.Resource[];
}

/**
 * Declares the files that channels add to the release, such as their manifests. They are made once the
 * archives are, which they name, and before the sums, which list them.
 *
 * @param args with the hosts that the release is published to
 * @param folder that takes the files, relative to the project's
 */
export function createChannelAssets(
  distribution: string,
  args: DistributionDeclaration,
  sources: ChannelSources,
  folder: string,
  parent: pulumi.Resource,
): ChannelAssets {
  const { version, channels = [] } = args;
  if (version === undefined) return { files: [], resources: [] };
  const names = channelAssetNames(distribution, args);
  const content = channelContent(distribution, { ...args, version }, sources);
  const made = channels.flatMap((channel, index) => {
    const own = names[index] ?? [];
    const texts = own.length > 0 ? channel.assetTexts?.(content) : undefined;
    if (texts === undefined) return [];
    return own.map((name) => {
      const path = `${folder}/${name}`;
      const entry = { path: name, content: texts.apply((known) => textOf(name, known)), mode: "0644" };
      const resource = new Archive(
        `${distribution}-${name}`,
        { path, format: "binary", entries: [entry] },
        { parent },
      );
      return { resource, file: pulumi.output({ name, path, digest: resource.digest }) };
    });
  });
  return { files: made.map(({ file }) => file), resources: made.map(({ resource }) => resource) };
}

function textOf(name: string, texts: Readonly<Record<string, string>>): string {
  const text = texts[name];
  if (text === undefined) throw new Error(`the channel has no text for ${name}, which it names as its file`);
  return text;
}
