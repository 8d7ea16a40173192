import type { RunCli } from "../lib/display/shown-run";
import { runChild } from "../lib/machine/child.cjs";
import { SetupError } from "../lib/machine/setup-error";

/**
 * Runs the Pulumi CLI that is on PATH.
 *
 * @throws SetupError where there is none
 */
export const runPulumi: RunCli = async (args, { env, ...further }) => {
  try {
    return await runChild("pulumi", args, { ...further, env: { ...process.env, ...env } });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new SetupError(
      "There is no pulumi on PATH.",
      "Install it (https://www.pulumi.com/docs/install/), or put the folder that has it on PATH.",
    );
  }
};
