import { buildCommand } from "../../cli/commands/build";
import { diffCommand } from "../../cli/commands/diff";
import { doctorCommand } from "../../cli/commands/doctor";
import { runCommand } from "../../cli/run-command";
import { exitAs } from "../../lib/machine/child.cjs";
import { previewOrUp } from "../../lib/display/preview-or-up";
import { SetupError } from "../../lib/machine/setup-error";
import { runPulumi } from "../pulumi-run";

/** Commands of `npx slipway` that run the Pulumi CLI. */
const commands = {
  diff: diffCommand(runPulumi),
  build: buildCommand(runPulumi),
  doctor: doctorCommand(runPulumi),
};

/** `npm run slipway -- preview`, `-- up`, `-- diff`, `-- build` and `-- doctor`: the CLI's, on this project. */
export async function slipway(args: readonly string[]): Promise<void> {
  const [command = "", ...options] = args;
  if (command === "diff" || command === "build" || command === "doctor") {
    process.exitCode = await runCommand(command, commands[command], options);
  } else if (command === "preview" || command === "up") {
    exitAs(await previewOrUp(runPulumi, args));
  } else {
    throw new SetupError(
      `There is no command ${JSON.stringify(command)}.`,
      "There are `npm run slipway -- preview`, `-- up`, `-- diff`, `-- build` and `-- doctor`; all others: " +
        "npm run pulumi -- COMMAND.",
    );
  }
}
