import { UNKNOWN } from "../pack/declared";
import type { Outcome, Seen } from "../pack/rule";
import type { PromotedTag } from "../reading/promoted";
import { matchesPattern } from "../reading/pattern";
import { asList, asRecord, asText } from "../reading/values";
import type { Acceptance, EvidenceItem } from "./acceptance";
import type { EvidenceKind } from "./trust-types";

/** Evidence that a rule demands about a digest before a tag points to it. */
export interface Demand {
  readonly kind: EvidenceKind;
  /** In words, e.g. `signature that was verified`. */
  readonly wording: string;
  /** Whether it may be about each platform of an index instead of the index itself. */
  readonly byPlatform?: boolean;
  /** Whether it is about the programs in an image: a chart has none. */
  readonly aboutPrograms?: boolean;
  /**
   * Only what is said by this one, e.g. the name of a declared check; `*` stands for any
   * characters.
   */
  readonly by?: string;
  /** Which facts count. Default: all. */
  readonly acceptance?: Acceptance;
}

/**
 * Returns whether the evidence given with a tag meets a demand for the very digest that the tag
 * points to. Evidence about another digest, or one that did not pass, does not.
 */
export function provenByValues(promoted: PromotedTag, demand: Demand, seen: Seen): Outcome {
  const what = `tag ${promoted.reference}`;
  const { digest, evidence } = promoted;
  if (demand.aboutPrograms && typeof digest === "string" && seen.isChart(digest)) return { what };
  if (evidence === undefined)
    return { what, finding: `has no ${demand.wording}: no evidence is given with it` };
  if (typeof digest !== "string" || !Array.isArray(evidence)) return { what, later: true };
  const items = evidence.map(asRecord);
  if ((evidence as unknown[]).includes(UNKNOWN) || items.some((item) => isUnknown(item, demand))) {
    return { what, later: true };
  }
  const ofKind = items.filter((item) => item.kind === demand.kind && isBy(item.by, demand.by));
  const sets = subjects(digest, demand, seen);
  const bad = notPassed(ofKind, new Set(sets.flat()), demand);
  if (bad.length > 0) return { what, finding: bad.join("; ") };
  const missing = sets.map((wanted) => lack(ofKind, wanted, demand, promoted.repository));
  const best = missing.find((lacks) => lacks.length === 0) ?? missing[0] ?? [];
  return best.length === 0 ? { what } : { what, finding: best.join("; ") };
}

/**
 * Returns whether any of the given evidence, all of it known, is of the demanded kind, about
 * whatever digest.
 */
export function givesAnyOf(evidence: unknown, demand: Demand): boolean {
  return asList(evidence)
    .map(asRecord)
    .some((item) => item.kind === demand.kind && isBy(item.by, demand.by));
}

/**
 * Sets of subjects of which one has to be proven whole: the digest itself, or where allowed all of
 * its platforms.
 */
function subjects(digest: string, demand: Demand, seen: Seen): readonly (readonly string[])[] {
  const platforms = demand.byPlatform ? [...seen.platformsOf(digest)] : [];
  return platforms.length > 0 ? [platforms, [digest]] : [[digest]];
}

/**
 * Returns the facts that did not pass: they count beside those that did, be it about the index or
 * about one of its images.
 */
function notPassed(items: readonly EvidenceItem[], subjects: ReadonlySet<unknown>, demand: Demand): string[] {
  return items
    .filter(({ subject, result }) => subjects.has(subject) && result !== "passed")
    .map((item) => `has a ${demand.kind} of ${String(item.subject)} with the result ${resultOf(item)}`);
}

/** Returns what is missing for a set of subjects, in words. */
function lack(
  items: readonly EvidenceItem[],
  wanted: readonly string[],
  demand: Demand,
  place: string | undefined,
): string[] {
  return wanted.flatMap((subject) => {
    const about = items.filter((item) => item.subject === subject);
    if (about.length > 0) return objections(about, subject, demand, place);
    const others = items.length === 0 ? "" : ` (what is given is about ${listOf(items)})`;
    return [`has no ${demand.wording} for ${subject}${others}`];
  });
}

/**
 * Returns why facts that passed are not enough: none of them counts, or those that do lack
 * something.
 */
function objections(
  about: readonly EvidenceItem[],
  subject: string,
  { acceptance, wording }: Demand,
  place: string | undefined,
): string[] {
  if (!acceptance) return [];
  const judged = about.map((item) => ({ item, objection: acceptance.objection(item, place) }));
  const counted = judged.filter(({ objection }) => objection === undefined).map(({ item }) => item);
  if (counted.length === 0) {
    const reasons = [...new Set(judged.flatMap(({ objection }) => objection ?? []))];
    return [`has no ${wording} for ${subject} that counts: ${reasons.join("; ")}`];
  }
  const shortfall = acceptance.shortfall?.(counted);
  return shortfall === undefined ? [] : [`has ${subject}, which ${shortfall}`];
}

function resultOf(item: EvidenceItem): string {
  const detail = asText(item.detail);
  return `"${String(item.result)}" by ${String(item.by)}${detail === undefined ? "" : ` (${detail})`}`;
}

function listOf(items: readonly EvidenceItem[]): string {
  return [...new Set(items.map((item) => String(item.subject)))].join(", ");
}

function isBy(by: unknown, wanted: string | undefined): boolean {
  return wanted === undefined || by === wanted || matchesPattern(wanted, asText(by) ?? "");
}

/** Facts of another kind may be unknown. */
function isUnknown(item: EvidenceItem, demand: Demand): boolean {
  if (item.kind === UNKNOWN) return true;
  const { subject, result, by, signer, scanner } = item;
  return item.kind === demand.kind && [subject, result, by, signer, scanner].includes(UNKNOWN);
}
