import { runChild, type ChildOptions, type ChildResult } from "../lib/machine/child.cjs";
import { cliEnvironment } from "./environment";
import { projectOf } from "./project";
import { progress } from "./progress";
import { pulumiCli } from "./pulumi-cli";
import { withSalts } from "./stack-file";

/** Commands of the CLI that touch no stack. */
const WITHOUT_STACK = new Set(["version", "help", "completion"]);

/**
 * Runs the Pulumi CLI with the project's environment (see `cliEnvironment`).
 * @throws SetupError if there is no project or no CLI can be had.
 */
export async function runPulumi(args: readonly string[], options: ChildOptions = {}): Promise<ChildResult> {
  const cli = await pulumiCli({ onProgress: progress });
  if (args[0] !== undefined && WITHOUT_STACK.has(args[0])) return runChild(cli.path, args, options);
  const project = projectOf(args, process.cwd());
  const { variables, throwAway } = cliEnvironment(project, cli.path);
  const run = () => runChild(cli.path, args, { env: variables, ...options });
  return throwAway ? withSalts(project, args, run) : run();
}
