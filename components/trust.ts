import * as pulumi from "@pulumi/pulumi";
import {
  Attestation,
  type Evidence,
  Provenance,
  type PublishedProof,
  Sbom,
  type SbomArgs,
  Scan,
  Signature,
  Verification,
} from "../resources";
import type { MultiArchImage } from "./multi-arch-image";
import { openVexPredicateType } from "../lib/scan/vex/document";
import { sbomFormats, sbomPredicateTypes } from "../lib/sbom/document";
import type { SbomFiles } from "./release-files";
import { signatureForms, type TrustDeclaration } from "./declaration/trust-declaration";

/** An index, or the manifest of one platform. */
interface SubjectInput {
  digest: pulumi.Output<string>;
  platform?: string;
}

/** Materials of an image, for its provenance. */
export interface BuildFacts {
  /** How the parameters are to be read, as a URI. */
  buildType: string;
  /** The declaration, by platform. The provider leaves secrets out. */
  parameters: Record<string, unknown>;
  /** External content that the build used. */
  dependencies: pulumi.Input<
    pulumi.Input<{ uri: string; digest?: pulumi.Input<string>; platform?: string }>[]
  >;
  /** Where the program says that its sources are. */
  source: { repository?: string; revision?: string; version?: string };
  /** What is declared of the programs in it that are the distribution's own, for its SBOM. */
  programs?: SbomArgs["programs"];
  /** Images of others that run beside it, by digest, for its SBOM. */
  externalImages?: pulumi.Output<string[]>;
}

/** Proofs of an image, and the resources that others wait for. */
export interface ProvenImage {
  evidence: pulumi.Output<Evidence[]>;
  /** What is attached to the index; undefined where nothing is. */
  attached?: pulumi.Output<PublishedProof[]>;
  /** Whatever points to the image depends on these. */
  gates: readonly pulumi.Resource[];
  /** The SBOM, and how many documents it makes. */
  sbom?: SbomFiles;
}

/**
 * Proves an image by digest, in the order in which a later step relies on an earlier one: SBOM,
 * provenance, scan, signature, verification. Nothing points to the image yet; where a step fails,
 * nothing will.
 *
 * @param sbomFolder folder that gets the SBOMs as files too, where they are released
 */
export function proveImage(
  name: string,
  image: MultiArchImage,
  facts: BuildFacts,
  trust: TrustDeclaration,
  sbomFolder?: string,
): ProvenImage {
  const { repository } = image;
  const platforms = Object.entries(image.images).map(([platform, { digest }]) => ({ digest, platform }));
  const subjects: SubjectInput[] = [{ digest: image.digest }, ...platforms];
  // The subjects exist in the registry when the index does, for it is pushed last.
  const options = (...after: pulumi.Resource[]) => ({ parent: image, dependsOn: [...image.whole, ...after] });
  const { sign } = trust;
  const { externalImages, programs, ...made } = facts;
  const gates: (pulumi.Resource & { evidence: pulumi.Output<Evidence[]> })[] = [];
  const attached: pulumi.Output<PublishedProof[]>[] = [];

  const sbom =
    trust.sbom === false
      ? undefined
      : new Sbom(
          name,
          {
            repository,
            subjects,
            directory: sbomFolder,
            programs,
            ...trust.sbom,
            ...listedImages(externalImages, trust.sbom),
          },
          options(),
        );
  if (sbom) {
    gates.push(sbom);
    attached.push(sbom.documents.apply((documents) => documents.map(proof("sbom"))));
  }
  if (trust.provenance ?? true) {
    const signer = sign ? { signer: sign.signer } : {};
    const provenance = new Provenance(name, { repository, subjects, ...made, ...signer }, options());
    gates.push(provenance);
    attached.push(provenance.attestations.apply((list) => list.map(proof("provenance"))));
  }
  const statements = attestedStatements(sbom, subjects, trust);
  if (sign && statements) {
    const attestation = new Attestation(name, { repository, statements, signer: sign.signer }, options());
    gates.push(attestation);
    attached.push(attestation.attestations.apply((list) => list.map(proof("attestation"))));
  }
  if (trust.scan) {
    const sboms = sbom ? { sboms: sbom.evidence } : {};
    gates.push(new Scan(name, { repository, subjects, ...trust.scan, ...sboms }, options()));
  }
  if (sign) {
    // Only what came so far is signed.
    const forms = signatureForms(trust);
    const signature = new Signature(
      name,
      { repository, subjects, signer: sign.signer, ...forms.signature },
      options(...gates),
    );
    gates.push(
      new Verification(
        name,
        { repository, subjects, verifier: sign.verifier, ...forms.verification },
        options(signature),
      ),
    );
    // What is signed in the older scheme alone has no referrer.
    const signed = signature.signatures.apply((list) =>
      list.filter(({ referrer, legacyReferrer }) => referrer !== legacyReferrer).map(proof("signature")),
    );
    attached.push(signed);
  }
  const formats = (trust.sbom ? trust.sbom.formats : undefined) ?? sbomFormats;
  return {
    evidence: pulumi.all(gates.map(({ evidence }) => evidence)).apply((lists) => lists.flat()),
    attached:
      attached.length === 0
        ? undefined
        : pulumi
            .all([image.digest, pulumi.all(attached)])
            .apply(([digest, lists]) => lists.flat().filter(({ subject }) => subject === digest)),
    gates,
    sbom: sbom && { sbom, count: subjects.length * formats.length },
  };
}

/** Makes a proof of what a resource says that it has attached. */
export function proof(kind: PublishedProof["kind"]) {
  return ({ subject, referrer }: Pick<PublishedProof, "subject" | "referrer">): PublishedProof => ({
    subject,
    kind,
    referrer,
  });
}

/**
 * Images of others, as an SBOM lists them: those of the distribution, and those that are declared
 * for SBOMs alone.
 */
function listedImages(
  externalImages: pulumi.Output<string[]> | undefined,
  sbom: TrustDeclaration["sbom"],
): { externalImages?: pulumi.Output<string[]> } {
  if (externalImages === undefined) return {};
  const declared = (sbom ? sbom.externalImages : undefined) ?? [];
  return { externalImages: externalImages.apply((images) => [...new Set([...images, ...declared])]) };
}

/**
 * The documents of the SBOM and the declared predicates, as statements to be signed; undefined for
 * none.
 */
function attestedStatements(
  sbom: Sbom | undefined,
  subjects: SubjectInput[],
  { attestations = [], scan }: TrustDeclaration,
) {
  const vex = (scan?.vex?.files ?? []).map((file) => ({ predicateType: openVexPredicateType, file }));
  const declared = [...attestations, ...vex];
  if (!sbom && declared.length === 0) return undefined;
  return pulumi.all([sbom?.documents ?? [], subjects]).apply(([documents, of]) => [
    ...documents.map(({ subject, format, digest, size }) => ({
      subject,
      predicateType: sbomPredicateTypes[format],
      document: { digest, size },
    })),
    ...of.flatMap(({ digest }) =>
      declared.map(({ predicateType, file }) => ({ subject: digest, predicateType, file })),
    ),
  ]);
}
