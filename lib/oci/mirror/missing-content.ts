/** Content that could not be brought, or a tag that could not be set, and why. */
export interface MissingContent {
  what: "manifest" | "blob" | "referrers" | "tag";
  /** Digest of the manifest or blob, or of the subject whose referrers are unknown. */
  digest: string;
  /** The tag, where it is one. */
  tag?: string;
  /** Which side does not have it, or does not take it. */
  side: "source" | "target";
  /** Name of the source that did not say, where others did. */
  source?: string;
  /** The other side's answer, and what to do about it. */
  reason: string;
}

/** The text of whatever was thrown. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
