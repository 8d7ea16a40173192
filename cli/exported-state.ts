import type { RunCli } from "../lib/display/shown-run";
import { SetupError } from "../lib/machine/setup-error";

/**
 * What `pulumi stack export` prints of a stack; secrets stay encrypted in it.
 *
 * @param project its folder
 * @throws SetupError where the CLI fails
 */
export async function exportedState(
  run: RunCli,
  project: string,
  stack: string | undefined,
): Promise<string> {
  let text = "";
  const args = ["stack", "export", "--cwd", project, "--non-interactive"];
  const { code } = await run([...args, ...(stack === undefined ? [] : ["--stack", stack])], {
    stdio: ["ignore", "pipe", "inherit"],
    onStart: (child) => {
      child.stdout?.setEncoding("utf8").on("data", (part: string) => (text += part));
    },
  });
  if (code === 0) return text;
  throw new SetupError(`pulumi ${args.join(" ")} has failed.`, "What it says is above.");
}
