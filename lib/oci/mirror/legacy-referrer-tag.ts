import { digestHex, isDigest } from "../digest";

/**
 * Content that cosign ties to a digest by a tag instead of a `subject`: signatures, attestations
 * and bills of materials (sigstore/cosign, specs/SIGNATURE_SPEC.md, "Tag-based discovery").
 */
export const legacyReferrerSuffixes = ["sig", "att", "sbom"] as const;

/** A tag that makes a manifest a referrer of another one by its name. */
export interface LegacyReferrerTag {
  /** `sha256-<hex>.sig`, `.att` or `.sbom`. */
  tag: string;
  /** The manifest that the tag points to. */
  digest: string;
  /** The manifest that the tag names. */
  subject: string;
}

/** The tags under which a manifest's legacy referrers are kept, for a digest `sha256:<hex>`. */
export function legacyReferrerTags(subject: string): string[] {
  return legacyReferrerSuffixes.map((suffix) => `sha256-${digestHex(subject)}.${suffix}`);
}

/** The digest that a legacy referrer tag names; undefined for any other tag. */
export function legacyReferrerSubject(tag: string): string | undefined {
  const match = /^sha256-([a-f0-9]{64})\.(sig|att|sbom)$/.exec(tag);
  const digest = match ? `sha256:${match[1] ?? ""}` : "";
  return isDigest(digest) ? digest : undefined;
}
