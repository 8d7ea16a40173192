/** Types of in-toto predicates, as cosign and the SBOM formats name them. */
export const PredicateType = {
  /** A signature of an image (sigstore/cosign, specs/BUNDLE_SPEC.md). */
  cosignSign: "https://sigstore.dev/cosign/sign/v1",
  /** SLSA provenance (slsa.dev/provenance/v1). */
  slsaProvenance: "https://slsa.dev/provenance/v1",
  spdx: "https://spdx.dev/Document",
  cyclonedx: "https://cyclonedx.org/bom",
} as const;

/** Returns what a statement of a type is evidence of. */
export function evidenceKind(predicateType: string): "signature" | "provenance" | "sbom" | "attestation" {
  switch (predicateType) {
    case PredicateType.cosignSign:
      return "signature";
    case PredicateType.slsaProvenance:
      return "provenance";
    case PredicateType.spdx:
    case PredicateType.cyclonedx:
      return "sbom";
    default:
      return "attestation";
  }
}
