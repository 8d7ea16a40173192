import type { Command } from "../../cli/command";
import { buildCommand } from "../../cli/commands/build";
import { diffCommand } from "../../cli/commands/diff";
import { doctorCommand } from "../../cli/commands/doctor";
import { initCommand } from "../../cli/commands/init";
import { metricsCommand } from "../../cli/commands/metrics";
import { refreshCommand } from "../../cli/commands/refresh";
import { statusCommand } from "../../cli/commands/status";
import { runCommand } from "../../cli/run-command";
import { exitAs } from "../../lib/machine/child.cjs";
import { previewOrUp } from "../../lib/display/preview-or-up";
import { SetupError } from "../../lib/machine/setup-error";
import { runPulumi } from "../pulumi-run";

/** Commands of `npx slipway` that run the Pulumi CLI. */
const commands: Readonly<Record<string, Command>> = {
  diff: diffCommand(runPulumi),
  build: buildCommand(runPulumi),
  doctor: doctorCommand(runPulumi),
  init: initCommand(runPulumi),
  refresh: refreshCommand(runPulumi),
  status: statusCommand(runPulumi),
  metrics: metricsCommand(runPulumi),
};

/** `npm run slipway -- preview`, `-- up` and the commands above: the CLI's, on this project. */
export async function slipway(args: readonly string[]): Promise<void> {
  const [name = "", ...options] = args;
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command !== undefined) {
    process.exitCode = await runCommand(name, command, options);
  } else if (name === "preview" || name === "up") {
    exitAs(await previewOrUp(runPulumi, args));
  } else {
    const others = ["up", ...Object.keys(commands)].map((one) => `\`-- ${one}\``).join(", ");
    throw new SetupError(
      `There is no command ${JSON.stringify(name)}.`,
      `There are \`npm run slipway -- preview\`, ${others}; all others: npm run pulumi -- COMMAND.`,
    );
  }
}
