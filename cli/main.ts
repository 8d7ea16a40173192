import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { REPOSITORY } from "../lib/machine/repository";
import { helpOption, usage, UsageError, type Command, type Values } from "./command";
import { checkPolicies } from "./commands/check-policies";
import { clean } from "./commands/clean";
import { report, reported } from "./commands/preview-and-up";
import { status } from "./commands/status";
import { stop } from "./commands/stop";

const commands: Readonly<Record<string, Command>> = {
  status,
  stop,
  clean,
  "check-policies": checkPolicies,
};

/**
 * Runs `npx slipway COMMAND`.
 *
 * @returns the exit code: 0 where all is well, 1 where something is wrong, 2 where the command line
 * is not understood
 */
export async function main(argv: readonly string[]): Promise<number> {
  const [name = "", ...rest] = argv;
  if (["", "help", "--help", "-h"].includes(name)) {
    console.log(overview());
    return name === "" ? 2 : 0;
  }
  if (name === "--version") {
    console.log(version());
    return 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined && !Object.hasOwn(reported, name)) {
    const known = Object.keys({ ...commands, ...reported }).join(", ");
    console.error(`slipway: there is no command ${JSON.stringify(name)}. There are: ${known}.`);
    return 2;
  }
  try {
    if (command === undefined) return await report(name, rest);
    const { values, operands } = parsed(command, rest);
    if (values.help !== true) return await command.run(values, operands);
    console.log(usage(name, command));
    return 0;
  } catch (error) {
    if (error instanceof UsageError && command !== undefined) {
      console.error(`slipway ${name}: ${error.message}\n\n${usage(name, command)}`);
      return 2;
    }
    // What set-up says is all that a user needs.
    if (!(error instanceof Error) || !("hint" in error)) throw error;
    console.error(`slipway: ${error.message}`);
    return 1;
  }
}

/** @throws UsageError */
function parsed(command: Command, args: readonly string[]): { values: Values; operands: string[] } {
  const options = { ...command.options, help: helpOption };
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options,
      allowPositionals: command.operands !== undefined,
    });
    return { values: values as Values, operands: positionals };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function overview(): string {
  const own = Object.entries(commands).map(([name, { summary }]) => [name, summary] as const);
  const lines = [...own, ...Object.entries(reported)].map(
    ([name, summary]) => `  ${name.padEnd(16)}${summary}.`,
  );
  return [
    "Usage: npx slipway COMMAND [OPTIONS]",
    lines.join("\n"),
    "`npx slipway COMMAND --help` has the options of a command. Releases are made by `pulumi up`.",
  ].join("\n\n");
}

function version(): string {
  const { version } = JSON.parse(readFileSync(join(REPOSITORY, "package.json"), "utf8")) as {
    version: string;
  };
  return version;
}
