import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Context } from "mocha";
import { requirement } from "./requirement";

/** Path of a program that tests run for real: from the folder `SLIPWAY_TOOLS`, else from `PATH`. */
export function findTool(name: string): string | undefined {
  const folders = [process.env.SLIPWAY_TOOLS, ...(process.env.PATH ?? "").split(delimiter)];
  return folders
    .filter((folder): folder is string => folder !== undefined && folder !== "")
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

/**
 * The same for a program that has to be there.
 *
 * @throws Error starting with "not executed:" where it is in neither
 */
export function toolPath(name: string): string {
  const file = findTool(name);
  if (file === undefined) throw new Error(`not executed: ${missing(name)}`);
  return file;
}

/**
 * Goes on if all the programs are there; else the test or suite is not executed, and the report
 * says why.
 */
export function requireTools(context: Context, ...names: string[]): void {
  const absent = names.filter((name) => findTool(name) === undefined);
  requirement(context, absent.length === 0, absent.map(missing).join("; "));
}

function missing(name: string): string {
  return `${name} is neither in $SLIPWAY_TOOLS nor on PATH`;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
