import * as pulumi from "@pulumi/pulumi";
import type { ChannelArtifact } from "../lib/channels/artifact";
import type { BinaryOf, MadeArchive } from "./archives";
import { releaseOf } from "./declaration/channel-findings";
import type { ChannelContent, ChannelRelease } from "./declaration/channel-target";
import type { DistributionDeclaration } from "./declaration/declaration";
import type { MadeExtraArtifact } from "./extra-artifacts";

/** What channels are given. */
export interface ChannelSources {
  /** The archives of the release. */
  archives: readonly MadeArchive[];
  /** What commands made beside them. */
  extra: readonly MadeExtraArtifact[];
  programOf: BinaryOf;
  /** Digest of each image, by its name. */
  digests: Readonly<Record<string, pulumi.Output<string>>>;
}

/** The release as channels get it. */
export function channelContent(
  distribution: string,
  args: DistributionDeclaration & { version: string },
  { archives, extra, programOf, digests }: ChannelSources,
): ChannelContent {
  const release = releaseOf(distribution, args);
  return {
    ...release,
    source: args.source,
    artifactsOf: (archive) => pulumi.all(artifactsOf(release, archive, archives)),
    imageDigest: (image) => {
      const digest = digests[image];
      if (digest) return digest;
      throw new Error(`there is no image ${JSON.stringify(image)}: ${Object.keys(digests).join(", ")}`);
    },
    filesOf: (artifact) => pulumi.all(extra.flatMap((one) => (one.artifact === artifact ? [one.file] : []))),
    programOf,
  };
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
