import type { Declared } from "../pack/declared";
import type { StackNode } from "../pack/graph";
import type { Outcome, Rule, RuleConfig } from "../pack/rule";
import { promotedTags, promotingTypes } from "../reading/promoted";
import { pushedReferences, pushingTypes } from "../reading/pushed";
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
      'Further resource types that count as proof of the images they depend on, where the tag is not Slipway\'s and `pushedWithTag` is "prove after", e.g. `command:local:Command`.',
  },
  pushedWithTag: {
    type: "string",
    enum: ["refuse", "prove after"],
    default: "refuse",
    description:
      "What an official provider pushes under its tag as it makes it is refused before it is pushed; or it has to be proven right after: then a preview finds where it is not, and an update that nobody previewed tells it after the push.",
  },
};

function isPromoting({ type }: Declared): boolean {
  return (promotingTypes as readonly string[]).includes(type);
}

/** Nothing can be known of a digest that gets its tag as it is made. */
function pushedUnproven(resource: Declared, { wording }: Demand): Outcome[] {
  return pushedReferences(resource).map((reference) => ({
    what: `${resource.type} ${typeof reference === "string" ? reference : "(a reference that is not known)"}`,
    finding: `can have no ${wording} before it is published: it is pushed under its tag as it is made`,
  }));
}

/** A rule that asks for one kind of evidence with every tag that is promoted. */
export function promotionRule(
  rule: Pick<Rule, "name" | "description" | "remedy" | "distributionRemedy" | "severity" | "level"> & {
    demand: Demand;
  },
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
      const promoted = isPromoting(resource) ? promotedTags(resource) : [];
      return [
        ...promoted.map((one) => provenByValues(one, asked, seen)),
        ...(settings.pushedWithTag === "prove after" ? [] : pushedUnproven(resource, demand)),
      ];
    },
    graph: (stack, settings) =>
      provenByGraph(trustedOnly(stack, settings), {
        ...withAcceptance(settings),
        wording:
          settings.trustedSigners === undefined ? demand.wording : `${demand.wording}, by a trusted signer`,
        provenBy: asTexts(settings.provenBy),
      }),
  };
}

/**
 * Returns the nodes that may prove something: those that surely no trusted signer signed do not.
 */
function trustedOnly(stack: readonly StackNode[], { trustedSigners }: RuleConfig): readonly StackNode[] {
  if (trustedSigners === undefined) return stack;
  return stack.filter((node) => !trustTypes.has(node.type) || !isSurelyUntrusted(node, trustedSigners));
}
