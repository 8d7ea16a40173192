import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

import { SetupError } from "../lib/machine/setup-error";

/** Marks of a project: Pulumi's file, and what Slipway keeps. */
const marks = ["Pulumi.yaml", "Pulumi.yml", ".slipway"];

/**
 * Returns the folder of a project: the nearest one, from a folder upwards.
 *
 * @throws SetupError if there is none
 */
export function projectFolder(given: unknown): string {
  const start = resolve(typeof given === "string" ? given : ".");
  for (let directory = start; ; directory = dirname(directory)) {
    if (marks.some((mark) => existsSync(join(directory, mark)))) return directory;
    if (dirname(directory) === directory) break;
  }
  throw new SetupError(
    `There is no project in ${start} or above it: no Pulumi.yaml, and no .slipway folder.`,
    "Run the command in a project's folder, or name one: -C DIRECTORY.",
  );
}
