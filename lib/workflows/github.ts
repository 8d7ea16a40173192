import { shellWord } from "../text/shell-word";
import { pinned } from "./actions";
import { pullRequestConfiguration, releaseConfiguration, type Configuration } from "./configuration";
import type { DeclarationFacts } from "./facts";
import { loginsOf, writesPackages, type Login } from "./logins";
import { examine, installPulumi, installScanner, makeBuilder, script, selectStack, update } from "./scripts";
import type { StateBackend, Workflow, WorkflowSettings } from "./workflow";
import { yamlText, type YamlValue } from "./yaml-text";

type Step = { readonly [key: string]: YamlValue | undefined };

/** Folder of a job that is gone with it. */
const folder = "$RUNNER_TEMP";

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
    defaults: {
      run: {
        shell: "bash",
        ...(settings.directory !== "." && { "working-directory": settings.directory }),
      },
    },
    jobs: {
      ...(workflow.pullRequests.length > 0 && {
        check: checkJob(workflow, settings, facts),
        comment: commentJob(),
      }),
      ...(isPublishing(workflow) && { [publishName(workflow)]: publishJob(workflow, settings, facts) }),
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
  return Object.keys(triggers({ ...workflow, pullRequests: [] })).length > 0;
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
  const crons = [schedules.nightly, schedules.rebuild].filter((line) => line !== undefined);
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
    ...(isPublishing(workflow) && { if: "github.event_name == 'pull_request'" }),
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
  return {
    ...(workflow.pullRequests.length > 0 && { if: "github.event_name != 'pull_request'" }),
    "runs-on": settings.runsOn,
    "timeout-minutes": settings.timeoutMinutes,
    ...(settings.deployment !== undefined && !isTest && { environment: settings.deployment }),
    permissions: isTest ? { contents: "read" } : rights(settings, facts, logins),
    // A run that was begun is not cut off.
    concurrency: { group: concurrencyGroup(workflow), "cancel-in-progress": false },
    steps: [
      checkout({ ref: checkedOut(workflow), ...(isRebuilt && { "fetch-depth": 0 }) }),
      ...(isRebuilt ? [latestStep(workflow)] : []),
      ...installed(settings, facts, { isCached: isTest }),
      ...(isTest ? [] : [...loginStep(logins), ...keyStep(facts)]),
      ...stateStep(ran),
      ...configurationStep("What is released", releaseConfiguration(workflow, settings), ran.state),
      ...(settings.doctor && !isTest ? [doctorStep(ran, facts)] : []),
      releaseStep(ran, facts, isTest),
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

/** What was tagged by hand is built as it was tagged; a test may be of what has no tag yet. */
function checkedOut({ manual }: Workflow): string | undefined {
  if (manual?.version === undefined) return undefined;
  const isRelease = manual.environment === undefined ? "" : "inputs.environment != 'test' && ";
  return `\${{ ${isRelease}inputs.version != '' && format('refs/tags/{0}', inputs.version) || github.sha }}`;
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

function checkout(more: Readonly<Record<string, string | number | undefined>>): Step {
  return {
    uses: pinned("actions/checkout"),
    with: { ...more, "persist-credentials": false },
  };
}

/** Goes to the tag of the latest stable version, where a schedule asks for it to be built again. */
function latestStep({ schedules, tags }: Workflow): Step {
  const pattern = tags[0] ?? "v*";
  const prefix = pattern.replace(/\*.*$/s, "");
  return {
    name: "Latest release",
    id: "latest",
    if: `github.event.schedule == '${schedules.rebuild ?? ""}'`,
    run: script(
      `version=$(git tag --list --sort=-v:refname '${pattern}' | sed -nE '/^${prefix}[0-9]+\\.[0-9]+\\.[0-9]+$/p' | sed -n 1p)`,
      `git checkout --quiet --detach "\${version:?there is no tag of a stable version}"`,
      'echo "version=$version" >> "$GITHUB_OUTPUT"',
    ),
  };
}

/** Node, the project's packages, and the tools that its declaration needs. */
function installed(
  { directory, prepare, runsOn }: WorkflowSettings,
  facts: DeclarationFacts,
  { isCached }: { isCached: boolean },
): Step[] {
  const lockFile = directory === "." ? "package-lock.json" : `${directory}/package-lock.json`;
  const builder = makeBuilder(facts, /arm/i.test(runsOn) ? "arm64" : "amd64");
  return [
    {
      uses: pinned("actions/setup-node"),
      with: {
        "node-version": 24,
        // What others can write to a cache is no part of a release: none where one is made from the same file.
        ...(isCached
          ? { cache: "npm", "cache-dependency-path": lockFile }
          : { "package-manager-cache": false }),
      },
    },
    ...(isCached
      ? [
          {
            uses: pinned("actions/cache"),
            with: {
              path: "~/.cache/slipway",
              key: `slipway-\${{ runner.os }}-\${{ runner.arch }}-\${{ hashFiles('${lockFile}') }}`,
            },
          },
        ]
      : []),
    { name: "Install packages", run: "npm ci" },
    {
      name: "Install Pulumi",
      run: `${installPulumi(folder)}echo "${folder}/pulumi" >> "$GITHUB_PATH"\n`,
    },
    ...Object.entries(prepare).map(([name, run]) => ({ name, run })),
    ...(facts.scanner === undefined
      ? []
      : [
          {
            name: "Install the scanner",
            run: `${installScanner(facts.scanner, `${folder}/bin`)}echo "${folder}/bin" >> "$GITHUB_PATH"\n`,
          },
        ]),
    ...(builder === undefined ? [] : [{ name: "Make the builder", run: builder }]),
  ];
}

function loginStep(logins: readonly Login[]): Step[] {
  if (logins.length === 0) return [];
  const accounts = logins.map(({ host, secrets }) => {
    if (secrets === undefined) {
      return {
        host,
        user: "GITHUB_ACTOR",
        token: "PACKAGES_TOKEN",
        env: { PACKAGES_TOKEN: "${{ github.token }}" },
      };
    }
    const { username, password } = secrets;
    return { host, user: username, token: password, env: secretEnvironment([username, password]) };
  });
  return [
    {
      name: "Sign in to registries",
      env: Object.assign({}, ...accounts.map(({ env }) => env)) as Record<string, string>,
      run: script(
        ...accounts.map(
          ({ host, user, token }) =>
            `printf '%s' "$${token}" | docker login ${host} --username "$${user}" --password-stdin`,
        ),
      ),
    },
  ];
}

/** The private key, which is encrypted, for the time of the job. */
function keyStep({ signer }: DeclarationFacts): Step[] {
  if (signer?.kind !== "key") return [];
  return [
    {
      name: "Signing key",
      env: secretEnvironment(["COSIGN_KEY"]),
      run: script("umask 077", `printf '%s\\n' "$COSIGN_KEY" > ${shellWord(signer.file)}`),
    },
  ];
}

function stateStep(settings: WorkflowSettings): Step[] {
  const { state } = settings;
  const select = selectStack(settings, folder);
  if (state.kind === "run") {
    const kept = `echo "PULUMI_CONFIG_PASSPHRASE_FILE=${folder}/passphrase" >> "$GITHUB_ENV"\n`;
    return [{ name: "State of this run", run: select + kept }];
  }
  return [{ name: "Select the stack", env: stateEnvironment(state), run: select }];
}

/** What reaches the state, for each step that does. */
function stateEnvironment(state: StateBackend): Record<string, string> {
  if (state.kind === "cloud") return secretEnvironment(["PULUMI_ACCESS_TOKEN"]);
  if (state.kind === "run") return {};
  return {
    ...expressions(state.env),
    PULUMI_CONFIG_PASSPHRASE: `\${{ secrets.${state.passphrase} }}`,
  };
}

function configurationStep(
  name: string,
  configuration: Configuration | undefined,
  state: StateBackend = { kind: "run" },
): Step[] {
  if (configuration === undefined) return [];
  const { env, run } = configuration;
  return [{ name, ...withEnvironment({ ...env, ...stateEnvironment(state) }), run }];
}

function withEnvironment(env: Readonly<Record<string, string>>): Step {
  return Object.keys(env).length > 0 ? { env } : {};
}

/** With all that the release has, for it asks for the same rights. */
function doctorStep(settings: WorkflowSettings, facts: DeclarationFacts): Step {
  return {
    name: "What it needs",
    ...withEnvironment(releaseEnvironment(settings, facts)),
    run: examine(settings, folder, "$GITHUB_STEP_SUMMARY"),
  };
}

function releaseStep(settings: WorkflowSettings, facts: DeclarationFacts, isTest: boolean): Step {
  return {
    name: isTest ? "Build and prove" : "Release",
    ...withEnvironment(isTest ? {} : releaseEnvironment(settings, facts)),
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

function secretEnvironment(names: readonly string[]): Record<string, string> {
  return expressions(Object.fromEntries(names.map((name) => [name, name])));
}

/** Variables by the secret that each is read from. */
function expressions(secrets: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(secrets).map(([name, secret]) => [name, `\${{ secrets.${secret} }}`]),
  );
}
