import { changedValues, shortDigests, unknownValue } from "./changed-values";
import type { EarlyViolations } from "./early-violations";
import type { Diagnostic, EngineEvent, Step, StepState, Summary, Violation } from "./engine-event";
import { policyFindings, type PolicyFinding } from "./policy-findings";
import { forPeople, type ForPeople } from "./waiting-channels";
import { sizeChanges, type SizeChange } from "./size-changes";
import { isMadeStep, kindOfStep, nameOfUrn } from "./step-names";

/** A tag that a run makes or moves. Digests are whole; undefined where a preview does not know one. */
export interface TagChange {
  readonly repository: string;
  readonly tag: string;
  readonly change: "made" | "moved";
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** A file of a release that is published, gets other content, or is taken away. */
export interface AssetChange {
  /** Repository or folder, and the release's tag. */
  readonly release: string;
  readonly name: string;
  readonly change: "made" | "changed" | "removed";
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** Another resource that changes. */
export interface ResourceChange {
  /** `create`, `update`, `replace`, `delete` or `import`. */
  readonly operation: string;
  /** Type without `slipway:`, e.g. `oci:Image`. */
  readonly kind: string;
  readonly name: string;
  /** What differs, in one line; empty where it is new. */
  readonly changes: string;
}

/** What is said of a resource, or of the stack where `about` is empty. */
export interface Note {
  readonly about: string;
  readonly severity: "info" | "warning";
  readonly text: string;
}

/** What a run would change, as those who review a release read it. */
export interface ReleaseDiff {
  /** Of each distribution, from which version to which it goes and where. */
  readonly versions: readonly string[];
  readonly tags: readonly TagChange[];
  readonly assets: readonly AssetChange[];
  /** How many further files the preview does not know yet. */
  readonly assetsNotKnown: number;
  /** Images and archives that change, with what they have in bytes. */
  readonly sizes: readonly SizeChange[];
  /** Whether there are images of which a preview knows neither packages nor vulnerabilities. */
  readonly isContentNotKnown: boolean;
  readonly resources: readonly ResourceChange[];
  readonly notes: readonly Note[];
  /** What is left for somebody to do. */
  readonly forPeople: readonly ForPeople[];
  readonly policies: readonly PolicyFinding[];
  /** Whether a run that failed has ended before all policies were asked. */
  readonly policiesCutOff: boolean;
  readonly errors: readonly string[];
  /** Resources by operation; `same` are unchanged. */
  readonly counts: Readonly<Record<string, number>>;
}

/** Types whose changes are told as tags and files, not as resources. */
const tagTypes = new Set(["slipway:oci:Tags", "slipway:oci:Tag", "slipway:oci:Mirror"]);
const imageTypes = new Set(["slipway:oci:Image", "slipway:oci:Manifest"]);
const releaseTypes = new Set(["slipway:release:Directory", "slipway:github:Release"]);

/** Makes a diff out of a run's events. */
export class ReleaseDiffReader {
  private readonly steps = new Map<string, Step>();
  private readonly people: ForPeople[] = [];
  private readonly notes = new Map<string, Note>();
  private readonly versions = new Set<string>();
  private readonly errors = new Set<string>();
  private readonly violations: Violation[] = [];
  private summary: Summary | undefined;

  take(event: EngineEvent): void {
    if (event.diagnosticEvent) this.message(event.diagnosticEvent);
    if (event.policyEvent) this.violations.push(event.policyEvent);
    const step = event.resOutputsEvent?.metadata;
    if (step && (step.op === "same" || isMadeStep(step))) this.people.push(...forPeople(step));
    if (step && isMadeStep(step)) this.steps.set(step.urn, step);
    if (event.summaryEvent) this.summary = event.summaryEvent;
  }

  /** @param early what policies have found, where the engine ended before it asked about the stack */
  diff(early?: EarlyViolations): ReleaseDiff {
    const policiesCutOff = this.errors.size > 0 && early?.isWhole === false;
    const violations = policiesCutOff ? [...this.violations, ...early.violations] : this.violations;
    const steps = [...this.steps.values()].sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
    return {
      versions: [...this.versions].sort(),
      tags: steps.flatMap(tagChanges),
      assets: steps.flatMap(assetChanges),
      assetsNotKnown: steps.reduce((sum, step) => sum + filesNotKnown(step), 0),
      sizes: steps.flatMap(sizeChanges),
      isContentNotKnown: steps.some(({ type, op }) => imageTypes.has(type) && op !== "delete"),
      resources: steps.flatMap(resourceChange),
      notes: [...this.notes.values()].sort((one, other) => (noteKey(one) < noteKey(other) ? -1 : 1)),
      forPeople: [...this.people].sort((one, other) => (one.about < other.about ? -1 : 1)),
      policies: policyFindings(violations),
      policiesCutOff,
      errors: [...this.errors],
      counts: this.summary?.resourceChanges ?? {},
    };
  }

  private message({ urn = "", message, severity, ephemeral }: Diagnostic): void {
    const text = message.trim();
    if (text === "" || ephemeral === true || !["info", "warning", "error"].includes(severity)) return;
    const about = urn.includes("pulumi:pulumi:Stack::") ? "" : nameOfUrn(urn);
    if (severity === "error") {
      this.errors.add(about === "" ? text : `${about}: ${text}`);
    } else if (urn.includes("slipway:release:Ledger::") && text.startsWith(`${about} `)) {
      this.versions.add(text);
    } else if (!isInTags(urn, text)) {
      this.notes.set(`${about}\n${text}`, { about, severity: severity as "info" | "warning", text });
    }
  }
}

/** What is said of a tag that is made or moved is in the list of tags. */
function isInTags(urn: string, text: string): boolean {
  return urn.includes("slipway:oci:Tags::") && / will (be new|move)\b/.test(text);
}

function tagChanges({ type, op, old, new: now }: Step): TagChange[] {
  if (!tagTypes.has(type) || op === "delete") return [];
  const [before, after] = [pointersOf(old), pointersOf(now)];
  const repository = textAt(now, type === "slipway:oci:Mirror" ? "target" : "repository");
  return Object.entries(after).flatMap(([tag, to]): TagChange[] => {
    const from = before[tag];
    if (from !== undefined && from === to) return [];
    const change = from === undefined ? "made" : "moved";
    return [{ repository, tag, change, from, to: to === unknownValue ? undefined : to }];
  });
}

/** Digests by tag; at a preview that knows none yet, the tags alone. */
function pointersOf(state: StepState | null | undefined): Record<string, string> {
  const { pointers, tag, tags, digest } = { ...state?.outputs, ...state?.inputs } as Record<string, unknown>;
  if (typeof pointers === "object" && pointers !== null) return pointers as Record<string, string>;
  const one = typeof digest === "string" ? digest : unknownValue;
  if (typeof tag === "string") return { [tag]: one };
  const declared = Array.isArray(tags) ? (tags as { tag?: unknown }[]) : [];
  return Object.fromEntries(
    declared.flatMap(({ tag: name }) => (typeof name === "string" ? [[name, one]] : [])),
  );
}

function assetChanges(step: Step): AssetChange[] {
  const { type, op, old, new: now } = step;
  if (!releaseTypes.has(type) || op === "delete") return [];
  const tag = textAt(now, "tag");
  const place = [textAt(now, "directory"), textAt(now, "name"), textAt(now, "repository")];
  const release = `${place.filter((part) => part !== "").join("/")} ${tag}`;
  // Another tag is another release; the one before it stays.
  const before = textAt(old, "tag") === tag ? filesOf(old) : {};
  const after = filesOf(now);
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.flatMap((name): AssetChange[] => {
    const [from, to] = [before[name], after[name]];
    if (from === to) return [];
    // One whose name is not known yet may be it.
    if (to === undefined && filesNotKnown(step) > 0) return [];
    const change = from === undefined ? "made" : to === undefined ? "removed" : "changed";
    return [{ release, name, change, from, to: to === unknownValue ? undefined : to }];
  });
}

function filesNotKnown({ type, op, new: now }: Step): number {
  const assets = releaseTypes.has(type) && op !== "delete" ? now?.inputs?.assets : undefined;
  return Array.isArray(assets) ? assets.filter((one) => one === unknownValue).length : 0;
}

function filesOf(state: StepState | null | undefined): Record<string, string> {
  const assets = { ...state?.outputs, ...state?.inputs }.assets;
  if (!Array.isArray(assets)) return {};
  return Object.fromEntries(
    (assets as unknown[]).flatMap((one) => {
      const { name, digest } = (typeof one === "object" && one !== null ? one : {}) as Record<
        string,
        unknown
      >;
      return typeof name === "string" ? [[name, typeof digest === "string" ? digest : unknownValue]] : [];
    }),
  );
}

function resourceChange(step: Step): ResourceChange[] {
  const isToldOtherwise = tagTypes.has(step.type) || releaseTypes.has(step.type);
  if (isToldOtherwise && step.op !== "delete") return [];
  const changes = step.op === "create" || step.op === "delete" ? "" : changedValues(step);
  return [{ operation: step.op, kind: kindOfStep(step), name: nameOfUrn(step.urn), changes }];
}

function textAt(state: StepState | null | undefined, field: string): string {
  const value = state?.inputs?.[field] ?? state?.outputs?.[field];
  return typeof value === "string" && value !== unknownValue ? value : "";
}

function keyOf({ type, urn }: Step): string {
  return `${type}\n${nameOfUrn(urn)}\n${urn}`;
}

/** Warnings come first. */
function noteKey({ severity, about, text }: Note): string {
  return `${severity === "warning" ? 0 : 1}\n${about}\n${text}`;
}

/** `sha256:` and twelve digits of a digest, or what is said where it is not known. */
export function shownDigest(digest: string | undefined): string {
  return digest === undefined ? "not known yet" : shortDigests(digest);
}
