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
 * Declares the files that channels add to the release, such as manifests and packages. They are made once the
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
    if (own.length === 0) return [];
    const packed = channel.assetFiles?.(content);
    const texts = channel.assetTexts?.(content);
    return own.map((name) => {
      const path = `${folder}/${name}`;
      const file = packed?.[name];
      const resource =
        file === undefined
          ? textFile(`${distribution}-${name}`, path, name, texts, parent)
          : new Archive(file.resource, { path, entries: file.entries }, { parent });
      return { resource, file: pulumi.output({ name, path, digest: resource.digest }) };
    });
  });
  return { files: made.map(({ file }) => file), resources: made.map(({ resource }) => resource) };
}

function textFile(
  resource: string,
  path: string,
  name: string,
  texts: pulumi.Output<Readonly<Record<string, string>>> | undefined,
  parent: pulumi.Resource,
): Archive {
  const content = pulumi.output(texts ?? {}).apply((known) => textOf(name, known));
  const entry = { path: name, content, mode: "0644" };
  return new Archive(resource, { path, format: "binary", entries: [entry] }, { parent });
}

function textOf(name: string, texts: Readonly<Record<string, string>>): string {
  const text = texts[name];
  if (text === undefined) throw new Error(`the channel has no text for ${name}, which it names as its file`);
  return text;
}
