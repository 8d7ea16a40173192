import type { Outcome } from "./rule";

/** How many things a rule looked at in a run, and what came of it. */
export interface Tally {
  looked: number;
  violations: number;
  /** Things whose values are not known yet, and which the graph did not decide either. */
  undecided: number;
}

/** The report of what each rule looked at in a run. */
export class RunOutcomes {
  private readonly entries = new Map<string, Map<string, Outcome>>();
  private readonly notConfigured = new Set<string>();
  private readonly declared = new Map<string, unknown>();

  /**
   * Notes that the program declares a resource in this run, and the evidence that it takes, which
   * is among the inputs alone.
   */
  noteDeclared(urn: string, evidence: unknown): void {
    this.declared.set(urn, evidence);
  }

  /** The evidence that a resource takes; undefined where it takes none. */
  evidenceOf(urn: string): unknown {
    return this.declared.get(urn);
  }

  /**
   * Resources of a stack that the program declares, and what they are children of. The stack that
   * the engine shows also has those that this run removes.
   */
  declaredOnly<T extends { urn: string; parent?: { urn: string } }>(nodes: readonly T[]): readonly T[] {
    // Where every rule with a look at resources is disabled, nothing is known about that.
    if (this.declared.size === 0) return nodes;
    const kept = new Set(this.declared.keys());
    for (const node of nodes) if (kept.has(node.urn) && node.parent) kept.add(node.parent.urn);
    return nodes.filter(({ urn }) => kept.has(urn));
  }

  /**
   * Notes outcomes about a resource. What is noted again replaces what was, but a finding stays
   * one.
   */
  note(rule: string, urn: string, outcomes: readonly Outcome[]): void {
    let entries = this.entries.get(rule);
    if (!entries) this.entries.set(rule, (entries = new Map<string, Outcome>()));
    for (const outcome of outcomes) {
      const key = `${urn}\n${outcome.what}`;
      if (entries.get(key)?.finding === undefined || outcome.finding !== undefined) entries.set(key, outcome);
    }
  }

  /** Notes that a rule had nothing to compare with. */
  noteNotConfigured(rule: string): void {
    this.notConfigured.add(rule);
  }

  isConfigured(rule: string): boolean {
    return !this.notConfigured.has(rule);
  }

  tally(rule: string): Tally {
    const outcomes = [...(this.entries.get(rule)?.values() ?? [])];
    return {
      looked: outcomes.length,
      violations: outcomes.filter((outcome) => outcome.finding !== undefined).length,
      undecided: outcomes.filter((outcome) => outcome.finding === undefined && outcome.later).length,
    };
  }

  /** Forgets all, for the next run of the same process. */
  clear(): void {
    this.entries.clear();
    this.notConfigured.clear();
    this.declared.clear();
  }
}
