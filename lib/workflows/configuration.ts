import { shellQuoted, shellWord } from "../text/shell-word";
import { secretName } from "./logins";
import { script, secretSetting, setting } from "./scripts";
import type { Workflow, WorkflowSettings } from "./workflow";

/** What a run is told, as lines of a shell and the expressions that they read. */
export interface Configuration {
  /** Expressions by the variable that has the value, so that none stands in the shell's own text. */
  readonly env: Readonly<Record<string, string>>;
  readonly run: string;
}

/** Configuration of a pull request: what it is, and nothing that a release is made from. */
export function pullRequestConfiguration(
  workflow: Workflow,
  { stack, versionFrom }: WorkflowSettings,
): Configuration | undefined {
  const lines = Object.entries(workflow.set).map(([key, value]) => setting(stack, key, shellWord(value)));
  if (versionFrom === "git") return lines.length === 0 ? undefined : { env: {}, run: script(...lines) };
  return {
    env: { NUMBER: "${{ github.event.number }}" },
    run: script(
      ...forgotten(stack),
      setting(stack, "commit", '"$(git rev-parse HEAD)"'),
      setting(stack, "pullRequest", '"$NUMBER"'),
      ...lines,
    ),
  };
}

/** Configuration of what is published, by the event that has started the run. */
export function releaseConfiguration(
  workflow: Workflow,
  { stack, versionFrom, secrets }: WorkflowSettings,
): Configuration | undefined {
  const env: Record<string, string> = {};
  const lines: string[] = [];
  if (versionFrom === "configuration") lines.push(...forgotten(stack));
  for (const [key, value] of Object.entries(workflow.set)) lines.push(setting(stack, key, shellWord(value)));
  if (workflow.isTest) lines.push(setting(stack, "environment", "test"));
  // They are for channels, which follow a release.
  const isReleased = !workflow.isTest && !workflow.without.includes("release");
  for (const [key, secret] of Object.entries(isReleased ? secrets : {})) {
    env[secret] = `\${{ secrets.${secret} }}`;
    lines.push(secretSetting(stack, key, secret));
  }
  if (versionFrom === "configuration") lines.push(setting(stack, "commit", '"$(git rev-parse HEAD)"'));
  const cases = eventCases(workflow, stack, versionFrom, env);
  if (cases.length > 0) lines.push('case "$GITHUB_EVENT_NAME/$GITHUB_REF_TYPE" in', ...cases, "esac");
  return lines.length === 0 ? undefined : { env, run: script(...lines) };
}

/** The variable of an input, which is none that programs obey. */
export function inputVariable(input: string): string {
  return `INPUT_${secretName(input)}`;
}

/** What the stack file says of a version is for runs by hand. */
export function forgotten(stack: string): string[] {
  return [
    `for key in version branch pullRequest rebuilt; do pulumi config rm --stack ${shellWord(stack)} "$key"; done`,
  ];
}

function eventCases(
  workflow: Workflow,
  stack: string,
  versionFrom: WorkflowSettings["versionFrom"],
  env: Record<string, string>,
): string[] {
  const cases: string[] = [];
  const ref = (key: string) => setting(stack, key, '"$GITHUB_REF_NAME"');
  if (versionFrom === "configuration") {
    if (workflow.branches.length > 0) cases.push(`  push/branch) ${ref("branch")} ;;`);
    const pushed = [
      ...(workflow.tags.length > 0 ? ["push/tag"] : []),
      ...(workflow.releases ? ["release/*"] : []),
    ];
    if (pushed.length > 0) cases.push(`  ${pushed.join(" | ")}) ${ref("version")} ;;`);
  }
  if (workflow.manual !== undefined) cases.push(...manualCase(workflow, stack, env));
  if (workflow.component) cases.push(...componentCase(workflow.component, stack, env));
  const { nightly, rebuild } = workflow.schedules;
  if (rebuild !== undefined) {
    Object.assign(env, {
      SCHEDULE: "${{ github.event.schedule }}",
      LATEST: "${{ steps.latest.outputs.version }}",
    });
    cases.push(
      "  schedule/*)",
      `    if [[ $SCHEDULE == ${shellQuoted(rebuild)} ]]; then`,
      `      ${setting(stack, "version", '"$LATEST"')}`,
      `      ${setting(stack, "rebuilt", '"$(date --utc +%Y%m%d)"')}`,
      "    fi",
      "    ;;",
    );
  } else if (nightly !== undefined && cases.length > 0)
    cases.push("  schedule/*) ;; # neither version nor branch");
  return cases;
}

/** GitHub asks for what is required; what a client of its API has sent empty is refused here. */
function manualCase({ manual = {} }: Workflow, stack: string, env: Record<string, string>): string[] {
  const lines = Object.entries(manual).flatMap(([name, input]) => {
    const variable = inputVariable(name);
    env[variable] = `\${{ inputs.${name} }}`;
    const isRequired = input.required !== false && input.default === undefined;
    return [
      ...(isRequired
        ? [`    : "\${${variable}:?${name} is required (a valid example: ${input.example})}"`]
        : []),
      isRequired || input.default !== undefined
        ? `    ${setting(stack, input.key, `"$${variable}"`)}`
        : `    if [[ -n $${variable} ]]; then ${setting(stack, input.key, `"$${variable}"`)}; fi`,
    ];
  });
  return lines.length === 0 ? [] : ["  workflow_dispatch/*)", ...lines, "    ;;"];
}

function componentCase(
  { components }: NonNullable<Workflow["component"]>,
  stack: string,
  env: Record<string, string>,
): string[] {
  Object.assign(env, {
    COMPONENT: "${{ github.event.client_payload.component }}",
    COMPONENT_VERSION: "${{ github.event.client_payload.version }}",
  });
  const names = Object.keys(components);
  return [
    "  repository_dispatch/*)",
    `    : "\${COMPONENT_VERSION:?client_payload.version is required (a valid example: v1.2.3)}"`,
    '    case "$COMPONENT" in',
    ...Object.entries(components).map(
      ([name, key]) => `      ${shellWord(name)}) ${setting(stack, key, '"$COMPONENT_VERSION"')} ;;`,
    ),
    "      *)",
    `        printf 'client_payload.component: one of ${names.join(", ")} is expected, not %q\\n' "$COMPONENT" >&2`,
    "        exit 1",
    "        ;;",
    "    esac",
    "    ;;",
  ];
}
