import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

/** The executable `name` in the first directory of `path` (a PATH value) that has it. */
export function findOnPath(name: string, path: string | undefined): string | undefined {
  for (const directory of (path ?? "").split(delimiter)) {
    if (directory === "") continue;
    const file = join(directory, name);
    if (isExecutable(file)) return file;
  }
  return undefined;
}

/** True if `file` is a regular file (links followed) that this user may execute. */
export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
