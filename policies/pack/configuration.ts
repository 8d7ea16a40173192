import { nearest } from "../../lib/text/nearest";
import { reportConfig, reportDescription, reportName } from "./report";
import type { Rule } from "./rule";

/** Settings of policies by their names, as a configuration gives them. */
export type GivenSettings = ReadonlyMap<string, Readonly<Record<string, unknown>>>;

/**
 * The entry with the level of all policies that have none of their own: the engine passes it on as
 * one of them.
 */
export const allPolicies = "all";

/** What a configuration can name, with its settings: the rules, and the report of a run. */
export function configurable(rules: readonly Rule[]): readonly Configurable[] {
  const report = { name: reportName, description: reportDescription, config: reportConfig };
  return [...rules, { ...report, level: "advisory" }];
}

type Configurable = Pick<Rule, "name" | "description" | "config" | "level">;

/**
 * Returns what of a configuration names no rule, or no setting of its rule. The engine passes such
 * names on without a word, and a rule whose setting is misspelled judges by less than somebody
 * wrote down.
 */
export function unknownNames(rules: readonly Rule[], given: GivenSettings): readonly string[] {
  const known = new Map(
    configurable(rules).map(({ name, config }) => [name, Object.keys(config ?? {})] as const),
  );
  return [...given].flatMap(([policy, settings]) => {
    const ofPolicy = policy === allPolicies ? [] : known.get(policy);
    if (!ofPolicy) {
      const policies = [...known.keys()];
      const hint = meant(policy, policies) || `; the rules are ${policies.join(", ")}`;
      return [`there is no rule ${JSON.stringify(policy)}${hint}`];
    }
    return Object.keys(settings)
      .filter((setting) => setting !== "enforcementLevel" && !ofPolicy.includes(setting))
      .map((setting) => {
        const settingsHere = ofPolicy.length > 0 ? `its settings are ${ofPolicy.join(", ")}` : "it has none";
        return `rule ${policy} has no setting ${JSON.stringify(setting)}${meant(setting, [...ofPolicy, "enforcementLevel"])}; ${settingsHere}`;
      });
  });
}

function meant(name: string, known: readonly string[]): string {
  const match = nearest(name, known) ?? known.find((one) => one.toLowerCase().endsWith(name.toLowerCase()));
  return match === undefined ? "" : `, did you mean "${match}"?`;
}
