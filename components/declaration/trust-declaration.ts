import * as z from "zod";
import { consumerNames, legacyConsumers } from "../../lib/sigstore/consumers";
import { statement } from "../../resources/definitions/attestation";
import { sbomDefinition } from "../../resources/definitions/sbom";
import { scanDefinition } from "../../resources/definitions/scan";
import { isSigningIdentity, type SigningIdentity } from "./signing-identity";

/** What is proven of every image before anything points to it. */

const attestation = z.strictObject({
  /** Type of the predicate, a URI. */
  predicateType: statement.shape.predicateType,
  /** JSON file with the predicate, relative to the project's folder. */
  file: statement.shape.file.nonoptional(),
});

/** Declaration of what is proven of every image. */
export const trust = z.strictObject({
  /**
   * Signer, which is also the one that is trusted: `cosignKey()`, `kmsKey()`, `keyless()`, or
   * `throwAwayKey()` for development.
   */
  sign: z
    .custom<SigningIdentity>(
      isSigningIdentity,
      "cosignKey(), kmsKey(), keyless() or throwAwayKey() is expected",
    )
    .optional(),
  /** Whether to also write signatures in cosign's older tag scheme. Default: as `consumers` need it, else false. */
  legacySignatures: z.boolean().optional(),
  /**
   * Who has to be able to verify each image before anything points to it: `"cosign"`, `"podman"` (skopeo, CRI-O and
   * bootc too), `"kyverno"`, `"policy-controller"`. Images are signed in all forms that these read. Default: `sign`
   * makes bundles, and Slipway alone verifies them.
   */
  consumers: z
    .array(z.enum(consumerNames))
    .min(1, "at least one consumer is expected")
    .optional()
    .meta({ examples: [["cosign", "podman"]] }),
  /** Which files of a release are signed: the sums, which cover the others (default), or all. */
  signFiles: z.enum(["sums", "all"]).optional(),
  /** SBOM settings; false for none. Default: both formats, made by Slipway itself. */
  sbom: z
    .union([
      z.literal(false),
      sbomDefinition.inputs.omit({ repository: true, subjects: true, name: true, programs: true }),
    ])
    .optional(),
  /** Whether a SLSA provenance is attached. Default: true. */
  provenance: z.boolean().optional(),
  /** Scan settings; `{}` for Trivy with the default threshold. Default: no scan. */
  scan: scanDefinition.inputs
    .omit({
      repository: true,
      subjects: true,
      sboms: true,
      evidenceDigest: true,
      vexDigests: true,
      vexAccepts: true,
    })
    .optional(),
  /** Further statements about every image, from files of the project. */
  attestations: z.array(attestation).optional(),
});

export type TrustDeclaration = z.infer<typeof trust>;

/** How images are signed, and who has to be able to verify them, as resources are told. */
export function signatureForms({ consumers, legacySignatures }: TrustDeclaration) {
  const legacy = legacySignatures ?? legacyConsumers(consumers ?? []).length > 0;
  return { signature: legacy ? { legacy } : {}, verification: consumers ? { consumers } : {} };
}
