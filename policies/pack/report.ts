import type { StackValidationPolicy } from "@pulumi/policy";
import type { RunOutcomes } from "./run-outcomes";
import type { Rule } from "./rule";

/** Name of the policy that reports, in configurations. */
export const reportName = "report-what-was-looked-at";

export const reportDescription = "Says how much each rule looked at. It finds nothing by itself.";

/** Settings of the report. */
export const reportConfig: NonNullable<Rule["config"]> = {
  details: {
    type: "boolean",
    default: false,
    description: "Whether a run ends with a line for each rule, beside the one line that sums up.",
  },
};

/**
 * The policy that says what the run looked at, so that "passed" cannot mean "nothing was looked
 * at". A violation of its own would make a clean run look as if it had one, so it tells its lines.
 *
 * @param tell shows lines to the user
 */
export function reportPolicy(
  rules: readonly Rule[],
  run: RunOutcomes,
  tell: (lines: readonly string[]) => Promise<void>,
): StackValidationPolicy {
  return {
    name: reportName,
    description: reportDescription,
    enforcementLevel: "advisory",
    configSchema: { properties: { ...reportConfig } },
    async validateStack(args) {
      const { details } = args.getConfig<{ details?: boolean }>();
      const lines = [...(details === true ? detailLines(rules, run) : []), summaryLine(rules, run)];
      run.clear();
      await tell(lines);
    },
  };
}

/** The report in one line: how many rules passed, and those that did not, or could not look. */
export function summaryLine(rules: readonly Rule[], run: RunOutcomes): string {
  const violated: string[] = [];
  const notConfigured: string[] = [];
  let passed = 0;
  let later = 0;
  let idle = 0;
  for (const { name } of rules) {
    const { looked, violations, undecided } = run.tally(name);
    if (!run.isConfigured(name)) notConfigured.push(name);
    else if (looked === 0) idle++;
    else if (violations > 0) violated.push(name);
    else {
      passed++;
      if (undecided > 0) later++;
    }
  }
  const parts = [
    violated.length === 0 ? "" : `${rulesOf(violated.length)} violated: ${violated.join(", ")}`,
    `${rulesOf(passed)} passed` + (later === 0 ? "" : ` (${later} for what is known; up decides)`),
    idle === 0 ? "" : `${idle} had nothing to look at`,
    notConfigured.length === 0 ? "" : `${notConfigured.length} not configured: ${notConfigured.join(", ")}`,
  ];
  return `slipway: ${parts.filter((part) => part !== "").join("; ")}`;
}

function rulesOf(count: number): string {
  return count === 1 ? "1 rule" : `${count} rules`;
}

/** A line for each rule that looked at something, and one for those that did not. */
export function detailLines(rules: readonly Rule[], run: RunOutcomes): string[] {
  const lines: string[] = [];
  const idle: string[] = [];
  for (const rule of rules) {
    const { looked, violations, undecided } = run.tally(rule.name);
    if (!run.isConfigured(rule.name)) continue;
    if (looked === 0) {
      idle.push(rule.name);
      continue;
    }
    const [one, several] = rule.looksAt;
    const known = undecided === 0 ? "" : `, ${undecided} of them not known before up`;
    lines.push(
      `slipway: ${rule.name} looked at ${looked} ${looked === 1 ? one : several}${known}: ` +
        (violations === 0 ? "no violation" : violations === 1 ? "1 violation" : `${violations} violations`),
    );
  }
  if (idle.length > 0)
    lines.push(`slipway: looked at nothing (there is nothing, or the rule is disabled): ${idle.join(", ")}`);
  return lines;
}
