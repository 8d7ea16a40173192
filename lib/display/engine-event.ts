/** What became of a resource in one step, in the engine's words. */
export type Operation = string;

/** A resource as the engine knows it before or after a step. */
export interface StepState {
  readonly retainOnDelete?: boolean;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

/** A step of the engine with one resource. */
export interface Step {
  readonly op: Operation;
  readonly urn: string;
  readonly type: string;
  readonly old?: StepState | null;
  readonly new?: StepState | null;
  /** Properties that differ, where the provider says no more. */
  readonly diffs?: readonly string[] | null;
  /** Properties that differ, by path. */
  readonly detailedDiff?: Readonly<Record<string, unknown>> | null;
}

/** A message of the engine, of the program or of a provider. */
export interface Diagnostic {
  readonly urn?: string;
  readonly message: string;
  readonly severity: string;
  /** Whether the next one takes its place. */
  readonly ephemeral?: boolean;
}

/** A policy that a resource breaks. */
export interface Violation {
  readonly resourceUrn?: string;
  readonly message: string;
  readonly policyName: string;
  readonly enforcementLevel: string;
}

/** The end of a run. */
export interface Summary {
  readonly durationSeconds?: number;
  readonly isPreview?: boolean;
  readonly resourceChanges?: Readonly<Record<string, number>> | null;
  /** Versions of the policy packs, by name. */
  readonly PolicyPacks?: Readonly<Record<string, string>> | null;
}

/** The events of a run that a report is made of; there are others. */
export interface EngineEvent {
  readonly diagnosticEvent?: Diagnostic;
  readonly policyEvent?: Violation;
  /** A step begins. */
  readonly resourcePreEvent?: { readonly metadata: Step };
  /** A step is done, or planned. */
  readonly resOutputsEvent?: { readonly metadata: Step };
  /** A step has failed. */
  readonly resOpFailedEvent?: { readonly metadata: Step };
  readonly summaryEvent?: Summary;
}
