import type { DeclarationFacts } from "./facts";
import { begun, folder, lines, tagged } from "./gitlab-job";
import type { GitlabSettings } from "./gitlab-pipeline";
import { stateVariables } from "./gitlab-variables";
import {
  DOCKER_BUILD_VERSION,
  installPulumi,
  look,
  neededWebhook,
  script,
  signInToState,
  webhookVariable,
} from "./scripts";
import type { StatusJob } from "./workflow";
import type { YamlValue } from "./yaml-text";

/** File of the report that GitLab shows as tests. */
const reportFile = "slipway-status.xml";

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
    rules: [{ if: '$CI_PIPELINE_SOURCE == "schedule" && $SLIPWAY_SCHEDULE == "status"' }],
    interruptible: true,
    script: [
      ...begun(settings),
      ...lines(needed.required),
      ...webhook(status),
      "npm ci",
      ...lines(needed.exported),
      ...(asksState ? reachState(settings, facts) : []),
      look(settings, status, [`--format junit --output "$CI_PROJECT_DIR/${reportFile}"`]),
    ],
    artifacts: { reports: { junit: reportFile }, when: "always", expire_in: "4 weeks" },
  };
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
