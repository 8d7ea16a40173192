// `slipway/versions`: versions of what is made of others' releases, and what follows from a release
// as data.
export { composition, Composition, type ComponentDeclaration, type CompositionArgs } from "./composition";
export { planTags, type PlannedTag, type Release } from "./declaration/tag-rules";
export { checklist } from "./gates";
export {
  bump,
  describeComponents,
  nextRow,
  nextVersion,
  VersionMatrixError,
  type BumpRules,
  type CompatibilityResult,
  type CompatibleRanges,
  type MatrixRow,
  type MatrixStatus,
} from "../lib/release/version-matrix";
