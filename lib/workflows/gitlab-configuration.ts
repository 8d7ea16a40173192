import { shellWord } from "../text/shell-word";
import { forgotten, inputVariable } from "./configuration";
import type { GitlabPipeline, GitlabSettings } from "./gitlab-pipeline";
import { script, secretSetting, setting } from "./scripts";

/** Configuration of a merge request: what it is, and nothing that a release is made from; undefined where there is none. */
export function mergeRequestConfiguration({ stack, versionFrom }: GitlabSettings): string | undefined {
  if (versionFrom === "git") return undefined;
  return script(
    ...forgotten(stack),
    setting(stack, "commit", '"$CI_COMMIT_SHA"'),
    setting(stack, "pullRequest", '"$CI_MERGE_REQUEST_IID"'),
  );
}

/** Configuration of what is published, by what has started the pipeline; undefined where there is none. */
export function releaseConfiguration(pipeline: GitlabPipeline, settings: GitlabSettings): string | undefined {
  const { stack, versionFrom, secrets } = settings;
  const isConfigured = versionFrom === "configuration";
  const lines = [
    ...(isConfigured ? forgotten(stack) : []),
    ...Object.entries(pipeline.set).map(([key, value]) => setting(stack, key, shellWord(value))),
    ...Object.entries(secrets).map(([key, variable]) => secretSetting(stack, key, variable)),
    ...(isConfigured ? [setting(stack, "commit", '"$(git rev-parse HEAD)"')] : []),
  ];
  const cases = [
    ...(pipeline.manual === undefined ? [] : manualCase(pipeline.manual, stack)),
    ...(isConfigured ? pushedCases(pipeline, stack) : []),
    ...scheduleCases(pipeline, settings),
  ];
  if (cases.length > 0) lines.push('case "$CI_PIPELINE_SOURCE/${CI_COMMIT_TAG:+tag}" in', ...cases, "esac");
  return lines.length === 0 ? undefined : script(...lines);
}

function pushedCases({ branches, tags }: GitlabPipeline, stack: string): string[] {
  return [
    ...(tags.length > 0 ? [`  push/tag) ${setting(stack, "version", '"$CI_COMMIT_TAG"')} ;;`] : []),
    ...(branches.length > 0 ? [`  push/) ${setting(stack, "branch", '"$CI_COMMIT_BRANCH"')} ;;`] : []),
  ];
}

/** The form can be sent with everything empty, and an API sends what it likes. */
function manualCase(manual: NonNullable<GitlabPipeline["manual"]>, stack: string): string[] {
  const lines = Object.entries(manual).flatMap(([name, input]) => {
    const variable = inputVariable(name);
    const isRequired = input.required !== false && input.default === undefined;
    const refused = `    : "\${${variable}:?${name} is required (a valid example: ${input.example})}"`;
    const set = setting(stack, input.key, `"$${variable}"`);
    return isRequired ? [refused, `    ${set}`] : [`    if [[ -n $${variable} ]]; then ${set}; fi`];
  });
  return lines.length === 0 ? [] : ["  web/* | api/* | trigger/*)", ...lines, "    ;;"];
}

function scheduleCases({ schedules }: GitlabPipeline, { stack }: GitlabSettings): string[] {
  if (!schedules.rebuild) return [];
  return [
    "  schedule/*)",
    "    if [[ $SLIPWAY_SCHEDULE == rebuild ]]; then",
    `      ${setting(stack, "version", '"$LATEST"')}`,
    `      ${setting(stack, "rebuilt", '"$(date --utc +%Y%m%d)"')}`,
    "    fi",
    "    ;;",
  ];
}
