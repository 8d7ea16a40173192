import * as pulumi from "@pulumi/pulumi";
import { githubWorkflow } from "../../lib/workflows/github";
import { githubStatus } from "../../lib/workflows/github-status";
import { runnerFor } from "../../lib/workflows/split-job";
import type { DeclarationFacts } from "../../lib/workflows/facts";
import type { ScheduledStatus, Workflow, WorkflowSettings } from "../../lib/workflows/workflow";
import type { Finding } from "../../resources/definitions/input-findings";
import { checkArguments } from "../declaration/call-arguments";
import type { DocumentTarget } from "../declaration/document";
import {
  githubWorkflowsArguments,
  type GitHubWorkflowsArgs,
  type WorkflowDeclaration,
} from "../declaration/workflow-declaration";
import { noState, refreshFindings, stateOf, usualInputs } from "./workflow-settings";

/**
 * Returns workflows of GitHub Actions that carry out the declaration, as files of the checkout: which registries a job
 * signs in to, which rights it has and what it installs follows from what is declared. Only runs of the stack that they
 * are for write them.
 *
 * @example
 *   documents: githubWorkflows({
 *     workflows: { release: { pullRequests: ["main"], tags: ["v*"] } },
 *   })
 * @throws DeclarationError naming the argument, the value and a valid example
 */
export function githubWorkflows(args: GitHubWorkflowsArgs): DocumentTarget[] {
  checkArguments("githubWorkflows()", githubWorkflowsArguments, args);
  const { stack = "prod", directory = "." } = args;
  if (pulumi.getStack() !== stack) return [];
  const root = directory === "." ? "" : "../".repeat(directory.split("/").length);
  const status = statusOf(args);
  const rendered = Object.entries(args.workflows).map(
    ([name, declared]) =>
      [
        name,
        (settings: WorkflowSettings, facts: DeclarationFacts) =>
          githubWorkflow(workflowOf(name, declared, settings), settings, facts),
      ] as const,
  );
  if (status !== undefined)
    rendered.push([status.name, (settings, facts) => githubStatus(status, settings, facts)]);
  return rendered.map(([name, render]) => ({
    kind: "GitHub workflow",
    path: `${root}.github/workflows/${name}.yml`,
    follows: "declaration",
    findings: ({ publishing }) => [
      ...((args.repository ?? onGitHub(publishing)) ? [] : [noRepository(publishing)]),
      ...noRunners(args, publishing),
      ...noState(status, args.state),
      ...(args.workflows[name]?.schedules?.refresh === undefined
        ? []
        : refreshFindings(`workflows.${name}.schedules.refresh`, publishing)),
    ],
    edits: ({ publishing }) => {
      const repository = args.repository ?? onGitHub(publishing) ?? "";
      return [{ whole: { text: render(settingsOf(args, repository), publishing) } }];
    },
  }));
}

function statusOf({ status }: GitHubWorkflowsArgs): ScheduledStatus | undefined {
  if (status === undefined) return undefined;
  const {
    name = "status",
    cron = "23 5 * * *",
    issue = true,
    failOn = [],
    history = false,
    ...more
  } = status === true ? {} : status;
  return { name, cron, issue, failOn, history, ...more };
}

function settingsOf(args: GitHubWorkflowsArgs, repository: string): WorkflowSettings {
  const { stack = "prod", directory = ".", versionFrom = "git", secrets = {}, env = {}, logins = {} } = args;
  const { policies, doctor = false, prepare = {}, runsOn = "ubuntu-24.04", runners = {} } = args;
  const { deployment, timeoutMinutes = 60 } = args;
  return {
    ...{ stack, directory, versionFrom, secrets, env, logins, policies, doctor, prepare },
    ...{ runsOn, runners, deployment },
    timeoutMinutes,
    repository,
    state: stateOf(args.state),
  };
}

function workflowOf(
  name: string,
  declared: WorkflowDeclaration,
  { versionFrom }: WorkflowSettings,
): Workflow {
  const { pullRequests = [], branches = [], tags = [], releases = false, component, manual } = declared;
  const { schedules = {}, set = {}, without = [], test: isTest = false } = declared;
  return {
    ...{ name, pullRequests, branches, tags, releases, component, schedules, set, without, isTest },
    manual: manual === true ? usualInputs(versionFrom) : manual,
  };
}

/** `owner/name` of sources on GitHub. */
function onGitHub({ source = "" }: DeclarationFacts): string | undefined {
  return /^https:\/\/github\.com\/([\w.-]+\/[\w.-]+?)(?:\.git)?\/?$/.exec(source)?.[1];
}

/** Platforms that are built by runs of their own, and that no runner is known for. */
function noRunners({ runners = {} }: GitHubWorkflowsArgs, { split = [] }: DeclarationFacts): Finding[] {
  return split
    .filter((platform) => runnerFor(platform, runners) === undefined)
    .map((platform) => ({
      property: "runners",
      reason:
        `has no runner for ${platform}, whose images are built by a run of their own ` +
        `(a valid example: runners: { ${JSON.stringify(platform)}: "self-hosted" })`,
    }));
}

function noRepository({ source }: DeclarationFacts): Finding {
  const found =
    source === undefined ? "no source is declared" : `the source ${JSON.stringify(source)} is elsewhere`;
  const reason = `${found}, so the repository that the workflows run in has to be named (a valid example: repository: "acme/hello")`;
  return { property: "repository", reason };
}
