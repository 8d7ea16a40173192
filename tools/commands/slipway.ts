import { exitAs } from "../../lib/machine/child.cjs";
import { previewOrUp } from "../../lib/display/preview-or-up";
import { SetupError } from "../../lib/machine/setup-error";
import { runPulumi } from "../pulumi-run";

/** `npm run slipway -- preview` and `-- up`: the CLI's, on this project, in few lines. */
export async function slipway(args: readonly string[]): Promise<void> {
  if (args[0] !== "preview" && args[0] !== "up") {
    throw new SetupError(
      `There is no command ${JSON.stringify(args[0] ?? "")}.`,
      "There are `npm run slipway -- preview` and `npm run slipway -- up`; all others: npm run pulumi -- COMMAND.",
    );
  }
  exitAs(await previewOrUp(runPulumi, args));
}
