import { nearest } from "../../lib/text/nearest";
import type { Rule } from "./rule";

/** Settings of policies by their names, as a configuration gives them. */
export type GivenSettings = ReadonlyMap<string, Readonly<Record<string, unknown>>>;

/**
 * The entry with the level of all policies that have none of their own: the engine passes it on as
 * one of them.
 */
const allPolicies = "all";

/**
 * Returns what of a configuration names no rule, or no setting of its rule. The engine passes such
 * names on without a word, and a rule whose setting is misspelled judges by less than somebody
 * wrote down.
 *
 * @param others names of policies without settings
 */
export function unknownNames(
  rules: readonly Rule[],
  others: readonly string[],
  given: GivenSettings,
): readonly string[] {
  const known = new Map<string, readonly string[]>([
    ...rules.map(({ name, config }) => [name, Object.keys(config ?? {})] as const),
    ...others.map((name) => [name, []] as const),
  ]);
  return [...given].flatMap(([policy, settings]) => {
    const ofPolicy = policy === allPolicies ? [] : known.get(policy);
    if (!ofPolicy) {
      const policies = [...known.keys()];
      return [
        `there is no rule ${JSON.stringify(policy)}${meant(policy, policies)}; the rules are ${policies.join(", ")}`,
      ];
    }
    return Object.keys(settings)
      .filter((setting) => setting !== "enforcementLevel" && !ofPolicy.includes(setting))
      .map((setting) => {
        const settingsHere = ofPolicy.length > 0 ? `its settings are ${ofPolicy.join(", ")}` : "it has none";
        return `rule ${policy} has no setting ${JSON.stringify(setting)}${meant(setting, ofPolicy)}; ${settingsHere}`;
      });
  });
}

function meant(name: string, known: readonly string[]): string {
  const match = nearest(name, known);
  return match === undefined ? "" : `, did you mean "${match}"?`;
}
