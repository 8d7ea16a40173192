import type { StackValidationPolicy } from "@pulumi/policy";
import type { Ledger } from "./ledger";
import type { Rule } from "./rule";

/**
 * The policy that says what the run looked at, so that "no violation" cannot mean "nothing was
 * looked at". The engine shows what a pack writes to standard error among the run's diagnostics; a
 * violation of its own would make a clean run look as if it had one.
 */
export function reportPolicy(rules: readonly Rule[], ledger: Ledger): StackValidationPolicy {
  return {
    name: "report-what-was-looked-at",
    description: "Says how much each rule looked at. It finds nothing by itself.",
    enforcementLevel: "advisory",
    validateStack() {
      for (const line of reportLines(rules, ledger)) console.error(line);
      ledger.clear();
    },
  };
}

/** The report: a line for each rule that looked at something, and one for those that did not. */
export function reportLines(rules: readonly Rule[], ledger: Ledger): string[] {
  const lines: string[] = [];
  const idle: string[] = [];
  const notConfigured: string[] = [];
  for (const rule of rules) {
    const { looked, violations, undecided } = ledger.tally(rule.name);
    if (!ledger.isConfigured(rule.name)) notConfigured.push(rule.name);
    else if (looked === 0) idle.push(rule.name);
    else {
      const [one, several] = rule.looksAt;
      const known = undecided === 0 ? "" : `, ${undecided} of them not known before up`;
      lines.push(
        `slipway: ${rule.name} looked at ${looked} ${looked === 1 ? one : several}${known}: ` +
          (violations === 0 ? "no violation" : violations === 1 ? "1 violation" : `${violations} violations`),
      );
    }
  }
  if (idle.length > 0)
    lines.push(`slipway: looked at nothing (there is nothing, or the rule is disabled): ${idle.join(", ")}`);
  if (notConfigured.length > 0) lines.push(`slipway: not configured: ${notConfigured.join(", ")}`);
  return lines;
}
