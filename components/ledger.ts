import * as pulumi from "@pulumi/pulumi";
import { GitHubRelease, Ledger, type PublishedProof, ReleaseDirectory, type Tags } from "../resources";
import { channelsOf } from "./declaration/channel-findings";
import type { DistributionDeclaration } from "./declaration/declaration";
import { declaredTag } from "./declaration/tag-rules";
import type { MadeMirror } from "./mirrors";
import type { CreatedRelease } from "./releases";

/** What a distribution publishes in this run. */
interface Publication {
  readonly tags: readonly Tags[];
  readonly mirrors: readonly MadeMirror[];
  /** What is attached to the images, which the mirrors have too. */
  readonly attached: readonly pulumi.Output<PublishedProof[]>[];
  readonly releases: readonly CreatedRelease[];
}

/**
 * Notes what was published, when all of it is: earlier versions stay watched, for their own
 * resources leave the state with the next version. A release with an access of its own has a ledger
 * of its own.
 *
 * @returns that of the images
 */
export function createLedgers(
  distribution: string,
  declaration: DistributionDeclaration,
  { tags, mirrors, attached, releases }: Publication,
  parent: pulumi.Resource,
): Ledger {
  const { version, rebuilt, watch, trust, retention, deprecated } = declaration;
  const catalogs = channelsOf(declaration).channels.flatMap(({ catalog }) => catalog ?? []);
  const common = {
    version: version === undefined || rebuilt === undefined ? version : `${version}-${rebuilt}`,
    watch,
    catalogs: catalogs.length === 0 ? undefined : catalogs,
    retired: retention?.versions && { ...retention.versions, notices: deprecated ?? [] },
  };
  const signer = trust?.sign?.signer;
  const images = [
    ...tags.map(({ repository, tags: own, pointers }) => ({ repository, tags: own, pointers })),
    ...mirrors.map(({ resource: { target, pointers }, tags: mirrored }) => ({
      repository: target,
      tags: mirrored.map(declaredTag),
      pointers,
    })),
  ];
  const isApart = ({ access }: CreatedRelease) => Object.keys(access).length > 0;
  const together = releases.filter((release) => !isApart(release));
  const files = together.flatMap((release) => noted(release) ?? []);
  const ledger = new Ledger(
    distribution,
    {
      ...common,
      images,
      proofs: attached.length === 0 ? undefined : pulumi.all([...attached]).apply((lists) => lists.flat()),
      releases: files,
      signer: files.length > 0 ? signer : undefined,
    },
    {
      parent,
      dependsOn: [
        ...tags,
        ...mirrors.map(({ resource }) => resource),
        ...together.map(({ resource }) => resource),
      ],
    },
  );
  for (const release of releases.filter(isApart)) {
    const { place, resource, access } = release;
    const files = noted(release);
    if (files === undefined) continue;
    new Ledger(
      `${distribution}@${place}`,
      { ...common, images: [], releases: [files], signer },
      { parent, dependsOn: [resource], ...access },
    );
  }
  return ledger;
}

/** What is noted of a release; that of another kind of target is its own business. */
function noted({ place, resource }: CreatedRelease) {
  if (resource instanceof ReleaseDirectory) {
    return { directory: place, tag: resource.tag, files: resource.published };
  }
  if (resource instanceof GitHubRelease) {
    return { github: place, tag: resource.tag, files: resource.digests };
  }
  return undefined;
}
