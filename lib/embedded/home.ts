import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/** Marks a folder whose projects share one embedded registry and one embedded builder. */
export const SHARED_MARKER = ".slipway-shared";

/**
 * The private folder of a project's embedded registry and builder, which other users cannot look
 * into.
 */
export function embeddedFolder(projectDir: string): string {
  return join(embeddedHome(projectDir), ".slipway");
}

/**
 * The folder whose `.slipway` has a project's embedded registry and builder: the nearest one, from
 * the project's own upwards, that has a file `.slipway-shared`, else the project's.
 */
export function embeddedHome(projectDir: string): string {
  const own = resolve(projectDir);
  for (let directory = own; ; directory = dirname(directory)) {
    if (existsSync(join(directory, SHARED_MARKER))) return directory;
    if (dirname(directory) === directory) return own;
  }
}
