import { existsSync, rmSync } from "node:fs";

import { removeBuilder, stopBuilder } from "../lib/embedded/builder";
import { embeddedFolder, embeddedHome } from "../lib/embedded/home";
import { stop as stopRegistry } from "../lib/embedded/registry";

/**
 * Stops the embedded registry and builder of a home; their data stays.
 *
 * @param whose in messages, e.g. ` of the examples`
 * @returns how many were stopped
 */
export async function stopEmbedded(home: string, whose = ""): Promise<number> {
  let stopped = 0;
  if (await stopBuilder(home)) {
    console.log(`The embedded builder${whose} is stopped; its cache stays.`);
    stopped++;
  }
  if (await stopRegistry(home)) {
    console.log(`The embedded registry${whose} is stopped; its data stays.`);
    stopped++;
  }
  return stopped;
}

/** Stops the embedded registry and builder of a home, and removes all that is kept there. */
export async function cleanEmbedded(home: string): Promise<void> {
  if (await removeBuilder(home)) console.log("removed the embedded builder and its cache");
  if (await stopRegistry(home)) console.log("stopped the embedded registry");
  remove(embeddedFolder(home), "the dev stack's state, and all that was published to the embedded registry");
}

/** Returns whether other projects share the embedded registry of a project. */
export function sharesHome(project: string): boolean {
  return embeddedHome(project) !== project;
}

/** Removes a folder, and says so. */
export function remove(path: string, what: string): void {
  if (!existsSync(path)) {
    console.log(`nothing to remove at ${path}`);
    return;
  }
  rmSync(path, { recursive: true, force: true });
  console.log(`removed ${path} (${what})`);
}
