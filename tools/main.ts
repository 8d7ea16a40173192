import { bench } from "./commands/bench";
import { clean } from "./commands/clean";
import { pulumi } from "./commands/pulumi";
import { format, lint } from "./commands/source-checks";
import { slipway } from "./commands/slipway";
import { start } from "./commands/start";
import { stop } from "./commands/stop";
import { test } from "./commands/test";

const COMMANDS: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  start,
  stop,
  clean,
  pulumi,
  slipway,
  test,
  bench,
  lint,
  format,
};

/**
 * Runs one of the npm scripts: `main(["pulumi", "preview"])`. Sets the exit code.
 * @throws SetupError, whose message is all a user needs; anything else is a defect.
 */
export async function main(argv: readonly string[]): Promise<void> {
  const [name = "", ...args] = argv;
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    console.error(`slipway: there is no command "${name}". There are: ${Object.keys(COMMANDS).join(", ")}.`);
    process.exitCode = 2;
    return;
  }
  await command(args);
}
