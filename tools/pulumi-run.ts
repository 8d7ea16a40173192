import { runChild, type ChildOptions, type ChildResult } from "../lib/machine/child.cjs";
import { cliEnvironment } from "./environment";
import { projectOf } from "./project";
import { progress } from "./progress";
import { refusePublicSecrets, requirePublicState } from "./public-stack";
import { pulumiCli } from "./pulumi-cli";

/** Commands of the CLI that touch no stack. */
const WITHOUT_STACK = new Set(["version", "help", "completion"]);

/**
 * Runs the Pulumi CLI with the project's environment (see `cliEnvironment`).
 * @throws SetupError if there is no project, no CLI can be had, or a secret would become public.
 */
export async function runPulumi(args: readonly string[], options: ChildOptions = {}): Promise<ChildResult> {
  const cli = await pulumiCli({ onProgress: progress });
  if (args[0] !== undefined && WITHOUT_STACK.has(args[0])) return runChild(cli.path, args, options);
  const project = projectOf(args, process.cwd());
  const { variables, stack, ownBackend } = cliEnvironment(project, cli.path, args);
  refusePublicSecrets(project, args, stack);
  if (ownBackend && stack !== undefined) requirePublicState(project, stack);
  return runChild(cli.path, args, { ...options, env: { ...variables, ...options.env } });
}
