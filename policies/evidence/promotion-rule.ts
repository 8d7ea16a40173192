import type { Rule, RuleConfig } from "../pack/rule";
import { promotedTags, promotingTypes } from "../reading/promoted";
import { pushingTypes } from "../reading/pushed";
import { asTexts } from "../reading/values";
import { provenByGraph } from "./by-graph";
import { provenByValues, type Demand } from "./by-values";
import { proofTypes } from "./trust-types";

/** Settings of every rule about evidence. */
const config: NonNullable<Rule["config"]> = {
  provenBy: {
    type: "array",
    items: { type: "string" },
    default: [],
    description:
      "Further resource types that count as proof of the images they depend on, where the tag is not Slipway's, e.g. `command:local:Command`.",
  },
  handWrittenEvidence: {
    type: "string",
    enum: ["refuse", "accept"],
    default: "refuse",
    description:
      "Whether evidence that a program writes itself counts as much as the output of a trust resource.",
  },
};

/** A rule that asks for one kind of evidence with every tag that is promoted. */
export function promotionRule(
  rule: Pick<Rule, "name" | "description" | "remedy" | "severity" | "level"> & { demand: Demand },
): Rule {
  const { demand, ...data } = rule;
  return {
    ...data,
    looksAt: ["tag", "tags"],
    types: [...promotingTypes, ...pushingTypes, ...proofTypes[demand.kind]],
    config,
    check: (resource, _config, seen) =>
      promotedTags(resource).map((promoted) => provenByValues(promoted, demand, seen)),
    graph: (stack, settings: RuleConfig) =>
      provenByGraph(stack, {
        ...demand,
        provenBy: asTexts(settings.provenBy),
        acceptHandWritten: settings.handWrittenEvidence === "accept",
      }),
  };
}
