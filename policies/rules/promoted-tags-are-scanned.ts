import { promotionRule } from "../evidence/promotion-rule";
import { UNKNOWN, type Declared } from "../pack/declared";
import type { Outcome, Rule, RuleConfig } from "../pack/rule";
import { asText } from "../reading/values";

const scanType = "slipway:trust:Scan";
const severities = ["unknown", "negligible", "low", "medium", "high", "critical"];

const rule = promotionRule({
  name: "promoted-tags-are-scanned",
  description:
    "Checks that every tag points to a digest whose scan, itself or each platform, stayed within its threshold.",
  remedy:
    "Scan the digest with slipway:trust:Scan and pass its `evidence` to the tag; update what the scan found, or except it with a reason and an expiry date.",
  level: "mandatory",
  severity: "critical",
  demand: { kind: "scan", wording: "scan within its threshold", byPlatform: true },
});

/** PROD-05, CAP-15. */
export const promotedTagsAreScanned: Rule = {
  ...rule,
  config: {
    ...rule.config,
    failOn: {
      type: "string",
      enum: severities,
      description: "Highest severity at which the threshold of a scan may begin. Default: any threshold.",
    },
  },
  check: (resource, config, seen) =>
    resource.type === scanType ? threshold(resource, config) : (rule.check?.(resource, config, seen) ?? []),
};

/** A scan that lets everything pass proves nothing. */
function threshold({ name, props }: Declared, config: RuleConfig): Outcome[] {
  const highest = asText(config.failOn);
  if (highest === undefined) return [];
  const what = `scan ${name}`;
  if (props.failOn === UNKNOWN) return [{ what, later: true }];
  const failOn = asText(props.failOn) ?? "critical";
  if (severities.indexOf(failOn) <= severities.indexOf(highest)) return [{ what }];
  return [{ what, finding: `fails on ${failOn} only, and has to fail on ${highest}` }];
}
