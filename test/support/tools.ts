import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * Path of a program that tests run for real: from the folder `SLIPWAY_TOOLS`, else from `PATH`.
 *
 * @throws Error starting with "not executed:" where it is in neither
 */
export function toolPath(name: string): string {
  const folders = [process.env.SLIPWAY_TOOLS, ...(process.env.PATH ?? "").split(delimiter)];
  for (const folder of folders) {
    if (!folder) continue;
    const file = join(folder, name);
    if (isExecutable(file)) return file;
  }
  throw new Error(`not executed: ${name} is neither in $SLIPWAY_TOOLS nor on PATH`);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
