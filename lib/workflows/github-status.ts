import { pinned } from "./actions";
import { actionsBot } from "./refresh";
import {
  DOCKER_BUILD_VERSION,
  installPulumi,
  look,
  neededWebhook,
  script,
  signInToState,
  webhookVariable,
} from "./scripts";
import { pushServed, readServed, SERVED_FILE } from "./served-history";
import { checkout, folder, nodeStep, stateEnvironment, stepDefaults, type Step } from "./steps";
import type { DeclarationFacts } from "./facts";
import type { ScheduledStatus, WorkflowSettings } from "./workflow";
import { yamlText, type YamlValue } from "./yaml-text";

/** Folder of what the job that keeps the history is given. */
const handed = "${{ runner.temp }}/served";

/**
 * Renders a workflow of GitHub Actions that looks each day at what is served, and keeps one issue about what is not as it
 * should be. It may read the repository and write issues; it has no account of a registry, no key and no token of a release.
 * What was served when is put on a branch by a job of its own.
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
    // Two looks at once would know neither of each other's issue nor of each other's history.
    concurrency: { group: `slipway-status-${settings.stack}`, "cancel-in-progress": false },
    jobs: {
      status: {
        "runs-on": settings.runsOn,
        "timeout-minutes": Math.min(settings.timeoutMinutes, 30),
        permissions: { contents: "read", ...(status.issue && { issues: "write" }) },
        ...(status.history && { outputs: { served: "${{ steps.look.outputs.served }}" } }),
        steps: [
          checkout({}),
          nodeStep(),
          { name: "Install packages", run: "npm ci" },
          ...(status.releases === undefined ? stateSteps(settings, facts) : []),
          ...(status.history ? [readStep(settings)] : []),
          statusStep(status, settings),
          ...(status.history ? [handStep()] : []),
        ],
      },
      ...(status.history && { keep: keepJob(settings) }),
    },
  });
}

/** The history so far, for which reading the repository is enough. */
function readStep({ stack }: WorkflowSettings): Step {
  return {
    name: "What was served before",
    env: { GH_TOKEN: "${{ github.token }}" },
    run: `gh auth setup-git\nmkdir -p "${folder}/served"\n${readServed(stack, `"${folder}/served/${SERVED_FILE}"`)}`,
  };
}

/** A look that fails the job is a part of the history as well. */
function handStep(): Step {
  return {
    if: "${{ !cancelled() && steps.look.outputs.served != '' }}",
    uses: pinned("actions/upload-artifact"),
    with: { name: "served", path: handed, "if-no-files-found": "error" },
  };
}

/** Puts the history on its branch. It has a right to write, so it runs nothing of the project. */
function keepJob({ stack }: WorkflowSettings): YamlValue {
  const push = 'push --quiet --force "$GITHUB_SERVER_URL/$GITHUB_REPOSITORY.git"';
  return {
    needs: "status",
    if: "${{ !cancelled() && needs.status.outputs.served != '' }}",
    "runs-on": "ubuntu-24.04",
    "timeout-minutes": 5,
    permissions: { contents: "write" },
    defaults: { run: { "working-directory": "." } },
    steps: [
      { uses: pinned("actions/download-artifact"), with: { name: "served", path: handed } },
      {
        name: "Keep what was served when",
        env: { GH_TOKEN: "${{ github.token }}" },
        run: `gh auth setup-git\n${pushServed(stack, `"${folder}/served/${SERVED_FILE}"`, {
          folder: `"${folder}/branch"`,
          author: actionsBot,
          push,
        })}`,
      },
    ],
  };
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
  const { issue, webhook, releases, history } = status;
  const options = [
    `--format markdown --output "${folder}/status.md" --annotations`,
    ...(issue ? ['--issue "$GITHUB_REPOSITORY"'] : []),
    ...(history ? [`--history "${folder}/served/${SERVED_FILE}"`] : []),
  ];
  return {
    name: "What is served",
    ...(history && { id: "look" }),
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
      ...(history
        ? [`if [[ -f ${folder}/served/${SERVED_FILE} ]]; then echo "served=kept" >> "$GITHUB_OUTPUT"; fi`]
        : []),
      'exit "$code"',
    ),
  };
}
