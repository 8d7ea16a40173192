import { constants } from "node:os";

import { previewOrUp } from "../../lib/display/preview-or-up";
import type { RunCli } from "../../lib/display/shown-run";
import { runChild } from "../../lib/machine/child.cjs";
import { SetupError } from "../../lib/machine/setup-error";

/** Commands of the Pulumi CLI that this one runs and reports: their options are the CLI's. */
export const reported: Readonly<Record<string, string>> = {
  preview: "Reports in few lines what `pulumi preview` finds; takes its options",
  up: "Reports in few lines what `pulumi up` does; takes its options",
};

/**
 * Runs the Pulumi CLI that is on PATH.
 *
 * @returns its exit code
 * @throws SetupError where there is none
 */
export async function report(name: string, options: readonly string[]): Promise<number> {
  const run: RunCli = (args, { env, ...further }) =>
    runChild("pulumi", args, { ...further, env: { ...process.env, ...env } });
  try {
    const { code, signal } = await previewOrUp(run, [name, ...options]);
    return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new SetupError(
      "There is no pulumi on PATH.",
      "Install it (https://www.pulumi.com/docs/install/), or put the folder that has it on PATH.",
    );
  }
}
