import { appendFile } from "node:fs/promises";

/**
 * Adds to what GitHub Actions shows of a step, where a run is one of its steps (GitHub, "Workflow commands": adding a
 * job summary). Returns why it could not be written; a release does not fail for that.
 */
export async function addStepSummary(
  markdown: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string | undefined> {
  const file = env.GITHUB_STEP_SUMMARY;
  if (file === undefined || file === "" || markdown === "") return undefined;
  try {
    await appendFile(file, `${markdown}\n`);
    return undefined;
  } catch (error) {
    return `warning: the summary of the step was not written: ${(error as Error).message}`;
  }
}
