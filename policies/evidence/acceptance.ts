import type { Declared } from "../pack/declared";
import type { Rule, RuleConfig } from "../pack/rule";
import { asText } from "../reading/values";
import type { EvidenceKind } from "./trust-types";

/** A fact as evidence has it. */
export type EvidenceItem = Readonly<Record<string, unknown>>;

/** Which facts of a kind count: by whom, and with what. */
export interface Acceptance {
  /**
   * Returns why a fact does not count for a place, as the rest of a sentence that names it;
   * undefined where it does.
   */
  objection(item: EvidenceItem, place: string | undefined): string | undefined;
  /**
   * Returns what the facts that count still lack, as the rest of a sentence; undefined where they
   * are enough.
   */
  shortfall?(items: readonly EvidenceItem[]): string | undefined;
  /**
   * Returns what facts will lack that are not known yet, by the resources that will give them;
   * undefined where that is not known either.
   */
  promise?(proofs: readonly Declared[]): string | undefined;
}

/** Settings of a rule, and what they accept. */
export interface AcceptanceSettings {
  readonly config: NonNullable<Rule["config"]>;
  readonly acceptance: (kind: EvidenceKind, settings: RuleConfig) => Acceptance;
}

/** Returns who says a fact, for messages. */
export function saidBy(item: EvidenceItem): string {
  return asText(item.by) ?? "somebody whom it does not name";
}
