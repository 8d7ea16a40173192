import type { StackNode } from "../pack/graph";
import type { Rule, RuleConfig } from "../pack/rule";
import { promotedTags, promotingTypes } from "../reading/promoted";
import { pushingTypes } from "../reading/pushed";
import { asTexts } from "../reading/values";
import type { Acceptance } from "./acceptance";
import { provenByGraph } from "./by-graph";
import { provenByValues, type Demand } from "./by-values";
import { scannerAcceptance } from "./scanners";
import { isSurelyUntrusted, signerAcceptance } from "./trusted-signers";
import { proofTypes, trustTypes } from "./trust-types";

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
  const { kind } = demand;
  const { config: ofKind, acceptance } = kind === "scan" ? scannerAcceptance : signerAcceptance;
  const withAcceptance = (settings: RuleConfig): Demand & { acceptance: Acceptance } => ({
    ...demand,
    acceptance: acceptance(kind, settings),
  });
  return {
    ...data,
    looksAt: ["tag", "tags"],
    types: [...promotingTypes, ...pushingTypes, ...proofTypes[kind]],
    config: { ...config, ...ofKind },
    check(resource, settings, seen) {
      const asked = withAcceptance(settings);
      return promotedTags(resource).map((promoted) => provenByValues(promoted, asked, seen));
    },
    graph: (stack, settings) =>
      provenByGraph(trustedOnly(stack, settings), {
        ...demand,
        wording:
          settings.trustedSigners === undefined ? demand.wording : `${demand.wording}, by a trusted signer`,
        provenBy: asTexts(settings.provenBy),
        acceptHandWritten: settings.handWrittenEvidence === "accept",
      }),
  };
}

/** What is known to be signed by nobody whom the settings trust proves nothing. */
function trustedOnly(stack: readonly StackNode[], { trustedSigners }: RuleConfig): readonly StackNode[] {
  if (trustedSigners === undefined) return stack;
  return stack.filter((node) => !trustTypes.has(node.type) || !isSurelyUntrusted(node, trustedSigners));
}
