import type { AnalyzeDiagnostic } from "@pulumi/pulumi/proto/analyzer_pb";

/** A violation in the parts of its message. */
export interface Violation {
  readonly what: string;
  readonly finding: string;
  readonly remedy: string;
}

/** Further things of one cause that a message names. */
const longestList = 20;

/** Writes violations of one cause as one, whatever resources they are of. */
export class Causes {
  private readonly told = new Map<string, Violation>();

  /** Returns the message of a violation: what was looked at, the finding, and what to do. */
  message(violation: Violation): string {
    const text = messageOf(violation, []);
    this.told.set(text, violation);
    return text;
  }

  /**
   * Returns one of the violations of each rule that have the same finding. It names what the others
   * are about. Which one does not depend on the order in which the engine asked.
   */
  grouped(all: readonly AnalyzeDiagnostic[]): AnalyzeDiagnostic[] {
    const groups = new Map<unknown, [Told, ...Told[]]>();
    for (const diagnostic of all) {
      const violation = this.violationOf(diagnostic);
      const cause = violation
        ? [diagnostic.getPolicyname(), violation.finding, violation.remedy].join("\n")
        : diagnostic;
      const told = { diagnostic, violation };
      const group = groups.get(cause);
      if (group) group.push(told);
      else groups.set(cause, [told]);
    }
    return [...groups.values()].map(oneOf);
  }

  /** The library writes the rule's description before a message. */
  private violationOf(diagnostic: AnalyzeDiagnostic): Violation | undefined {
    const message = diagnostic.getMessage();
    return this.told.get(message.slice(message.indexOf("\n") + 1));
  }
}

/** A violation as the library told it, and its parts where it is one of a rule. */
interface Told {
  readonly diagnostic: AnalyzeDiagnostic;
  readonly violation: Violation | undefined;
}

/**
 * The first of a resource stays its first. Of several resources, the engine asks in an order of its
 * own.
 */
function oneOf(group: readonly [Told, ...Told[]]): AnalyzeDiagnostic {
  const firsts = new Map<string, Told>();
  for (const told of group) {
    const urn = told.diagnostic.getUrn();
    if (!firsts.has(urn)) firsts.set(urn, told);
  }
  const sorted = [...firsts.values()].sort((a, b) => compare(whatOf(a), whatOf(b)));
  const { diagnostic, violation } = sorted[0] ?? group[0];
  const others = [...new Set(group.map(whatOf))].filter((what) => what !== violation?.what).sort();
  if (violation && others.length > 0) {
    const text = messageOf(violation, []);
    diagnostic.setMessage(diagnostic.getMessage().replace(text, () => messageOf(violation, others)));
  }
  return diagnostic;
}

function whatOf({ violation }: Told): string {
  return violation?.what ?? "";
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function messageOf({ what, finding, remedy }: Violation, others: readonly string[]): string {
  const more = others.length > longestList ? `, and of ${others.length - longestList} more` : "";
  const also =
    others.length === 0 ? "" : `The same is true of ${others.slice(0, longestList).join(", ")}${more}.\n`;
  return `${what} ${finding}.\n${also}To do: ${remedy}`;
}
