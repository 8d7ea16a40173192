import type { EngineEvent, Step } from "./engine-event";
import { movedTags } from "./moved-tags";
import { stageLine, type DoneStep, type RunFacts, type StageTime } from "./run-summary";
import { isMadeStep, kindOfStep, nameOfUrn } from "./step-names";

/** What the engine did with one resource. */
interface Timed {
  readonly step: Step;
  readonly seconds: number;
  readonly hasFailed: boolean;
}

/** Follows the events of an update, and tells what it did: by stages while they are reached, and in the end. */
export class RunSteps {
  private readonly begun = new Map<string, number>();
  private readonly done = new Map<string, Timed>();
  private readonly stages: StageTime[] = [];
  /** Resources that were done before the last stage. */
  private readonly told = new Set<string>();
  private stageBegun: number;
  private isPlan: boolean;

  /**
   * @param plansFirst whether the run makes a plan before it carries it out
   * @param sent bytes that were sent so far, by URN
   * @param now milliseconds
   */
  constructor(
    { plansFirst }: { readonly plansFirst: boolean },
    private readonly sent: () => ReadonlyMap<string, number>,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.isPlan = plansFirst;
    this.stageBegun = now();
  }

  /** The plan is made, and the run carries it out. */
  begin(): void {
    this.isPlan = false;
    this.begun.clear();
    this.done.clear();
    this.stageBegun = this.now();
  }

  /** Takes an event. Returns a line where a stage was reached for which something was done. */
  take({ resourcePreEvent, resOutputsEvent, resOpFailedEvent }: EngineEvent): string[] {
    if (this.isPlan) return [];
    if (resourcePreEvent) this.begun.set(resourcePreEvent.metadata.urn, this.now());
    const ended = resOutputsEvent ?? resOpFailedEvent;
    if (ended === undefined) return [];
    const { metadata: step } = ended;
    if (step.type === "slipway:release:Stage")
      return resOutputsEvent ? this.reached(nameOfUrn(step.urn)) : [];
    const seconds = (this.now() - (this.begun.get(step.urn) ?? this.now())) / 1000;
    // What is replaced has steps before and after the one that counts.
    const known = this.done.get(step.urn);
    if (known === undefined || !isMadeStep(known.step) || resOpFailedEvent !== undefined)
      this.done.set(step.urn, { step, seconds, hasFailed: resOpFailedEvent !== undefined });
    return [];
  }

  facts(): RunFacts {
    const sent = this.sent();
    return {
      steps: [...this.done.values()].flatMap((one) => doneStep(one, sent) ?? []),
      stages: this.stages,
    };
  }

  private reached(stage: string): string[] {
    const time = { stage, seconds: (this.now() - this.stageBegun) / 1000 };
    this.stageBegun = this.now();
    const sent = this.sent();
    const since = [...this.done].filter(([urn]) => !this.told.has(urn));
    const steps = since.flatMap(([urn, one]) => {
      this.told.add(urn);
      return doneStep(one, sent) ?? [];
    });
    if (steps.every(({ result }) => result === "kept")) return [];
    this.stages.push(time);
    return [stageLine(time, steps)];
  }
}

const results: Readonly<Record<string, DoneStep["result"]>> = {
  create: "made",
  replace: "made",
  import: "made",
  update: "changed",
  delete: "removed",
};

function doneStep(
  { step, seconds, hasFailed }: Timed,
  sent: ReadonlyMap<string, number>,
): DoneStep | undefined {
  const result = hasFailed ? "refused" : isMadeStep(step) ? results[step.op] : undefined;
  const isKept = step.op === "same" && isMadeStep({ ...step, op: "update" });
  if (result === undefined && !isKept) return undefined;
  return {
    kind: kindOfStep(step),
    name: nameOfUrn(step.urn),
    result: result ?? "kept",
    seconds,
    sentBytes: sent.get(step.urn) ?? 0,
    moved: result === "changed" ? movedTags(step.old, step.new) : [],
  };
}
