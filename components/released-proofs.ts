import * as pulumi from "@pulumi/pulumi";
import { type Evidence, FileSignature, type ReleasedFile, type ReleasePlace } from "../resources";
import { sharedAccess } from "./access";
import type { ReleaseFiles } from "./release-files";
import type { DistributionDeclaration } from "./declaration/declaration";

/** Signatures that are released beside the files. */
export interface ReleasedProofs {
  assets: pulumi.Output<ReleasedFile>[];
  evidence?: pulumi.Output<Evidence[]>;
  /** Whatever is published has to wait for these. */
  resources: pulumi.Resource[];
}

/**
 * Signatures as files of a release. The sums file is signed, which covers what it lists; with
 * `signFiles: "all"` each archive is too.
 */
export function createReleasedProofs(
  distribution: string,
  { artifacts, sums }: ReleaseFiles,
  args: DistributionDeclaration,
  parent: pulumi.Resource,
): ReleasedProofs {
  const { trust } = args;
  const signed = trust?.signFiles === "all" ? artifacts : sums ? [sums] : [];
  if (!trust?.sign || signed.length === 0) {
    return { assets: [], resources: [] };
  }
  const signature = new FileSignature(
    `${distribution}-files`,
    {
      files: signed.map((file) => ({
        path: file.apply(({ path }) => path),
        digest: file.apply(({ digest }) => digest),
      })),
      signer: trust.sign.signer,
      published: placesOf(distribution, args),
    },
    { parent },
  );
  const bundles = signed.map((file, index) =>
    pulumi
      .all([file, signature.bundles])
      .apply(([{ name, replaceable }, made]) => ({ ...bundleAsset(name, made[index]), replaceable })),
  );
  return {
    assets: bundles,
    evidence: signature.evidence,
    resources: [signature],
  };
}

/**
 * The releases that the provider of the distribution can look at: a release with access of its own
 * is not one of them.
 */
function placesOf(distribution: string, args: DistributionDeclaration): ReleasePlace[] | undefined {
  const { release, version } = args;
  if (release === undefined || version === undefined) return undefined;
  const places = [release].flat().flatMap((target) => {
    const isOwn = target.access !== undefined && target.access !== sharedAccess(args);
    return isOwn ? [] : (target.placeOf?.({ distribution, version }) ?? []);
  });
  return places.length > 0 ? places : undefined;
}

function bundleAsset(
  name: string,
  bundle: { bundle: string; bundleDigest: string } | undefined,
): ReleasedFile {
  if (!bundle) throw new Error(`${name} has no signature`);
  return {
    name: `${name}.sigstore.json`,
    path: bundle.bundle,
    digest: bundle.bundleDigest,
    inNotes: false,
  };
}
