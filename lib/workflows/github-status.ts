import {
  DOCKER_BUILD_VERSION,
  installPulumi,
  look,
  neededWebhook,
  script,
  signInToState,
  webhookVariable,
} from "./scripts";
import { checkout, folder, nodeStep, stateEnvironment, stepDefaults, type Step } from "./steps";
import type { DeclarationFacts } from "./facts";
import type { ScheduledStatus, WorkflowSettings } from "./workflow";
import { yamlText } from "./yaml-text";

/**
 * Renders a workflow of GitHub Actions that looks each day at what is served, and keeps one issue about what is not as it
 * should be. It may read the repository and write issues; it has no account of a registry, no key and no token of a release.
 */
export function githubStatus(
  status: ScheduledStatus,
  settings: WorkflowSettings,
  facts: DeclarationFacts,
): string {
  return yamlText({
    name: status.name,
    on: { schedule: [{ cron: status.cron }], workflow_dispatch: {} },
    permissions: {},
    defaults: stepDefaults(settings),
    jobs: {
      status: {
        "runs-on": settings.runsOn,
        "timeout-minutes": Math.min(settings.timeoutMinutes, 30),
        permissions: { contents: "read", ...(status.issue && { issues: "write" }) },
        // Two looks at once would not know of each other's issue.
        concurrency: { group: `slipway-status-${settings.stack}`, "cancel-in-progress": false },
        steps: [
          checkout({}),
          nodeStep(),
          { name: "Install packages", run: "npm ci" },
          ...(status.releases === undefined ? stateSteps(settings, facts) : []),
          statusStep(status, settings),
        ],
      },
    },
  });
}

/** What reaches the state. Nothing is selected: a stack that there is not is none to look at. */
function stateSteps({ state }: WorkflowSettings, { hasDockerfiles }: DeclarationFacts): Step[] {
  if (state.kind === "run") return [];
  return [
    { name: "Install Pulumi", run: `${installPulumi(folder)}echo "${folder}/pulumi" >> "$GITHUB_PATH"\n` },
    {
      name: "Sign in to the state",
      env: stateEnvironment(state),
      run: script(
        signInToState(state),
        ...(hasDockerfiles ? [`pulumi plugin install resource docker-build ${DOCKER_BUILD_VERSION}`] : []),
      ),
    },
  ];
}

function statusStep(status: ScheduledStatus, settings: WorkflowSettings): Step {
  const { issue, webhook, releases } = status;
  const options = [
    `--format markdown --output "${folder}/status.md" --annotations`,
    ...(issue ? ['--issue "$GITHUB_REPOSITORY"'] : []),
  ];
  return {
    name: "What is served",
    env: {
      GITHUB_TOKEN: "${{ github.token }}",
      ...(webhook !== undefined && { [webhookVariable]: `\${{ secrets.${webhook} }}` }),
      ...(releases === undefined && stateEnvironment(settings.state)),
    },
    run: script(
      ...neededWebhook(status),
      "code=0",
      `${look(settings, status, options)} || code=$?`,
      `if [[ -f ${folder}/status.md ]]; then cat "${folder}/status.md" >> "$GITHUB_STEP_SUMMARY"; fi`,
      'exit "$code"',
    ),
  };
}
