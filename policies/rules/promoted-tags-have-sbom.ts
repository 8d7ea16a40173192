import { promotionRule } from "../evidence/promotion-rule";

export const promotedTagsHaveSbom = promotionRule({
  name: "promoted-tags-have-sbom",
  description:
    "Checks that every tag points to a digest with an SBOM attached, for itself or for each platform.",
  remedy: "Attach an SBOM to the digest with slipway:trust:Sbom and pass its `evidence` to the tag.",
  distributionRemedy: "Declare `trust: {}` in the distribution, without `sbom: false`.",
  level: "mandatory",
  severity: "high",
  demand: { kind: "sbom", wording: "SBOM", byPlatform: true, aboutPrograms: true },
});
