import { changedOutputs } from "./changed-outputs";
import { asText, changedValues, shortDigests } from "./changed-values";
import type { EarlyViolations } from "./early-violations";
import type { Diagnostic, EngineEvent, Step, Summary, Violation } from "./engine-event";
import { policyFindings } from "./policy-findings";
import { kindOfStep, nameOfUrn, stepSigns } from "./step-names";

/** Type of what holds a release together, and makes nothing. */
const stage = "slipway:release:Stage";

/** Names that are longer than this move their line's last column. */
const longestName = 32;

/** Words for the counts at the end, at a preview and afterwards, in their order. */
const counted: readonly (readonly [operation: string, planned: string, done: string])[] = [
  ["create", "to create", "created"],
  ["update", "to update", "updated"],
  ["replace", "to replace", "replaced"],
  ["delete", "to delete", "deleted"],
  ["import", "to import", "imported"],
  ["same", "unchanged", "unchanged"],
];

/** What is said instead of resources that are deleted in the state alone: what they made stays. */
const leaving = ["to leave the state", "left the state"] as const;

/** What the engine says of a failed run without saying why: the reason has its own line. */
const framesOnly = /^(preview|update|destroy|refresh) failed$/;

/** The engine's frame around what a provider finds wrong with inputs. */
const checkFrame = /^\S+ resource '[^']*': property (\S+) value \{[^]*?\} has a problem: /;

/**
 * A run as people read it: what is said, once; a line a resource that changes, in an order that is
 * the same in every run; outputs that differ; what policies found; and the sum.
 */
export class RunReport {
  private readonly said = new Set<string>();
  private readonly steps = new Map<string, Step>();
  private readonly violations: Violation[] = [];
  private outputs: string[] = [];
  private summary: Summary | undefined;
  private readonly errors: string[] = [];
  /** From which version to which it goes, by distribution. */
  private readonly headlines = new Set<string>();

  /** What the plan of a run that goes on to carry it out has said, by resource. */
  private readonly planned = new Map<string, string[]>();
  private isPlan: boolean;

  /**
   * @param options `withOutputs`: whether the stack's outputs are told; `plansFirst`: whether the
   * run makes a plan and carries it out, so that what is said of both is told once
   */
  constructor(private readonly options: { withOutputs?: boolean; plansFirst?: boolean } = {}) {
    this.isPlan = options.plansFirst === true;
  }

  /** Takes an event. Returns the lines that are worth to be shown at once. */
  take(event: EngineEvent): string[] {
    if (event.diagnosticEvent) return this.message(event.diagnosticEvent);
    if (event.policyEvent) this.violations.push(event.policyEvent);
    if (event.resOutputsEvent) this.step(event.resOutputsEvent.metadata);
    if (event.summaryEvent) this.summary = event.summaryEvent;
    return [];
  }

  /**
   * The plan is made, and the same run carries it out. What was said of the plan is told only of
   * resources of which nothing is said any more.
   */
  begin(): void {
    this.isPlan = false;
    this.said.clear();
    this.steps.clear();
    this.violations.length = 0;
    this.outputs = [];
    this.summary = undefined;
  }

  /** Whether anything changes, as far as the run is over. */
  get isChange(): boolean {
    return Object.entries(this.summary?.resourceChanges ?? {}).some(
      ([op, count]) => op !== "same" && count > 0,
    );
  }

  /**
   * The lines at the end of a run, also of one that was cut off.
   *
   * @param early what policies have found, where the engine ended before it asked about the stack
   */
  end(early?: EarlyViolations): string[] {
    const failed = this.errors.length > 0;
    const isCutOff = failed && early?.isWhole === false;
    if (isCutOff) this.violations.push(...early.violations);
    // Of a plan that is refused only the reason counts; of an update, what it has done as well.
    const changes = failed && this.summary?.isPreview === true ? [] : this.changeLines();
    const outputs =
      failed || this.options.withOutputs === false || this.outputs.length === 0
        ? []
        : ["outputs:", ...this.outputs.map(indented)];
    return [
      ...[...this.planned.values()].flat(),
      ...(changes.length > 0 ? [...this.headlines].sort() : []),
      ...changes,
      ...outputs,
      ...this.policyLines(),
      ...(isCutOff ? ["policies were not all looked at: the run failed before"] : []),
      ...this.errors.filter((line) => line !== ""),
      ...this.sum(),
    ];
  }

  private message({ urn, message, severity, ephemeral }: Diagnostic): string[] {
    const text = message.trim();
    if (text === "" || severity === "debug") return [];
    const isStack = urn === undefined || urn === "" || urn.includes("pulumi:pulumi:Stack::");
    const place = isStack ? "" : `${nameOfUrn(urn)}: `;
    // What is said of the whole stack is no progress, and has no other line.
    if (ephemeral === true && !isStack) return [`  … ${place}${text}`];
    const isError = severity === "error";
    const shown = isError
      ? `error: ${place}${text.replace(checkFrame, "$1: ")}`
      : `${severity === "warning" ? "warning: " : ""}${shortDigests(text)}`;
    if (this.said.has(shown)) return [];
    this.said.add(shown);
    if (isHeadline(urn, text)) {
      this.headlines.add(shown);
      return [];
    }
    const lines = shown.split("\n").map((line, index) => (index === 0 ? line : indented(line)));
    if (!isError) return this.toldNow(isStack ? "" : urn, lines);
    // Errors come last, where they are looked for.
    this.errors.push(...(framesOnly.test(text) ? [""] : lines));
    return [];
  }

  private toldNow(urn: string, lines: string[]): string[] {
    if (this.isPlan) {
      this.planned.set(urn, [...(this.planned.get(urn) ?? []), ...lines]);
      return [];
    }
    this.planned.delete(urn);
    return lines;
  }

  private step(step: Step): void {
    if (step.type === "pulumi:pulumi:Stack")
      this.outputs = changedOutputs(step.old?.outputs, step.new?.outputs);
    // What the engine does for a replacement beside it, and what it looks at, is no change of its own.
    else if (step.op in stepSigns) this.steps.set(step.urn, step);
  }

  private changeLines(): string[] {
    const steps = [...this.steps.values()].sort((one, other) => (sortKey(one) < sortKey(other) ? -1 : 1));
    const removed = steps.filter(({ op, type }) => op === "delete" && type !== stage);
    const ofProgram = steps.filter(({ op, type }) => op !== "delete" && isOfProgram(type));
    // Stages tell of their own only where nothing else changes, as after an upgrade.
    const apart = ofProgram.filter(({ type }) => type !== stage);
    const shown = apart.length > 0 || removed.length > 0 ? apart : ofProgram;
    const width = Math.max(0, ...shown.map((step) => kindOfStep(step).length));
    const nameWidth = Math.min(longestName, Math.max(0, ...shown.map(({ urn }) => nameOfUrn(urn).length)));
    const lines = shown.map((step) => {
      const changes = step.op === "create" ? "" : changedValues(step);
      const columns = [kindOfStep(step).padEnd(width), nameOfUrn(step.urn).padEnd(nameWidth), changes];
      return `  ${stepSigns[step.op]} ${columns.join("  ").trimEnd()}`;
    });
    return [...lines, ...removedLines(removed, shown)];
  }

  /** Whether all that is removed is removed from the state alone. */
  private isLeaving(): boolean {
    const removed = [...this.steps.values()].filter(({ op }) => op === "delete");
    return removed.every(({ type, old }) => type.startsWith("slipway:") || old?.retainOnDelete === true);
  }

  private policyLines(): string[] {
    return policyFindings(this.violations).flatMap(({ policy, mandatory, about, text }) => {
      const [first = "", ...further] = shortDigests(text).split("\n");
      const who = about.length === 0 ? "" : ` (${about.join(", ")})`;
      return [
        `${mandatory ? "refused" : "warning"} by ${policy}${who}: ${first}`,
        ...further.map((line) => `  ${line}`),
      ];
    });
  }

  private sum(): string[] {
    if (!this.summary) return [];
    const { resourceChanges, durationSeconds = 0, isPreview = false, PolicyPacks } = this.summary;
    const changes = resourceChanges ?? {};
    const counts = counted.flatMap(([operation, planned, done]) => {
      const count = changes[operation] ?? 0;
      const [before, after] = operation === "delete" && this.isLeaving() ? leaving : [planned, done];
      return count === 0 ? [] : [`${count} ${isPreview ? before : after}`];
    });
    const failed = this.errors.length > 0;
    const isKept = Object.keys(PolicyPacks ?? {}).length > 0 && this.violations.length === 0;
    const words = [
      ...(failed ? [isPreview ? "preview failed" : "update failed"] : this.isChange ? [] : ["no changes"]),
      ...counts,
      ...(isKept && !failed ? ["policies kept"] : []),
    ];
    return [`${words.join(", ")} (${durationSeconds} s)`];
  }
}

/**
 * One line for each thing that leaves the program: of its resources most are proofs and parts of
 * one image, and what is published stays. What another resource has taken over is none of it.
 */
function removedLines(steps: readonly Step[], others: readonly Step[]): string[] {
  if (steps.length === 0) return [];
  const parts = steps.filter(({ type }) => isOfProgram(type));
  const taken = new Set(others.flatMap(({ type, new: now }) => publishedOf(type, now)));
  const left = parts.flatMap(({ type, old }) => publishedOf(type, old));
  const stays = [...new Set(left)].filter((one) => !taken.has(one)).sort();
  const names = [...new Set(steps.map(({ urn }) => nameOfUrn(urn).split(/[@:]/)[0]!))].sort();
  const what = `${names.slice(0, 5).join(", ")}${names.length > 5 ? ` and ${names.length - 5} more` : ""}`;
  const lines = [`  - ${what}: ${parts.length} resources leave the program`];
  if (stays.length > 0) {
    const listed = `${stays.slice(0, 6).join(", ")}${stays.length > 6 ? ` and ${stays.length - 6} more` : ""}`;
    lines.push(`    what is published stays: ${listed}; delete it where it is, if nobody needs it`);
  }
  return lines;
}

/** What a resource has that others find: tags, and releases. */
function publishedOf(type: string, state: Step["old"]): string[] {
  const outputs = { ...state?.inputs, ...state?.outputs };
  const under = (field: string) => (outputs[field] === undefined ? "" : asText(outputs[field]));
  if (type === "slipway:oci:Tags" && Array.isArray(outputs.references)) return outputs.references.map(String);
  if (type === "slipway:oci:Mirror") return [under("target")];
  if (type === "slipway:release:Directory") {
    const place = [under("directory"), under("name")].filter(Boolean).join("/");
    return [`${place}: release ${under("tag")}`];
  }
  if (type === "slipway:github:Release") return [`${under("repository")}: release ${under("tag")}`];
  return [];
}

/** Returns whether a message says from which version to which a distribution goes. */
function isHeadline(urn: string | undefined, text: string): boolean {
  return urn?.includes("slipway:release:Ledger::") === true && text.startsWith(`${nameOfUrn(urn)} `);
}

/** Components and providers have no line: what they have made or connected has. */
function isOfProgram(type: string): boolean {
  return !type.startsWith("slipway:components:") && !type.startsWith("pulumi:providers:");
}

function sortKey({ type, urn }: Step): string {
  return `${type}\n${nameOfUrn(urn)}\n${urn}`;
}

function indented(line: string): string {
  return `  ${line}`;
}
