import { constants } from "node:os";

import { previewOrUp } from "../../lib/display/preview-or-up";
import { runPulumi } from "../run-pulumi";

/** Commands of the Pulumi CLI that this one runs and reports: their options are the CLI's. */
export const reported: Readonly<Record<string, string>> = {
  preview: "Reports in few lines what `pulumi preview` finds; takes its options",
  up: "Reports in few lines what `pulumi up` does; takes its options",
};

/**
 * Runs one of them.
 *
 * @returns its exit code
 * @throws SetupError where there is no Pulumi CLI
 */
export async function report(name: string, options: readonly string[]): Promise<number> {
  const { code, signal } = await previewOrUp(runPulumi, [name, ...options]);
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}
