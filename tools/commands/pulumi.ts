import { exitAs } from "../../lib/machine/child.cjs";
import { runPulumi } from "../pulumi-run";

/** `npm run pulumi -- ARGS`: the Pulumi CLI on this project. */
export async function pulumi(args: readonly string[]): Promise<void> {
  exitAs(await runPulumi(args));
}
