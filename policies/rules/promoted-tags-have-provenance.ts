import { promotionRule } from "../evidence/promotion-rule";

/** How an image was made can be asked for later. */
export const promotedTagsHaveProvenance = promotionRule({
  name: "promoted-tags-have-provenance",
  description: "Checks that every tag points to a digest with a provenance attestation.",
  remedy:
    "Attach a provenance to the digest with slipway:trust:Provenance and pass its `evidence` to the tag.",
  distributionRemedy: "Declare `trust: {}` in the distribution, without `provenance: false`.",
  level: "advisory",
  severity: "medium",
  demand: { kind: "provenance", wording: "provenance", byPlatform: true },
});
