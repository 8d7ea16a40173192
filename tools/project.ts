import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

import { SetupError } from "../lib/machine/setup-error";

/**
 * A Pulumi project: the directory with a Pulumi.yaml, and what set-up needs to know of that file.
 */
export interface Project {
  directory: string;
  name: string;
  /** True if Pulumi.yaml itself says which backend keeps the state. */
  namesBackend: boolean;
}

/**
 * A project's files that are not part of its checkout: state, passphrase, the embedded registry.
 */
export function privateDirectory(projectDirectory: string): string {
  return join(projectDirectory, ".slipway");
}

/**
 * The project that a CLI run with these arguments is about: Pulumi.yaml in the directory that `-C`
 * or `--cwd` names, or in the working directory, or in the nearest one above.
 * @throws SetupError if there is none.
 */
export function projectOf(args: readonly string[], workingDirectory: string): Project {
  const start = resolve(workingDirectory, optionValue(args, ["-C", "--cwd"]) ?? ".");
  for (let directory = start; ; directory = dirname(directory)) {
    const file = ["Pulumi.yaml", "Pulumi.yml"].map((name) => join(directory, name)).find(existsSync);
    if (file !== undefined) return readProject(directory, file);
    if (dirname(directory) === directory) break;
  }
  throw new SetupError(
    `There is no Pulumi.yaml in ${start} or above it.`,
    "Run the command in a project's directory, or name one: --cwd DIRECTORY.",
  );
}

/**
 * The value of an option given as `--name value`, `--name=value` or `-n value`; the last one
 * counts.
 */
export function optionValue(args: readonly string[], names: readonly string[]): string | undefined {
  let value: string | undefined;
  for (const [i, arg] of args.entries()) {
    if (arg === "--") break;
    for (const name of names) {
      if (arg === name) value = args[i + 1];
      else if (name.startsWith("--") && arg.startsWith(`${name}=`)) value = arg.slice(name.length + 1);
    }
  }
  return value;
}

function readProject(directory: string, file: string): Project {
  const text = readFileSync(file, "utf8");
  const name = /^name:\s*["']?([^\s"'#]+)/m.exec(text)?.[1];
  if (name === undefined) {
    throw new SetupError(`${file} has no \`name\`.`, "Add one at its top, for example `name: hello`.");
  }
  return { directory, name, namesBackend: /^backend:/m.test(text) };
}
