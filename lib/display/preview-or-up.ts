import { createInterface } from "node:readline/promises";
import type { ChildResult } from "../machine/child.cjs";
import { showRun, type RunCli } from "./shown-run";

/** Options with which the CLI asks nothing. */
const unattended = new Set(["--yes", "-y", "--skip-preview", "-f"]);

/**
 * `preview` or `up`, reported in few lines. As with the CLI, in a terminal `up` shows what it would
 * do and asks, unless it is told not to.
 *
 * @param args command and options of the CLI
 * @param print prints a line. Default: on standard output
 */
export async function previewOrUp(
  run: RunCli,
  args: readonly string[],
  print: (line: string) => unknown = (line) => process.stdout.write(`${line}\n`),
): Promise<ChildResult> {
  const [command, ...options] = args;
  const asks = command === "up" && process.stdin.isTTY && process.stdout.isTTY;
  if (!asks || options.some((option) => unattended.has(option))) return showRun(run, args, print);
  const plan = await showRun(run, ["preview", ...options], print);
  if (plan.code !== 0 || !plan.isChange) return plan;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question("Do this? [y/N] ");
  terminal.close();
  if (!/^y(es)?$/i.test(answer.trim())) return { code: 1, signal: null };
  return showRun(run, ["up", "--yes", "--skip-preview", ...options], print);
}
