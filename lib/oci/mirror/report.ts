import { shortDigest } from "../digest";
import type { BlobTransfer } from "../repository";
import type { BlobDescriptor } from "./manifest-links";
import type { MissingContent } from "./missing-content";
import type { MirrorSummary } from "./summary";

/** Number of things and their bytes. */
export interface Tally {
  count: number;
  bytes: number;
}

/** How a blob came to be in the target. */
export interface BlobOutcome extends BlobDescriptor {
  transfer: BlobTransfer;
}

/** How a manifest came to be in the target. `size` is in bytes. */
export interface ManifestOutcome {
  digest: string;
  mediaType: string;
  size: number;
  transfer: "present" | "sent";
}

/** A tag of the target. */
export interface TagOutcome {
  tag: string;
  /** Current target. */
  digest: string;
  /** Former target; undefined if it did not exist. */
  before?: string;
}

/** The work of a mirror, or its work until it failed. */
export interface MirrorReport {
  /** Name of the target repository. */
  target: string;
  sourceDigest: string;
  /** The digest in the target: another one where platforms were left out of an index. */
  rootDigest: string;
  blobs: BlobOutcome[];
  manifests: ManifestOutcome[];
  /** The tags that were asked for, and the tags of legacy referrers. */
  tags: TagOutcome[];
  /** Blobs that were uploaded. */
  sent: Tally;
  /** Blobs that the registry took from another of its repositories. */
  mounted: Tally;
  /** Blobs that were there already. */
  present: Tally;
  /**
   * In the report of a mirror that succeeded: referrers that a source lists and cannot give. In
   * that of one that failed: all content that is not in the target, and the tags that were not set.
   */
  missing: MissingContent[];
  /** To be recorded, for a comparison later. */
  summary: MirrorSummary;
}

/** Blobs that came in one of the ways. */
export function tally(blobs: readonly BlobOutcome[], transfer: BlobTransfer): Tally {
  const chosen = blobs.filter((blob) => blob.transfer === transfer);
  return { count: chosen.length, bytes: chosen.reduce((sum, { size }) => sum + size, 0) };
}

/** Artifacts that one line of a message names. */
const namedAtOnce = 8;

/**
 * A mirror that could not bring everything. What it did bring stays, and the next one goes on from
 * there.
 */
export class MirrorError extends Error {
  override readonly name = "MirrorError";

  constructor(
    /** Source and target of the mirror. */
    what: string,
    /** Everything that is not there, with the reason of each. */
    readonly missing: readonly MissingContent[],
    options: {
      /** The first thing that went wrong. */
      cause?: unknown;
      /** Work that was done; undefined if the source could not be read. */
      report?: MirrorReport;
    } = {},
  ) {
    super(`${what}: ${describeMissing(missing)}`, { cause: options.cause });
    this.report = options.report;
  }

  /** Work that was done; undefined if the source could not be read. */
  readonly report?: MirrorReport;
}

/**
 * All that is missing, grouped by its reason; the words are those about the first of each group.
 */
export function describeMissing(missing: readonly MissingContent[]): string {
  const groups = new Map<string, MissingContent[]>();
  for (const content of missing) {
    // The same trouble with another blob differs by nothing but the digests.
    const key = `${content.side}\n${content.reason.replaceAll(/sha256:[0-9a-f]+/g, "")}`;
    groups.set(key, [...(groups.get(key) ?? []), content]);
  }
  const lines = [...groups.values()].map((group) => {
    const names = group.slice(0, namedAtOnce).map(nameOf).join(", ");
    const more = group.length > namedAtOnce ? ` and ${group.length - namedAtOnce} more` : "";
    return `\n- ${names}${more}: ${(group[0]?.reason ?? "").replaceAll("\n", "\n  ")}`;
  });
  return `${missing.length} ${missing.length === 1 ? "item is" : "items are"} missing${lines.join("")}`;
}

function nameOf({ what, digest, tag }: MissingContent): string {
  if (what === "tag") return `tag ${tag ?? ""}`;
  return what === "referrers" ? `referrers of ${shortDigest(digest)}` : `${what} ${shortDigest(digest)}`;
}
