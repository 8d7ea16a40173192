import * as pulumi from "@pulumi/pulumi";
import { Archive, type Artifact } from "../resources";
import { channelContent, type ChannelSources } from "./channel-content";
import { channelAssetNames } from "./declaration/channel-findings";
import type { DistributionDeclaration } from "./declaration/declaration";

/** The files of channels in a release. */
export interface ChannelAssets {
  /** Text of each file, by its name. */
  readonly texts: Readonly<Record<string, pulumi.Output<string>>>;
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
  if (version === undefined) return { texts: {}, files: [], resources: [] };
  const names = channelAssetNames(distribution, args);
  const content = channelContent(distribution, { ...args, version }, sources);
  const made = channels.flatMap((channel, index) => {
    const own = names[index] ?? [];
    if (own.length === 0) return [];
    const packed = channel.assetFiles?.(content);
    const texts = channel.assetTexts?.(content);
    return own.map((name) => {
      const path = `${folder}/${name}`;
      const packedFile = packed?.[name];
      if (packedFile !== undefined) {
        const resource = new Archive(packedFile.resource, { path, entries: packedFile.entries }, { parent });
        return { resource, file: artifactAt(name, path, resource) };
      }
      const text = pulumi.output(texts ?? {}).apply((known) => textOf(name, known));
      const entry = { path: name, content: text, mode: "0644" };
      const resource = new Archive(
        `${distribution}-${name}`,
        { path, format: "binary", entries: [entry] },
        { parent },
      );
      return { text: [name, text] as const, resource, file: artifactAt(name, path, resource) };
    });
  });
  return {
    texts: Object.fromEntries(made.flatMap(({ text }) => (text === undefined ? [] : [text]))),
    files: made.map(({ file }) => file),
    resources: made.map(({ resource }) => resource),
  };
}

function artifactAt(name: string, path: string, { digest }: Archive): pulumi.Output<Artifact> {
  return pulumi.output({ name, path, digest });
}

function textOf(name: string, texts: Readonly<Record<string, string>>): string {
  const text = texts[name];
  if (text === undefined) throw new Error(`the channel has no text for ${name}, which it names as its file`);
  return text;
}
