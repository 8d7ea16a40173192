/** An input of a workflow that is started by hand. */
export interface ManualInput {
  /** Key of the stack's configuration that it sets. */
  readonly key: string;
  readonly description: string;
  /** A valid value, for who leaves it out. */
  readonly example: string;
  /** Default: true. */
  readonly required?: boolean | undefined;
  /** Value where nobody gives one, which is then not required. */
  readonly default?: string | undefined;
  /** The values that there are. Default: any text. */
  readonly options?: readonly string[] | undefined;
}

/** What another repository's release sends, as `repository_dispatch`. */
export interface ComponentEvent {
  /** Type of the event, e.g. `component-release`. */
  readonly type: string;
  /** Key of the configuration that takes the version, by `client_payload.component`. */
  readonly components: Readonly<Record<string, string>>;
}

/** Crontab lines, in UTC. */
export interface Schedules {
  /** Builds the default branch without version and branch: the tag of `channelTags()`. */
  readonly nightly?: string | undefined;
  /** Builds the latest released version again, with `rebuilt`. */
  readonly rebuild?: string | undefined;
  /** Takes the digests of bases in the lock anew, and proposes the lock. */
  readonly refresh?: string | undefined;
}

/** Parts of a declaration that a workflow leaves to another one, by the configuration that it sets. */
export type LeftOut = "release" | "mirrors";

/** When a workflow runs, and what for. */
export interface Workflow {
  /** Name of its file without ending, e.g. `release`. */
  readonly name: string;
  /** Branches whose pull requests are built and compared, and never pushed. */
  readonly pullRequests: readonly string[];
  /** Branches whose pushes are published. */
  readonly branches: readonly string[];
  /** Patterns of git tags that are released when they are pushed. */
  readonly tags: readonly string[];
  /** Whether the version of a release that somebody publishes on GitHub is released. */
  readonly releases: boolean;
  /** Inputs by name; undefined where nobody starts it by hand. */
  readonly manual?: Readonly<Record<string, ManualInput>> | undefined;
  readonly component?: ComponentEvent | undefined;
  readonly schedules: Schedules;
  /** Configuration of all of its runs. */
  readonly set: Readonly<Record<string, string>>;
  readonly without: readonly LeftOut[];
  /** Whether nothing of it is published: everything is built and proven. */
  readonly isTest: boolean;
}

/** Where the state of the stack is between runs. */
export type StateBackend =
  /** Pulumi Cloud. */
  | { readonly kind: "cloud" }
  /** Nowhere: each run takes over what it finds published. */
  | { readonly kind: "run" }
  /** A bucket or another backend, by its address, with variables of the environment by the secrets that have them. */
  | {
      readonly kind: "address";
      readonly url: string;
      readonly env: Readonly<Record<string, string>>;
      readonly passphrase: string;
    };

/** What all workflows of a project have in common. */
export interface WorkflowSettings {
  readonly stack: string;
  /** Folder of the project in its repository; `.` for its root. */
  readonly directory: string;
  /** Repository that the workflows run in, as `owner/name`. */
  readonly repository: string;
  readonly versionFrom: "git" | "configuration";
  readonly state: StateBackend;
  /** Secrets of the stack's configuration by key, each with the repository's secret that it is read from. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Variables of the environment of a release, each with the repository's secret that it is read from. */
  readonly env: Readonly<Record<string, string>>;
  /** Secrets with the account of a host, where they have other names. */
  readonly logins: Readonly<Record<string, { readonly username: string; readonly password: string }>>;
  /** File with the configuration of the policy pack, in the project; none for the pack's own. */
  readonly policies?: string | undefined;
  /** Whether what a release needs is looked at before anything is written, by `slipway doctor`. */
  readonly doctor: boolean;
  /** Commands of one line that install what the program needs beside Node, by what they are for. */
  readonly prepare: Readonly<Record<string, string>>;
  /** Runner of the jobs that build. */
  readonly runsOn: string;
  /** Runners of the jobs that build for one platform, by platform, over GitHub's own. */
  readonly runners: Readonly<Record<string, string>>;
  /** GitHub's environment of jobs that publish, which says who may release. */
  readonly deployment?: string | undefined;
  readonly timeoutMinutes: number;
}

/** A job that looks now and then at what is served. */
export interface StatusJob {
  /** Address of the list of releases that it asks about; the state of the stack without. */
  readonly releases?: string | undefined;
  /** Secret with the address of a webhook. */
  readonly webhook?: string | undefined;
  /** States that the job fails for; none where it only tells. */
  readonly failOn: readonly string[];
  /** Whether what was served when is kept on a branch of its own. */
  readonly history: boolean;
}

/** The same of GitHub. */
export interface ScheduledStatus extends StatusJob {
  /** Name of the workflow's file without ending. */
  readonly name: string;
  /** Crontab line, in UTC. */
  readonly cron: string;
  /** Whether an issue is kept about what is bad. */
  readonly issue: boolean;
}
