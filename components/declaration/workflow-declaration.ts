import * as z from "zod";
import { parseGitHubRepository } from "../../lib/github/names";
import { parsePlatform } from "../../lib/oci/platform";
import { servedStates } from "../../lib/display/served-state";
import { checked } from "../../resources/definitions/definition";

/** What programs say of the workflows that run them in CI. */

/** A path without `.` and `..`, so that it stays where it is relative to. */
export const pathInRepository = /^(?:(?!\.{1,2}(?:\/|$))[\w.-]+)(?:\/(?!\.{1,2}(?:\/|$))[\w.-]+)*$/;

export const key = z
  .string()
  .regex(/^[A-Za-z][\w.-]*(?::[A-Za-z][\w.-]*)?$/, "a key of the stack's configuration is expected")
  .meta({ examples: ["tapToken"] });

/** GitHub: "Naming your secrets"; `PATH` and the like would be obeyed by programs. */
export const secret = z
  .string()
  .regex(/^(?!GITHUB_|RUNNER_|PATH$|HOME$|SHELL$)[A-Z_][A-Z0-9_]*$/, "the name of a secret is expected")
  .meta({ examples: ["TAP_TOKEN"] });

export const words = z
  .string()
  .regex(/^[^\p{Cc}]+$/u, "one line is expected")
  .meta({ examples: ["Version of the release"] });

/** Patterns of branches and tags: GitHub's filter patterns, which nothing else is expanded in. */
const refPattern = z
  .string()
  .regex(/^[\w./*+?!@[\]-]+$/, "a branch, a tag or a pattern is expected")
  .meta({ examples: ["v*"] });

const cron = z
  .string()
  .regex(/^[\d*,/-]+(?: [\d*,/A-Za-z-]+){4}$/, "a line of crontab with five fields is expected")
  .meta({ examples: ["17 3 * * *"] });

export const manualInput = z.strictObject({
  /** Key of the stack's configuration that it sets. */
  key,
  description: words,
  /** A valid value, for who leaves it out. */
  example: z
    .string()
    .regex(/^[\w.+:/@-]+$/, "one word is expected")
    .meta({ examples: ["v1.5.0"] }),
  /** Whether it has to be given. Default: true, unless it has a default. */
  required: z.boolean().optional(),
  /** What it is where nobody says. */
  default: words.optional(),
  /** The values that there are. Default: any text. */
  options: z.array(words).min(1).optional(),
});

export const inputName = z
  .string()
  .regex(/^[a-z][a-z0-9_]*$/, "small letters, digits and _ are expected")
  .meta({ examples: ["axon_version"] });

const componentName = z
  .string()
  .regex(/^[\w.-]+$/, "letters, digits and ._- are expected")
  .meta({ examples: ["axon"] });

/** Declaration of one workflow: when it runs, and what for. */
const workflow = z.strictObject({
  /** Branches whose pull requests are built, proven and compared; nothing is ever pushed of them. */
  pullRequests: z.array(refPattern).min(1).optional(),
  /** Branches that are published when somebody pushes to them. */
  branches: z.array(refPattern).min(1).optional(),
  /** Tags of versions, as patterns, that are released when they are pushed. */
  tags: z.array(refPattern).min(1).optional(),
  /** Whether a release that somebody publishes on GitHub is made whole. */
  releases: z.boolean().optional(),
  /**
   * Starts by hand: inputs by name, or `true` for `version` and `environment`, which are keys of the
   * configuration.
   */
  manual: z.union([z.literal(true), z.record(inputName, manualInput)]).optional(),
  /** A release of a component in another repository, as it sends `repository_dispatch`. */
  component: z
    .strictObject({
      /** Type of the event. */
      type: componentName.meta({ examples: ["component-release"] }),
      /** Key of the configuration that takes `client_payload.version`, by `client_payload.component`. */
      components: z
        .record(componentName, key)
        .refine((all) => Object.keys(all).length > 0, "at least one component is expected"),
    })
    .optional(),
  schedules: z
    .strictObject({
      /** Builds the default branch, without version and branch, as `channelTags()` names it. */
      nightly: cron.optional(),
      /** Builds the latest stable version again, on bases as they are then, with `rebuilt`. */
      rebuild: cron.optional(),
      /** Takes the digests of bases in the `lock` anew, says what has moved, and proposes the lock as a pull request. */
      refresh: cron.optional(),
    })
    .refine(
      ({ nightly, rebuild, refresh }) =>
        new Set([nightly, rebuild, refresh]).size === 3 ||
        [nightly, rebuild, refresh].filter((one) => one !== undefined).length < 2,
      "two of them have the same line, by which they are told from each other",
    )
    .optional(),
  /** Configuration of its runs, over that of the stack. */
  set: z.record(key, words).optional(),
  /** What the program leaves out under that configuration, so that the workflow needs no right to it. */
  without: z.array(z.enum(["release", "mirrors"])).optional(),
  /** Whether everything is built and proven, and nothing is published. Default: false. */
  test: z.boolean().optional(),
});

/** Whether anything starts a workflow. */
function isStarted(declared: z.infer<typeof workflow>): boolean {
  const { pullRequests, branches, tags, releases = false, manual, component, schedules = {} } = declared;
  const others = [pullRequests, branches, tags, manual, component, ...Object.values(schedules)];
  return releases || others.some((one) => one !== undefined);
}

const state = z.union([
  z.literal("cloud"),
  z.literal("run"),
  z.strictObject({
    url: z
      .string()
      .regex(/^[a-z][a-z0-9+.-]*:\/\/[^\s'\p{Cc}]+$/u, "the address of a backend is expected")
      .meta({ examples: ["s3://acme-state?region=eu-central-1"] }),
    /** Variables of the environment that reach it, each with the secret that has its value. */
    env: z.record(secret, secret).optional(),
    /** Secret with the passphrase of the stack. Default: `PULUMI_CONFIG_PASSPHRASE`. */
    passphrase: secret.optional(),
  }),
]);

const login = z.strictObject({
  /** Secret with the name of the account. */
  username: secret,
  /** Secret with its password or token. */
  password: secret,
});

const runner = z
  .string()
  .regex(/^[\w.-]+$/, "the label of a runner is expected")
  .meta({ examples: ["ubuntu-24.04-arm"] });

/** What jobs of all kinds are told of a project. */
export const jobFields = {
  /** Stack that the jobs update; they are rendered by runs of that one alone. Default: `prod`. */
  stack: z
    .string()
    .regex(/^[\w.-]+$/, "the name of a stack is expected")
    .meta({ examples: ["prod"] })
    .optional(),
  /** Folder of the project in its repository. Default: its root. */
  directory: z
    .string()
    .regex(pathInRepository, "a folder in the repository is expected")
    .meta({ examples: ["deploy"] })
    .optional(),
  /**
   * How the program learns the version: `git` for `gitFacts()`, `configuration` for `configured()`, whose keys the
   * jobs set. Default: `git`.
   */
  versionFrom: z.enum(["git", "configuration"]).optional(),
  /**
   * Where the state is: `cloud` for Pulumi Cloud, by the secret `PULUMI_ACCESS_TOKEN`; the address of another backend; or
   * `run` for nowhere, so that each run takes over what it finds published. Default: `cloud`.
   */
  state: state.optional(),
  /** Secrets of the stack's configuration, by key: the secret or variable of CI that each is read from. */
  secrets: z.record(key, secret).optional(),
  /** Variables of the environment of a release: the secret or variable of CI that each is read from. */
  env: z.record(secret, secret).optional(),
  /**
   * Accounts of registries, by host. Default: `HOST_USERNAME` and `HOST_TOKEN`, and for the registry of the forge itself the
   * account of the job.
   */
  logins: z.record(z.string().regex(/^[\w.-]+(?::\d+)?$/, "a host is expected"), login).optional(),
  /** File of the project with the configuration of the policy pack. Default: the pack's own settings. */
  policies: z
    .string()
    .regex(pathInRepository, "a file of the project is expected")
    .meta({ examples: ["policies.json"] })
    .optional(),
  /**
   * Whether a job that publishes looks first whether it has all that it needs, with `slipway doctor`, and writes nothing
   * where something is missing. Default: false.
   */
  doctor: z.boolean().optional(),
  /** Commands, of one line, that install what the program needs beside Node and Docker, by what they are for. */
  prepare: z.record(words, words).optional(),
};

/** What a job that looks at what is served is told, on any forge. */
export const statusFields = {
  /**
   * Address of the `releases.json` that it asks about, in place of the state. Needed where there is no state
   * (`state: "run"`).
   */
  releases: z
    .url({ protocol: /^https$/, error: "an https address is expected" })
    .regex(/^[^\s'?#]+$/, "an address without a query is expected")
    .meta({ examples: ["https://github.com/acme/hello/releases/latest/download/releases.json"] })
    .optional(),
  /** Secret with the address of a webhook that gets each status as JSON. Default: none. */
  webhook: secret.optional(),
  /** States that the job fails for, and that are told. */
  failOn: z.array(z.enum(servedStates)).min(1).optional(),
  /**
   * Whether what was served when is kept on the branch `slipway/served-STACK`, by a job of its own that may write to the
   * repository. Default: false.
   */
  history: z.boolean().optional(),
};

const scheduledStatus = z.strictObject({
  ...statusFields,
  /** When, as a line of crontab in UTC. Default: once a day, `23 5 * * *`. */
  cron: cron.optional(),
  /** Whether it keeps one issue about what is missing, drifted, behind or failed. Default: true. */
  issue: z.boolean().optional(),
  /** Name of its file, without ending. Default: `status`. */
  name: z
    .string()
    .regex(/^[A-Za-z0-9][\w.-]*$/, "the name of a file is expected")
    .meta({ examples: ["status"] })
    .optional(),
});

/** Arguments of `githubWorkflows()`. */
export const githubWorkflowsArguments = z.strictObject({
  ...jobFields,
  /** A workflow that looks each day at what is served, and keeps an issue about it. Default: none. */
  status: z.union([z.literal(true), scheduledStatus]).optional(),
  /** Workflows by the name of their file, without ending. */
  workflows: z
    .record(
      z
        .string()
        .regex(/^[A-Za-z0-9][\w.-]*$/, "the name of a file is expected")
        .meta({ examples: ["release"] }),
      workflow.refine(isStarted, {
        message:
          "nothing starts it: pullRequests, branches, tags, releases, manual, component or schedules is expected",
      }),
    )
    .refine((all) => Object.keys(all).length > 0, "at least one workflow is expected"),
  /** Repository on GitHub that the workflows run in. Default: that of `source`. */
  repository: checked(parseGitHubRepository)
    .meta({ examples: ["acme/hello"] })
    .optional(),
  /** Runner of the jobs that build. Default: `ubuntu-24.04`. */
  runsOn: runner.optional(),
  /**
   * Runners of the jobs that build for one platform, where the distribution is `split`. Default:
   * `ubuntu-24.04` for linux/amd64 and `ubuntu-24.04-arm` for linux/arm64.
   */
  runners: z
    .record(checked(parsePlatform), runner)
    .optional()
    .meta({ examples: [{ "linux/arm64": "ubuntu-24.04-arm" }] }),
  /** Environment of GitHub for jobs that publish: there it is said who may release. Default: none. */
  deployment: words.optional(),
  /** Minutes after which a job is ended. Default: 60. */
  timeoutMinutes: z.int().min(1).max(360).optional(),
});

/** Arguments of `githubWorkflows()`. */
export type GitHubWorkflowsArgs = z.input<typeof githubWorkflowsArguments>;
/** Declaration of one workflow. */
export type WorkflowDeclaration = z.input<typeof workflow>;
