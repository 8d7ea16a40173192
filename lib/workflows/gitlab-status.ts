import type { DeclarationFacts } from "./facts";
import { begun, folder, lines, tagged } from "./gitlab-job";
import type { GitlabSettings } from "./gitlab-pipeline";
import { pushHelper, pushVariables, stateVariables } from "./gitlab-variables";
import {
  DOCKER_BUILD_VERSION,
  installPulumi,
  look,
  neededWebhook,
  script,
  signInToState,
  webhookVariable,
} from "./scripts";
import { pushServed, readServed } from "./served-history";
import type { StatusJob } from "./workflow";
import type { YamlValue } from "./yaml-text";

/** File of the report that GitLab shows as tests. */
const reportFile = "slipway-status.xml";

/** File with the history of what was served when, which the job that keeps it reads. */
const servedFile = "slipway-served.json";

const scheduled = '$CI_PIPELINE_SOURCE == "schedule" && $SLIPWAY_SCHEDULE == "status"';

/**
 * A job of a schedule that looks at what is served. GitLab shows its report as tests, and tells who made the schedule where
 * it fails. It has no account of a registry, no key and no token of a release.
 */
export function statusJob(status: StatusJob, settings: GitlabSettings, facts: DeclarationFacts): YamlValue {
  const { image, runnerTags, timeoutMinutes } = settings;
  const asksState = status.releases === undefined;
  const needed = asksState ? stateVariables(settings) : { required: undefined, exported: undefined };
  return {
    image,
    ...tagged(runnerTags),
    timeout: `${Math.min(timeoutMinutes, 30)} minutes`,
    stage: "test",
    rules: [{ if: scheduled }],
    interruptible: true,
    script: [
      ...begun(settings),
      ...lines(needed.required),
      ...webhook(status),
      "npm ci",
      ...lines(needed.exported),
      ...(asksState ? reachState(settings, facts) : []),
      ...(status.history ? [readServed(settings.stack, inProject(servedFile))] : []),
      look(settings, status, [
        `--format junit --output ${inProject(reportFile)}`,
        ...(status.history ? [`--history ${inProject(servedFile)}`] : []),
      ]),
    ],
    artifacts: {
      ...(status.history && { paths: [servedFile] }),
      reports: { junit: reportFile },
      when: "always",
      expire_in: "4 weeks",
    },
  };
}

/** Puts the history on its branch, also that of a look that has failed. It runs nothing of the project. */
export function keepServedJob(settings: GitlabSettings): YamlValue {
  const { stack, image, runnerTags, propose = "" } = settings;
  return {
    image,
    ...tagged(runnerTags),
    stage: "test",
    rules: [{ if: scheduled, when: "always" }],
    needs: [{ job: "slipway-status", artifacts: true }],
    interruptible: false,
    timeout: "5 minutes",
    // Two of them do not push over each other.
    resource_group: `slipway-served-${stack}`,
    variables: { GIT_STRATEGY: "none" },
    script: [
      script("JOB_FOLDER=$(mktemp -d)", `trap 'rm -rf "$JOB_FOLDER"' EXIT`),
      ...lines(pushVariables(settings).required),
      pushServed(stack, inProject(servedFile), {
        folder: `"${folder}/branch"`,
        author: { name: '"$GITLAB_USER_NAME"', email: '"$GITLAB_USER_EMAIL"' },
        push: `${pushHelper(propose)} push --quiet --force "$CI_SERVER_URL/$CI_PROJECT_PATH.git"`,
      }),
    ],
  };
}

/** A file in the root of the checkout, as a word of the shell. */
function inProject(file: string): string {
  return `"$CI_PROJECT_DIR/${file}"`;
}

function webhook(status: StatusJob): string[] {
  if (status.webhook === undefined) return [];
  return [script(`export ${webhookVariable}="$${status.webhook}"`, ...neededWebhook(status))];
}

function reachState({ state }: GitlabSettings, { hasDockerfiles }: DeclarationFacts): string[] {
  if (state.kind === "run") return [];
  return [
    `${installPulumi(folder)}export PATH="${folder}/pulumi:$PATH"\n`,
    signInToState(state),
    ...(hasDockerfiles ? [`pulumi plugin install resource docker-build ${DOCKER_BUILD_VERSION}`] : []),
  ];
}
