import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";

import { stop as stopRegistry } from "../../embedded/registry";
import { cacheDirectory } from "../cache-directory";
import { privateDirectory, projectOf } from "../project";
import { REPOSITORY } from "../repository";
import { withdrawSalts } from "../stack-file";

/** `npm run clean`: stops the embedded registry and removes what was made here; with `--cache`, the tools too. */
export async function clean(args: readonly string[]): Promise<void> {
  const project = projectOf(args, process.cwd());
  if (await stopRegistry(project.directory)) console.log("stopped the embedded registry");
  await withdrawSalts(project);
  const own = privateDirectory(project.directory);
  remove(own, "the dev stack's state, its passphrase, and all that was published to the embedded registry");
  if (privateDirectory(REPOSITORY) !== own)
    remove(privateDirectory(REPOSITORY), "this repository's private files");
  remove(join(REPOSITORY, "dist"), "bundles");
  if (args.includes("--cache")) remove(cacheDirectory(), "built tools, shared by all projects of this user");
}

function remove(path: string, what: string): void {
  if (!existsSync(path)) {
    console.log(`nothing to remove at ${path}`);
    return;
  }
  rmSync(path, { recursive: true, force: true });
  console.log(`removed ${path} (${what})`);
}
