/** Mirrors: a digest, what it is made of and what refers to it, equal in another repository. */
export { compareTarget, type ComparisonOptions, type MirrorFinding } from "./compare";
export { mirror, type MirrorOptions } from "./copy";
export type { Verification } from "./delivery";
export {
  GraphError,
  readGraph,
  type GraphManifest,
  type GraphOptions,
  type ImageGraph,
  type ReferrerScope,
} from "./graph";
export { legacyReferrerSubject, legacyReferrerTags, type LegacyReferrerTag } from "./legacy-referrer-tag";
export type { MissingContent } from "./missing-content";
export { defaultPatience, type Patience } from "./patience";
export type { MirrorProgress } from "./progress";
export {
  MirrorError,
  type BlobOutcome,
  type ManifestOutcome,
  type MirrorReport,
  type TagOutcome,
  type Tally,
} from "./report";
export { MirrorRun } from "./run";
export { summarize, type MirrorSummary, type SummarizedManifest } from "./summary";
export { defaultTransferLimits, TransferLimiter, type TransferLimits } from "./transfer-limiter";
