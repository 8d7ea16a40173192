import type { Violation } from "./engine-event";
import { nameOfUrn } from "./step-names";

/** What a policy has found. */
export interface PolicyFinding {
  readonly policy: string;
  readonly mandatory: boolean;
  /** Names of the resources, in their order. */
  readonly about: readonly string[];
  readonly text: string;
}

/** What policies have found, once for each policy and text, in their order. */
export function policyFindings(violations: readonly Violation[]): PolicyFinding[] {
  const grouped = new Map<string, PolicyFinding & { about: string[] }>();
  for (const { policyName, message, enforcementLevel, resourceUrn = "" } of violations) {
    const key = `${policyName}\n${message}`;
    const mandatory = enforcementLevel === "mandatory";
    const found = grouped.get(key) ?? { policy: policyName, mandatory, about: [], text: message.trim() };
    const name = nameOfUrn(resourceUrn);
    if (name !== "" && !found.about.includes(name)) found.about.push(name);
    grouped.set(key, found);
  }
  return [...grouped.keys()].sort().flatMap((key) => {
    const found = grouped.get(key);
    return found ? [{ ...found, about: found.about.sort() }] : [];
  });
}
