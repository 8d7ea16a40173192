import { diffCommand } from "../../cli/commands/diff";
import { runCommand } from "../../cli/run-command";
import { exitAs } from "../../lib/machine/child.cjs";
import { previewOrUp } from "../../lib/display/preview-or-up";
import { SetupError } from "../../lib/machine/setup-error";
import { runPulumi } from "../pulumi-run";

/** `npm run slipway -- preview`, `-- up` and `-- diff`: the CLI's, on this project. */
export async function slipway(args: readonly string[]): Promise<void> {
  const [command = "", ...options] = args;
  if (command === "diff") {
    process.exitCode = await runCommand(command, diffCommand(runPulumi), options);
  } else if (command === "preview" || command === "up") {
    exitAs(await previewOrUp(runPulumi, args));
  } else {
    throw new SetupError(
      `There is no command ${JSON.stringify(command)}.`,
      "There are `npm run slipway -- preview`, `-- up` and `-- diff`; all others: npm run pulumi -- COMMAND.",
    );
  }
}
