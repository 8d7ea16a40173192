import * as pulumi from "@pulumi/pulumi";
import { type Evidence, FileSignature, type ReleasedFile } from "../resources";
import type { ReleaseFiles } from "./release-files";
import type { TrustDeclaration } from "./declaration/trust-declaration";

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
  trust: TrustDeclaration | undefined,
  parent: pulumi.Resource,
): ReleasedProofs {
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
    },
    { parent },
  );
  const bundles = signed.map((file, index) =>
    pulumi.all([file, signature.bundles]).apply(([{ name }, made]) => bundleAsset(name, made[index])),
  );
  return {
    assets: bundles,
    evidence: signature.evidence,
    resources: [signature],
  };
}

/** Another machine makes another signature of the same file: it may take the place of the first. */
function bundleAsset(
  name: string,
  bundle: { bundle: string; bundleDigest: string } | undefined,
): ReleasedFile {
  if (!bundle) throw new Error(`${name} has no signature`);
  return {
    name: `${name}.sigstore.json`,
    path: bundle.bundle,
    digest: bundle.bundleDigest,
    replaceable: true,
  };
}
