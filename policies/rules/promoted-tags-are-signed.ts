import { promotionRule } from "../evidence/promotion-rule";

export const promotedTagsAreSigned = promotionRule({
  name: "promoted-tags-are-signed",
  description: "Checks that every tag points to a digest with a verified signature.",
  remedy:
    "Sign the digest with slipway:trust:Signature and pass its `evidence` to the tag; an image that is built and pushed in one step has to be pushed by digest first.",
  distributionRemedy:
    "Declare a signer in the distribution: `trust: { sign: cosignKey() }`, or `kmsKey(…)`, or `keyless(…)`.",
  level: "mandatory",
  severity: "critical",
  demand: { kind: "signature", wording: "signature that was verified" },
});
