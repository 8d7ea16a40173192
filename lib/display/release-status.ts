import type { Diagnostic, EngineEvent, Step, StepState, Summary } from "./engine-event";
import { ReleasedVersions, type Released } from "./released-versions";
import { servedStates, type ServedState } from "./served-state";
import { kindOfStep, nameOfUrn } from "./step-names";

/** One thing that is published, and what was found of it. */
export interface StatusRow extends Released {
  /** `tag`, `file`, `channel`, `mirror`, `release`, or the type without `slipway:` of what is neither, e.g. `oci:Image`. */
  readonly kind: string;
  /** Repository, release or channel. */
  readonly place: string;
  readonly name: string;
  /** What the last run has left there: a digest, or a version. Empty where there is nothing to name. */
  readonly declared: string;
  /** What is there now; empty where nothing is, or nobody could look. */
  readonly served: string;
  readonly state: ServedState;
  /** Since when it waits for others, as ISO 8601. */
  readonly since?: string | undefined;
  /** Why, or what to do next. */
  readonly reason: string;
}

/** What is served of a release. */
export interface ReleaseStatus {
  readonly rows: readonly StatusRow[];
  /** What kept the engine from looking at all of it. */
  readonly errors: readonly string[];
  /** Resources that were looked at. */
  readonly looked: number;
}

/** Repaired by a run. */
const repairs = "`pulumi up` puts it back";

/** Makes the status out of the events of a refresh that changes nothing. */
export class ReleaseStatusReader {
  /** By URN: what has begun. */
  private readonly begun = new Map<string, Step>();
  private readonly steps = new Map<string, Step>();
  private readonly errors = new Map<string, string>();
  private summary: Summary | undefined;

  take(event: EngineEvent): void {
    if (event.resourcePreEvent)
      this.begun.set(event.resourcePreEvent.metadata.urn, event.resourcePreEvent.metadata);
    if (event.resOutputsEvent)
      this.steps.set(event.resOutputsEvent.metadata.urn, event.resOutputsEvent.metadata);
    if (event.diagnosticEvent) this.message(event.diagnosticEvent);
    if (event.summaryEvent) this.summary = event.summaryEvent;
  }

  /** Project and stack, e.g. `hello/prod`; empty where nothing has begun. */
  get subject(): string {
    const [urn = ""] = this.begun.keys();
    const [, stack = "", project = ""] = /^urn:pulumi:(.+?)::(.+?)::/.exec(urn) ?? [];
    return stack === "" ? "" : `${project}/${stack}`;
  }

  /** Whether the engine has looked at anything. */
  get hasBegun(): boolean {
    return this.begun.size > 0 || this.summary !== undefined;
  }

  status(): ReleaseStatus {
    const rows = [...this.begun].flatMap(([urn, begun]): StatusRow[] => {
      const step = this.steps.get(urn);
      return step === undefined
        ? notLookedAt(begun, this.errors.get(urn) ?? "the run ended before")
        : rowsOf(step);
    });
    const told = new Set(rows.map(({ reason }) => reason));
    const released = new ReleasedVersions([...this.begun.values()]);
    return {
      rows: inOrder(rows.map((row) => ({ ...row, ...released.of(row) }))),
      errors: [...new Set(this.errors.values())].filter((text) => !told.has(text)),
      looked: this.steps.size,
    };
  }

  private message({ urn = "", message, severity, ephemeral }: Diagnostic): void {
    const text = message.trim();
    if (severity === "error" && text !== "" && ephemeral !== true) this.errors.set(urn, text);
  }
}

/** Rows by kind, place and name. */
export function inOrder(rows: readonly StatusRow[]): StatusRow[] {
  const order = ({ kind, place, name }: StatusRow) => `${kind}\n${place}\n${name}`;
  return [...rows].sort((one, other) => (order(one) < order(other) ? -1 : 1));
}

type Reading = (step: Step) => StatusRow[];

/** How each type that users see is read. Others are told where they are not as they were. */
const readings: Readonly<Record<string, Reading>> = {
  "slipway:oci:Tags": tagRows("repository"),
  "slipway:oci:Tag": tagRows("repository"),
  "slipway:oci:Mirror": mirrorRows,
  "slipway:github:Release": fileRows("repository", "digests"),
  "slipway:release:Directory": fileRows("directory", "published"),
  "slipway:channel:Observed": catalogRow,
};

function rowsOf(step: Step): StatusRow[] {
  if (!isOfRelease(step)) return [];
  const reading = readings[step.type];
  if (reading !== undefined) return reading(step);
  return isChannel(step) ? channelRow(step) : otherRow(step);
}

/** Rows of what nobody could look at. */
function notLookedAt(step: Step, why: string): StatusRow[] {
  if (!isOfRelease(step)) return [];
  const looked = readings[step.type]?.({ ...step, new: step.old ?? null }) ?? [];
  const rows = looked.length > 0 ? looked : [rowOf(step, isChannel(step) ? "channel" : kindOfStep(step))];
  return rows.map((row) => ({ ...row, served: "", state: "unknown", reason: why }));
}

/** Whether a step is about something that a release has published. */
function isOfRelease({ type }: Step): boolean {
  return (
    type.startsWith("slipway:") &&
    !type.startsWith("slipway:components:") &&
    !["slipway:release:Stage", "slipway:release:Ledger", "slipway:channel:Gate"].includes(type)
  );
}

/** Outputs of every type that publishes to a channel: resources/definitions/channel-outcome.ts. */
function isChannel({ old, new: now }: Step): boolean {
  const { state } = { ...old?.outputs, ...now?.outputs };
  return typeof state === "string" && (servedStates as readonly string[]).includes(state);
}

function tagRows(place: string): Reading {
  return (step) => {
    const [declared, served] = [textsAt(step.old, "pointers"), textsAt(step.new, "pointers")];
    return Object.entries(declared).map(([tag, digest]) =>
      compared(
        { kind: "tag", place: textAt(step.old, place), name: tag, declared: digest },
        served[tag],
        step,
      ),
    );
  };
}

/** A mirror that cannot be reached keeps its state, with what it lacks: provider/mirrors/mirror.ts. */
function mirrorRows(step: Step): StatusRow[] {
  const { missing } = { ...step.new?.outputs };
  const [first = "", ...more] = Array.isArray(missing) ? (missing as string[]) : [];
  const rows = tagRows("target")(step);
  if (/ cannot be observed: /.test(first))
    return rows.map((row) => ({ ...row, served: "", state: "unknown", reason: first }));
  if (first === "" || rows.some(({ state }) => state !== "served")) return rows;
  const lacks = more.length === 0 ? first : `${first} and ${more.length} more`;
  const place = textAt(step.old, "target");
  return [...rows, { ...rowOf(step, "mirror"), place, state: "drifted", reason: `${lacks}: ${repairs}` }];
}

function fileRows(place: string, field: string): Reading {
  return (step) => {
    const [declared, served] = [textsAt(step.old, field), textsAt(step.new, field)];
    const folder = [textAt(step.old, place), place === "directory" ? textAt(step.old, "name") : ""];
    const release = `${folder.filter(Boolean).join("/")} ${textAt(step.old, "tag")}`;
    const rows = Object.entries(declared).map(([name, digest]) =>
      compared({ kind: "file", place: release, name, declared: digest }, served[name], step),
    );
    // Its files may be as they were where its page is not.
    const isAsItWas = isSame(step) || rows.some(({ state }) => state !== "served");
    return isAsItWas ? rows : [...rows, { ...rowOf(step, "release"), place: release, ...driftOf(step) }];
  };
}

function compared(
  what: Pick<StatusRow, "kind" | "place" | "name" | "declared">,
  served: string | undefined,
  step: Step,
): StatusRow {
  if (isUnobserved(step.new)) return { ...what, served: "", state: "unknown", reason: unobserved };
  if (served === undefined) return { ...what, served: "", state: "missing", reason: repairs };
  if (served === what.declared) return { ...what, served, state: "served", reason: "" };
  return { ...what, served, state: "drifted", reason: repairs };
}

function channelRow(step: Step): StatusRow[] {
  const row = rowOf(step, "channel");
  if (isUnobserved(step.new)) return [{ ...row, state: "unknown", reason: unobserved }];
  if (!step.new) return [{ ...row, state: "missing", reason: repairs }];
  const state = textAt(step.new, "state") as ServedState;
  const since = textAt(step.new, "awaitingSince");
  const found = { ...row, state, reason: textAt(step.new, "reason"), ...(since === "" ? {} : { since }) };
  // A channel that says nothing bad of itself may have other content.
  const isFine = state === "published" || state === "served";
  if (!isFine) return [found];
  return [isSame(step) ? { ...found, served: found.declared } : { ...found, ...driftOf(step) }];
}

/** A catalog that others fill has changed since the last run where it follows: that is its state and no drift. */
function catalogRow(step: Step): StatusRow[] {
  const [released, since] = [textAt(step.old, "since"), textAt(step.new, "awaitingSince")];
  return [
    {
      kind: "catalog",
      place: textAt(step.old, "catalog"),
      name: nameOfUrn(step.urn),
      declared: textAt(step.old, "version"),
      served: textAt(step.new, "found"),
      state: textAt(step.new, "state") as ServedState,
      reason: textAt(step.new, "reason"),
      ...(released === "" ? {} : { version: textAt(step.old, "version"), released }),
      ...(since === "" ? {} : { since }),
    },
  ];
}

/** Images, proofs and files of the project are told where they are not as they were. */
function otherRow(step: Step): StatusRow[] {
  const row = rowOf(step, kindOfStep(step));
  if (isUnobserved(step.new)) return [{ ...row, state: "unknown", reason: unobserved }];
  if (!step.new) return [{ ...row, state: "missing", reason: repairs }];
  return isSame(step) ? [] : [{ ...row, ...driftOf(step) }];
}

function driftOf(step: Step): Pick<StatusRow, "state" | "reason"> {
  const fields = Object.keys(step.detailedDiff ?? {})
    .slice(0, 5)
    .join(", ");
  return { state: "drifted", reason: fields === "" ? repairs : `${fields}: ${repairs}` };
}

function rowOf(step: Step, kind: string): Omit<StatusRow, "state"> {
  return {
    kind,
    place: kind === "channel" ? kindOfStep(step) : "",
    name: nameOfUrn(step.urn),
    declared: textAt(step.old, "version") || textAt(step.old, "digest"),
    served: "",
    reason: "",
  };
}

function isSame({ op, old, new: now }: Step): boolean {
  return (
    op === "same" ||
    (now !== null && now !== undefined && JSON.stringify(ownOutputs(old)) === JSON.stringify(ownOutputs(now)))
  );
}

/** Outputs without the commit that a branch is at, which others move by what is theirs: resources/definitions/git-files.ts. */
function ownOutputs(state: StepState | null | undefined): object {
  const { commit: _commit, ...own } = { ...state?.outputs };
  return own;
}

/** A resource whose host has refused the credentials of the last run: provider/run/unobserved.ts. */
function isUnobserved(state: StepState | null | undefined): boolean {
  return state?.outputs?.__unobserved === true;
}

const unobserved = "the credentials of the last run are refused; look with present ones by `pulumi preview`";

function textsAt(state: StepState | null | undefined, field: string): Record<string, string> {
  const value = state?.outputs?.[field];
  return typeof value === "object" && value !== null ? (value as Record<string, string>) : {};
}

function textAt(state: StepState | null | undefined, field: string): string {
  const value = state?.outputs?.[field] ?? state?.inputs?.[field];
  return typeof value === "string" ? value : "";
}
