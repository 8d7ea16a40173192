import * as pulumi from "@pulumi/pulumi";
import { badStates } from "../../lib/display/served-state";
import type { DeclarationFacts } from "../../lib/workflows/facts";
import { gitlabPipeline } from "../../lib/workflows/gitlab";
import type { GitlabPipeline, GitlabSettings } from "../../lib/workflows/gitlab-pipeline";
import type { StatusJob } from "../../lib/workflows/workflow";
import type { Finding } from "../../resources/definitions/input-findings";
import { checkArguments } from "../declaration/call-arguments";
import type { DocumentTarget } from "../declaration/document";
import { gitlabCiArguments, type GitlabCiArgs } from "../declaration/gitlab-declaration";
import { noState, refreshFindings, stateOf, usualInputs } from "./workflow-settings";

/**
 * Returns the pipeline of GitLab CI/CD that carries out the declaration, as a file of the checkout: which registries a job
 * signs in to and what it installs follows from what is declared. Only runs of the stack that it is for write it.
 *
 * @example
 *   documents: [gitlabCi({ image: "docker.io/library/node:24-trixie@sha256:…", mergeRequests: ["main"], tags: ["v*"] })].flat()
 * @throws DeclarationError naming the argument, the value and a valid example
 */
export function gitlabCi(args: GitlabCiArgs): DocumentTarget[] {
  checkArguments("gitlabCi()", gitlabCiArguments, args);
  const { stack = "prod", directory = ".", file = ".gitlab-ci.yml" } = args;
  if (pulumi.getStack() !== stack) return [];
  const root = directory === "." ? "" : "../".repeat(directory.split("/").length);
  return [
    {
      kind: "GitLab pipeline",
      path: `${root}${file}`,
      follows: "declaration",
      findings: ({ publishing }) => findings(args, publishing),
      edits: ({ publishing }) => [
        { whole: { text: gitlabPipeline(pipelineOf(args), settingsOf(args, publishing), publishing) } },
      ],
    },
  ];
}

function findings(args: GitlabCiArgs, facts: DeclarationFacts): Finding[] {
  const { hasDockerfiles, split } = facts;
  return [
    ...noState(statusOf(args), args.state),
    ...(statusOf(args)?.history === true && args.propose === undefined
      ? [
          {
            property: "propose",
            reason:
              "is missing: what was served when is pushed to a branch " +
              '(a valid example: propose: "SLIPWAY_TOKEN", a variable with a token that may push)',
          },
        ]
      : []),
    ...(args.schedules?.refresh === true ? refreshFindings("schedules.refresh", facts) : []),
    ...(hasDockerfiles && args.docker === undefined
      ? [
          {
            property: "docker",
            reason:
              "is missing: images are built from Dockerfiles, in a service of the job " +
              '(a valid example: docker: "docker.io/library/docker:29-dind@sha256:…")',
          },
        ]
      : []),
    ...(split === undefined
      ? []
      : [
          {
            property: "gitlabCi()",
            reason:
              "has one job that builds for all platforms, and the distribution is split by platform: leave out split, " +
              "or run `slipway build --platform` in jobs of your own",
          },
        ]),
  ];
}

/** GitLab tells people where a job fails, so it fails where something is bad. */
function statusOf({ status }: GitlabCiArgs): StatusJob | undefined {
  return status === undefined
    ? undefined
    : { failOn: badStates, history: false, ...(status === true ? {} : status) };
}

function pipelineOf(args: GitlabCiArgs): GitlabPipeline {
  const { mergeRequests = [], branches = [], tags = [], manual, schedules = {}, set = {} } = args;
  const { nightly = false, rebuild = false, refresh = false } = schedules;
  return {
    ...{ mergeRequests, branches, tags, set },
    schedules: { nightly, rebuild, refresh },
    status: statusOf(args),
    manual: manual === true ? usualInputs(args.versionFrom ?? "git") : manual,
  };
}

function settingsOf(args: GitlabCiArgs, { source = "" }: DeclarationFacts): GitlabSettings {
  const {
    image,
    docker,
    stack = "prod",
    directory = ".",
    versionFrom = "git",
    secrets = {},
    env = {},
  } = args;
  const { logins = {}, policies, doctor = false, prepare = {}, comment, runnerTags = [] } = args;
  const { deployment, timeoutMinutes = 60, propose } = args;
  return {
    ...{ image, docker, stack, directory, versionFrom, secrets, env, logins, policies, doctor, prepare },
    ...{ comment, propose, runnerTags, deployment, timeoutMinutes },
    project: /^https:\/\/gitlab\.com\/([\w./-]+?)(?:\.git)?\/?$/.exec(source)?.[1],
    state: stateOf(args.state),
  };
}
