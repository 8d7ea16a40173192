import { defined } from "../../objects/defined";
import type { ImageGraph } from "./graph";
import type { LegacyReferrerTag } from "./legacy-referrer-tag";

/** A manifest as a summary keeps it. */
export interface SummarizedManifest {
  digest: string;
  mediaType: string;
  /** Bytes. */
  size: number;
  /** Digest of the manifest that it refers to. */
  subject?: string;
}

/**
 * Summary of a mirror, small enough to be recorded, as JSON, and enough to compare a target with it
 * without reading the source.
 */
export interface MirrorSummary {
  /** Version of this shape. */
  version: 1;
  sourceDigest: string;
  /** Differs from `sourceDigest` where platforms were left out of an index. */
  rootDigest: string;
  /** The root, what is under it and what refers to any of it. */
  manifests: SummarizedManifest[];
  /** Sizes in bytes by digest. */
  blobs: Record<string, number>;
  /** Referrers by tag. */
  legacyTags: LegacyReferrerTag[];
  /** Digests of referrers that a source lists and that none has. */
  dangling: string[];
}

/** The summary of a graph. Equal graphs have equal summaries. */
export function summarize(graph: ImageGraph): MirrorSummary {
  const blobs = [...graph.blobs].sort((one, other) => (one.digest < other.digest ? -1 : 1));
  return {
    version: 1,
    sourceDigest: graph.sourceDigest,
    rootDigest: graph.rootDigest,
    manifests: graph.manifests
      .map(({ digest, mediaType, bytes, subject }) =>
        defined({
          digest,
          mediaType,
          size: bytes.length,
          subject,
        }),
      )
      .sort((one, other) => (one.digest < other.digest ? -1 : 1)),
    blobs: Object.fromEntries(blobs.map(({ digest, size }) => [digest, size])),
    legacyTags: graph.legacyTags,
    dangling: graph.dangling,
  };
}
