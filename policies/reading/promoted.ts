import { UNKNOWN, type Declared } from "../pack/declared";
import { asList, asRecord, asText } from "./values";

/**
 * Types that make a digest public under a name after it was pushed: what is known of it comes as
 * `evidence`.
 */
export const promotingTypes = ["slipway:oci:Tag", "slipway:oci:Tags", "slipway:oci:Mirror"] as const;

/** A tag that a resource promotes a digest to. */
export interface PromotedTag {
  /** Name of repository and tag, for messages. */
  readonly reference: string;
  readonly repository: string | undefined;
  readonly tag: string | undefined;
  readonly moves: unknown;
  /** Digest, or unknown. */
  readonly digest: unknown;
  /** List of evidence, unknown, or undefined where none is given. */
  readonly evidence: unknown;
}

/**
 * The digest that the tags will point to. A mirror of some platforms makes another index, which its
 * provider computes.
 */
function pointedDigest({ type, props }: Declared): unknown {
  if (type !== "slipway:oci:Mirror" || props.platforms === undefined) return props.digest;
  return props.rootDigest ?? "an index of some platforms, of which the provider does not tell the digest";
}

/**
 * The tags that a resource promotes. A mirror without tags copies content that nobody finds by
 * name.
 */
export function promotedTags(resource: Declared): readonly PromotedTag[] {
  const { props, type } = resource;
  const repository = asText(type === "slipway:oci:Mirror" ? props.target : props.repository);
  const tags =
    type === "slipway:oci:Tag"
      ? [props]
      : props.tags === UNKNOWN
        ? [{ tag: UNKNOWN }]
        : asList(props.tags).map(asRecord);
  return tags.map((declared) => {
    const tag = asText(declared.tag);
    return {
      reference: `${repository ?? "(a repository not known yet)"}:${tag ?? "(a tag not known yet)"}`,
      repository,
      tag,
      moves: declared.moves,
      digest: pointedDigest(resource),
      evidence: props.evidence,
    };
  });
}
