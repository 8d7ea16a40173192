import * as pulumi from "@pulumi/pulumi";
import type { ReleasedFile } from "../schema/artefact";
import type { Evidence } from "../schema/evidence";
import { FileSignature, type Sbom } from "../sdk";
import type { ReleaseFiles } from "./archives";
import type { TrustDeclaration } from "./trust-declaration";

/** What is released beside archives and sums. */
export interface ReleasedProofs {
  assets: pulumi.Output<ReleasedFile>[];
  evidence?: pulumi.Output<Evidence[]>;
  /** Whatever is published has to wait for these. */
  resources: pulumi.Resource[];
}

/**
 * Signatures and SBOMs as files of a release. The sums file is signed, which covers what it lists; with `signFiles: "all"`
 * each file is (CAP-11, CAP-14, CAP-16).
 */
export function createReleasedProofs(
  distribution: string,
  { artefacts, sums }: ReleaseFiles,
  sboms: SbomFolder,
  trust: TrustDeclaration | undefined,
  parent: pulumi.Resource,
): ReleasedProofs {
  const documents = sboms.of.flatMap((one) => sbomAssets(one, sboms.folder));
  const sources = sboms.of.map(({ sbom }) => sbom);
  const signed = trust?.signFiles === "all" ? artefacts : sums ? [sums] : [];
  if (!trust?.sign || signed.length === 0) {
    return { assets: documents, resources: sources };
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
    assets: [...bundles, ...documents],
    evidence: signature.evidence,
    resources: [signature, ...sources],
  };
}

/** The SBOM of an image, and how many documents it makes. */
export interface SbomFiles {
  sbom: Sbom;
  count: number;
}

/** The SBOMs of a distribution and the folder that has them as files, relative to the project's. */
export interface SbomFolder {
  of: readonly SbomFiles[];
  folder: string;
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

/** A later generator may say more about the same image: its document may take the place of the first. */
function sbomAssets({ sbom, count }: SbomFiles, folder: string): pulumi.Output<ReleasedFile>[] {
  return Array.from({ length: count }, (_, index) =>
    sbom.documents.apply((documents) => {
      const document = documents[index];
      if (!document) throw new Error(`the SBOM has ${documents.length} documents, not ${count}`);
      const { fileName, digest } = document;
      return { name: fileName, path: `${folder}/${fileName}`, digest, replaceable: true };
    }),
  );
}
