import { shellWord } from "../text/shell-word";
import type { GitlabSettings } from "./gitlab-pipeline";
import { script } from "./scripts";
import type { YamlValue } from "./yaml-text";

/** Parts that several jobs of a pipeline have. */

/** Folder of a job that is gone with it. */
export const folder = "$JOB_FOLDER";

/** Runners that take a job. */
export function tagged(runnerTags: readonly string[]): Record<string, YamlValue> {
  return runnerTags.length === 0 ? {} : { tags: runnerTags };
}

/** All lines of a job run in one shell. */
export function begun({ directory }: GitlabSettings): string[] {
  return [
    script("JOB_FOLDER=$(mktemp -d)", "export JOB_FOLDER", `trap 'rm -rf "$JOB_FOLDER"' EXIT`),
    ...(directory === "." ? [] : [`cd ${shellWord(directory)}`]),
  ];
}

/** A part of a script that need not be there. */
export function lines(text: string | undefined): string[] {
  return text === undefined ? [] : [text];
}
