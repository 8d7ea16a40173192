import type { Evidence } from "../../resources/definitions/evidence";
import { evidenceKind, PredicateType } from "../../lib/sigstore/predicate-types";
import type { StackNode } from "../pack/graph";
import { asTexts } from "../reading/values";

/** Kinds of evidence. */
export type EvidenceKind = Evidence["kind"];

/** It looks at each image, and says of an index what it says of each image that is listed. */
export const scanType = "slipway:trust:Scan";

/** It asks for statements of the declared types. */
const verification = "slipway:trust:Verification";

/** Which resource types can say something of a kind. */
export const proofTypes: Readonly<Record<EvidenceKind, readonly string[]>> = {
  signature: ["slipway:trust:Signature", verification],
  sbom: ["slipway:trust:Sbom", verification],
  scan: [scanType],
  provenance: ["slipway:trust:Provenance", verification],
  attestation: ["slipway:trust:Attestation", verification],
  check: ["slipway:gate:Check"],
};

/** All resource types whose `subjects` are digests that something is known about. */
export const trustTypes: ReadonlySet<string> = new Set(Object.values(proofTypes).flat());

/** Returns whether a resource can say something of a kind, as far as what it declares tells. */
export function canProve({ type, props }: StackNode, kind: EvidenceKind): boolean {
  if (!proofTypes[kind].includes(type)) return false;
  if (type !== verification) return true;
  const { predicateTypes } = props;
  if (predicateTypes !== undefined && !Array.isArray(predicateTypes)) return true;
  const asked = predicateTypes === undefined ? [PredicateType.cosignSign] : asTexts(predicateTypes);
  return asked.some((predicateType) => evidenceKind(predicateType) === kind);
}
