import type { ManualInput, StatusJob, WorkflowSettings } from "./workflow";

/** When a pipeline of GitLab runs, and what for. */
export interface GitlabPipeline {
  /** Target branches whose merge requests are built and compared, and never pushed. */
  readonly mergeRequests: readonly string[];
  /** Branches whose pushes are published. */
  readonly branches: readonly string[];
  /** Patterns of git tags that are released when they are pushed. */
  readonly tags: readonly string[];
  /** Inputs by name; undefined where nobody starts it by hand. */
  readonly manual?: Readonly<Record<string, ManualInput>> | undefined;
  /** What schedules of the project may ask for, by the variable `SLIPWAY_SCHEDULE`. */
  readonly schedules: { readonly nightly: boolean; readonly rebuild: boolean; readonly refresh: boolean };
  /** What a schedule with `status` in that variable looks at; undefined for none. */
  readonly status?: StatusJob | undefined;
  /** Configuration of all of its runs. */
  readonly set: Readonly<Record<string, string>>;
}

/** What the jobs of a project have in common. Secrets are variables of the project, by their names. */
export interface GitlabSettings extends Pick<
  WorkflowSettings,
  | "stack"
  | "directory"
  | "versionFrom"
  | "state"
  | "secrets"
  | "env"
  | "logins"
  | "policies"
  | "doctor"
  | "prepare"
  | "deployment"
  | "timeoutMinutes"
> {
  /** Image of the jobs, by digest. */
  readonly image: string;
  /** Image of the service that builds Dockerfiles, by digest. */
  readonly docker?: string | undefined;
  readonly runnerTags: readonly string[];
  /** Variable with a token that may write comments; none are written without. */
  readonly comment?: string | undefined;
  /** Variable with a token that may push branches; no refreshed lock is proposed without. */
  readonly propose?: string | undefined;
  /** Path of the project on GitLab, where it is known. */
  readonly project?: string | undefined;
}
