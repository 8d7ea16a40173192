import { parseArgs } from "node:util";

import { helpOption, usage, UsageError, type Command, type Values } from "./command";

/**
 * Runs a command with its options.
 *
 * @returns the exit code: the command's, or 2 where the command line is not understood
 */
export async function runCommand(name: string, command: Command, args: readonly string[]): Promise<number> {
  try {
    const { values, operands } = parsed(command, args);
    if (values.help !== true) return await command.run(values, operands);
    console.log(usage(name, command));
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`slipway ${name}: ${error.message}\n\n${usage(name, command)}`);
    return 2;
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
