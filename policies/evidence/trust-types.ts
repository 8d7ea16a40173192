import type { Evidence } from "../../schema/evidence";

/** Kinds of evidence. */
export type EvidenceKind = Evidence["kind"];

/** It can ask for statements of any type. */
const verification = "slipway:trust:Verification";

/** Which resource types can say something of a kind. */
export const proofTypes: Readonly<Record<EvidenceKind, readonly string[]>> = {
  signature: ["slipway:trust:Signature", verification],
  sbom: ["slipway:trust:Sbom", verification],
  scan: ["slipway:trust:Scan"],
  provenance: ["slipway:trust:Provenance", verification],
  attestation: ["slipway:trust:Attestation", verification],
  check: ["slipway:gate:Check"],
};

/** All resource types whose `subjects` are digests that something is known about. */
export const trustTypes: ReadonlySet<string> = new Set(Object.values(proofTypes).flat());
