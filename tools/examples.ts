import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { REPOSITORY } from "../lib/machine/repository";
import { SetupError } from "../lib/machine/setup-error";

/** The folder of the examples, which share one embedded registry and builder. */
export const EXAMPLES = join(REPOSITORY, "examples");

/** Names of the examples that are projects of their own. */
export function exampleNames(folder = EXAMPLES): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, "Pulumi.yaml")))
    .sort();
}

/** Arguments of the Pulumi CLI that make a run one of an example. */
export function runIn(name: string, folder = EXAMPLES): string[] {
  return ["--cwd", join(folder, name)];
}

/**
 * The arguments of an npm script for the Pulumi CLI: a name of an example at their beginning
 * becomes `--cwd` and its folder.
 * @throws SetupError with the names where there is no such example
 */
export function withExample(args: readonly string[], folder = EXAMPLES): string[] {
  const [name, ...rest] = args;
  if (name === undefined || name.startsWith("-")) return [...args];
  const names = exampleNames(folder);
  if (!names.includes(name)) {
    throw new SetupError(`There is no example "${name}".`, `The examples are: ${names.join(", ")}.`);
  }
  return [...runIn(name, folder), ...rest];
}
