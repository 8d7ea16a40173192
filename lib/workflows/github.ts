import { shellWord } from "../text/shell-word";
import { pullRequestConfiguration, releaseConfiguration } from "./configuration";
import type { DeclarationFacts } from "./facts";
import { loginsOf, writesPackages, type Login } from "./logins";
import { examine, script, update } from "./scripts";
import { notRefreshing, proposeJob, rebuiltLockStep, refreshJob } from "./refresh";
import { PARTS_FOLDER, partsStep, splitJob, testInput } from "./split-job";
import {
  checkedOut,
  checkout,
  configurationStep,
  expressions,
  folder,
  installed,
  keyStep,
  latestStep,
  loginStep,
  secretEnvironment,
  stateEnvironment,
  stateStep,
  stepDefaults,
  withEnvironment,
  type Step,
} from "./steps";
import type { Workflow, WorkflowSettings } from "./workflow";
import { yamlText, type YamlValue } from "./yaml-text";

/**
 * Renders a workflow of GitHub Actions. A job has the rights that it needs and no other; what people have written,
 * such as inputs, names of branches and payloads, comes to the shell by variables alone.
 */
export function githubWorkflow(
  workflow: Workflow,
  settings: WorkflowSettings,
  declaration: DeclarationFacts,
): string {
  const facts = withoutLeftOut(declaration, workflow);
  return yamlText({
    name: workflow.name,
    "run-name": runName(workflow),
    on: triggers(workflow),
    permissions: {},
    defaults: stepDefaults(settings),
    jobs: {
      ...(workflow.pullRequests.length > 0 && {
        check: checkJob(workflow, settings, facts),
        comment: commentJob(),
      }),
      ...(isSplit(workflow, facts) && { build: splitJob(workflow, settings, facts) }),
      ...(isPublishing(workflow) && { [publishName(workflow)]: publishJob(workflow, settings, facts) }),
      ...(workflow.schedules.refresh !== undefined && {
        refresh: refreshJob(workflow, settings, facts),
        propose: proposeJob(workflow, facts),
      }),
    },
  });
}

function withoutLeftOut(facts: DeclarationFacts, { without }: Workflow): DeclarationFacts {
  return {
    ...facts,
    releases: without.includes("release") ? [] : facts.releases,
    registries: without.includes("mirrors") ? facts.registries.slice(0, 1) : facts.registries,
  };
}

function isPublishing(workflow: Workflow): boolean {
  const { nightly, rebuild } = workflow.schedules;
  const published: Workflow = { ...workflow, pullRequests: [], schedules: { nightly, rebuild } };
  return Object.keys(triggers(published)).length > 0;
}

/** A test builds all platforms itself. */
function isSplit(workflow: Workflow, { split = [] }: DeclarationFacts): boolean {
  return split.length > 0 && isPublishing(workflow) && !workflow.isTest;
}

function publishName({ isTest }: Workflow): string {
  return isTest ? "test" : "publish";
}

/** Tells runs that were started by hand from each other. */
function runName({ name, manual }: Workflow): string | undefined {
  const shown = ["version", "environment"].filter((input) => manual?.[input] !== undefined);
  if (shown.length === 0) return undefined;
  const parts = shown.map((input) => {
    const fallback =
      input === "version" ? "github.ref_name" : `'${manual?.[input]?.default ?? "production"}'`;
    return `\${{ inputs.${input} || ${fallback} }}`;
  });
  return [name, ...parts].join(" ");
}

function triggers(workflow: Workflow): Record<string, YamlValue> {
  const { pullRequests, branches, tags, releases, manual, component, schedules } = workflow;
  const push = {
    ...(branches.length > 0 && { branches }),
    ...(tags.length > 0 && { tags }),
  };
  const { nightly, rebuild, refresh } = schedules;
  const crons = [nightly, rebuild, refresh].filter((line) => line !== undefined);
  return {
    ...(pullRequests.length > 0 && { pull_request: { branches: pullRequests } }),
    ...(Object.keys(push).length > 0 && { push }),
    ...(releases && { release: { types: ["published"] } }),
    ...(manual !== undefined && { workflow_dispatch: { inputs: inputsOf(manual) } }),
    ...(component !== undefined && { repository_dispatch: { types: [component.type] } }),
    ...(crons.length > 0 && { schedule: crons.map((cron) => ({ cron })) }),
  };
}

function inputsOf(manual: NonNullable<Workflow["manual"]>): Record<string, YamlValue> {
  return Object.fromEntries(
    Object.entries(manual).map(([name, input]) => [
      name,
      {
        description: input.description,
        type: input.options === undefined ? "string" : "choice",
        ...(input.options !== undefined && { options: input.options }),
        ...(input.default === undefined
          ? { required: input.required ?? true }
          : { required: false, default: input.default }),
      },
    ]),
  );
}

/** Builds and proves a pull request with no secret and no right to write, and says what it would change. */
function checkJob(workflow: Workflow, settings: WorkflowSettings, facts: DeclarationFacts): YamlValue {
  const { stack } = settings;
  return {
    ...(Object.keys(triggers(workflow)).length > 1 && { if: "github.event_name == 'pull_request'" }),
    "runs-on": settings.runsOn,
    "timeout-minutes": settings.timeoutMinutes,
    permissions: { contents: "read" },
    concurrency: { group: "${{ github.workflow }}-${{ github.event.number }}", "cancel-in-progress": true },
    outputs: { diff: "${{ steps.diff.outputs.diff }}" },
    steps: [
      checkout({}),
      ...installed(settings, facts, { isCached: !isPublishing(workflow) }),
      ...stateStep({ ...settings, state: { kind: "run" } }),
      ...configurationStep("What is built", pullRequestConfiguration(workflow, settings)),
      {
        name: "What it would change",
        id: "diff",
        run: script(
          "code=0",
          `npx --no slipway diff --stack ${shellWord(stack)} --format markdown --output "${folder}/diff.md" || code=$?`,
          // What is refused is told too, with what it was.
          `if [[ -f ${folder}/diff.md ]]; then`,
          `  cat "${folder}/diff.md" >> "$GITHUB_STEP_SUMMARY"`,
          // Whoever writes the diff cannot know how it ends.
          "  end=$(openssl rand -hex 16)",
          `  { echo "diff<<$end"; cat "${folder}/diff.md"; echo "$end"; } >> "$GITHUB_OUTPUT"`,
          "fi",
          'exit "$code"',
        ),
      },
      { name: "Build and prove", run: update(settings, true) },
    ],
  };
}

/** Keeps one comment up to date. It has a right to write, so it runs nothing of the pull request. */
function commentJob(): YamlValue {
  // The token of a pull request from a fork can write nothing: that one has its summary.
  const isOwn =
    "!cancelled() && needs.check.outputs.diff != '' && github.event.pull_request.head.repo.full_name == github.repository";
  return {
    needs: "check",
    if: `\${{ ${isOwn} }}`,
    "runs-on": "ubuntu-24.04",
    "timeout-minutes": 5,
    permissions: { "pull-requests": "write" },
    defaults: { run: { "working-directory": "." } },
    steps: [
      {
        name: "Comment",
        env: {
          GH_TOKEN: "${{ github.token }}",
          DIFF: "${{ needs.check.outputs.diff }}",
          NUMBER: "${{ github.event.number }}",
        },
        run: `printf '%s\\n' "$DIFF" | gh pr comment "$NUMBER" --repo "$GITHUB_REPOSITORY" --edit-last --create-if-none --body-file -`,
      },
    ],
  };
}

function publishJob(workflow: Workflow, settings: WorkflowSettings, facts: DeclarationFacts): YamlValue {
  const { isTest } = workflow;
  const logins = isTest ? [] : loginsOf(facts, settings);
  const isRebuilt = workflow.schedules.rebuild !== undefined;
  // What is not published has no use for the state, nor for who may change it.
  const ran: WorkflowSettings = isTest ? { ...settings, state: { kind: "run" } } : settings;
  const isJoined = isSplit(workflow, facts);
  return {
    ...(isJoined && { needs: "build" }),
    ...publishCondition(workflow, isJoined),
    "runs-on": settings.runsOn,
    "timeout-minutes": settings.timeoutMinutes,
    ...(settings.deployment !== undefined && !isTest && { environment: settings.deployment }),
    permissions: isTest ? { contents: "read" } : rights(settings, facts, logins),
    // A run that was begun is not cut off.
    concurrency: { group: concurrencyGroup(workflow), "cancel-in-progress": false },
    steps: [
      checkout({ ref: checkedOut(workflow), ...(isRebuilt && { "fetch-depth": 0 }) }),
      ...(isRebuilt ? [latestStep(workflow)] : []),
      ...installed(settings, builderFacts(workflow, facts, isJoined), {
        isCached: isTest,
        ...(isJoined && { builderIf: "needs.build.result == 'skipped'" }),
      }),
      ...(isTest ? [] : [...loginStep(logins), ...keyStep(facts)]),
      ...stateStep(ran),
      ...configurationStep("What is released", releaseConfiguration(workflow, settings), ran.state),
      ...rebuiltLockStep(workflow, settings, facts, withEnvironment(stateEnvironment(ran.state))),
      ...(settings.doctor && !isTest ? [doctorStep(ran, facts)] : []),
      ...(isJoined ? [partsStep(workflow)] : []),
      releaseStep(ran, facts, { isTest, isJoined }),
      {
        name: "Results",
        ...withEnvironment(stateEnvironment(ran.state)),
        run: script(
          "{",
          "  echo '```json'",
          `  pulumi stack output --json --stack ${shellWord(settings.stack)}`,
          "  echo '```'",
          '} >> "$GITHUB_STEP_SUMMARY"',
        ),
      },
    ],
  };
}

/** What a person starts as a test is not split, so the job that builds is left out then. */
function publishCondition(workflow: Workflow, isJoined: boolean): { if?: string } {
  const event = [
    ...(workflow.pullRequests.length > 0 ? ["github.event_name != 'pull_request'"] : []),
    ...notRefreshing(workflow),
  ];
  const test = isJoined ? testInput(workflow) : undefined;
  if (test === undefined) return event.length === 0 ? {} : { if: event.join(" && ") };
  const ready = `(needs.build.result == 'success' || inputs.${test} == 'test')`;
  return { if: `\${{ ${["!cancelled()", ...event, ready].join(" && ")} }}` };
}

/** Who joins what others have built needs a builder only for what is started as a test. */
function builderFacts(workflow: Workflow, facts: DeclarationFacts, isJoined: boolean): DeclarationFacts {
  return isJoined && testInput(workflow) === undefined ? { ...facts, hasDockerfiles: false } : facts;
}

function rights(
  settings: WorkflowSettings,
  facts: DeclarationFacts,
  logins: readonly Login[],
): Record<string, string> {
  return {
    contents: ownRelease(settings, facts) ? "write" : "read",
    ...(writesPackages(logins) && { packages: "write" }),
    ...(facts.signer?.kind === "keyless" && { "id-token": "write" }),
  };
}

/** Whether the token of the run is the one for all releases: it may write those of its own repository. */
function ownRelease({ repository }: WorkflowSettings, facts: DeclarationFacts): boolean {
  const open = openReleases(facts);
  return open.length > 0 && open.every((one) => one.repository.toLowerCase() === repository.toLowerCase());
}

function openReleases({ releases }: DeclarationFacts) {
  return releases.filter(({ isSignedIn }) => !isSignedIn);
}

/** One run at a time for what is released; another version does not wait, and does not push it out of the queue. */
function concurrencyGroup({ manual = {}, component }: Workflow): string {
  if (manual.version !== undefined) return "publish-${{ inputs.version || github.ref_name }}";
  const more = [
    ...Object.keys(manual).map((input) => `inputs.${input}`),
    ...(component ? ["github.event.client_payload.component", "github.event.client_payload.version"] : []),
  ];
  return ["publish-${{ github.ref_name }}", ...more.map((one) => `\${{ ${one} }}`)].join("-");
}

/** With all that the release has, for it asks for the same rights. */
function doctorStep(settings: WorkflowSettings, facts: DeclarationFacts): Step {
  return {
    name: "What it needs",
    ...withEnvironment(releaseEnvironment(settings, facts)),
    run: examine(settings, folder, "$GITHUB_STEP_SUMMARY"),
  };
}

function releaseStep(
  settings: WorkflowSettings,
  facts: DeclarationFacts,
  { isTest, isJoined }: { isTest: boolean; isJoined: boolean },
): Step {
  const parts: Record<string, string> = isJoined ? { SLIPWAY_PARTS: PARTS_FOLDER } : {};
  return {
    name: isTest ? "Build and prove" : "Release",
    ...withEnvironment(isTest ? {} : { ...releaseEnvironment(settings, facts), ...parts }),
    run: update(settings, isTest),
  };
}

function releaseEnvironment(settings: WorkflowSettings, facts: DeclarationFacts): Record<string, string> {
  const token = ownRelease(settings, facts) ? "${{ github.token }}" : "${{ secrets.RELEASE_TOKEN }}";
  return {
    ...(openReleases(facts).length > 0 && { GITHUB_TOKEN: token }),
    ...(facts.signer?.kind === "key" && secretEnvironment(["COSIGN_PASSWORD"])),
    ...expressions(settings.env),
    ...stateEnvironment(settings.state),
  };
}
