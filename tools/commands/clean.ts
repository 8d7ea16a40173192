import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";

import { removeBuilder } from "../../lib/embedded/builder";
import { embeddedHome } from "../../lib/embedded/home";
import { stop as stopRegistry } from "../../lib/embedded/registry";
import { cacheDirectory } from "../../lib/machine/cache-directory.cjs";
import { EXAMPLES, exampleNames, withExample } from "../examples";
import { privateDirectory, projectOf } from "../project";
import { REPOSITORY } from "../../lib/machine/repository";

/**
 * `npm run clean`: stops the embedded registry and builder and removes what was made here, by the
 * examples too; with `--cache`, the tools too. `npm run clean -- NAME` removes the state of one
 * example: what it published is in the registry that all examples share.
 */
export async function clean(given: readonly string[]): Promise<void> {
  const args = withExample(given);
  const { directory } = projectOf(args, process.cwd());
  const home = embeddedHome(directory);
  if (home === directory) await cleanHome(directory);
  else {
    remove(privateDirectory(directory), "the dev stack's state");
    console.log(
      `The embedded registry in ${home} stays, with what was published to it: other projects share it.`,
    );
  }
  if (directory === REPOSITORY) await cleanExamples();
  if (home !== EXAMPLES) {
    if (directory !== REPOSITORY) remove(privateDirectory(REPOSITORY), "this repository's private files");
    remove(join(REPOSITORY, "dist"), "bundles");
  }
  if (args.includes("--cache"))
    remove(cacheDirectory(), "built tools and compiled code, shared by all projects of this user");
}

async function cleanExamples(): Promise<void> {
  for (const name of exampleNames()) {
    const directory = join(EXAMPLES, name);
    if (!existsSync(privateDirectory(directory))) continue;
    remove(privateDirectory(directory), `state of the example ${name}`);
  }
  if (existsSync(privateDirectory(EXAMPLES))) await cleanHome(EXAMPLES);
}

async function cleanHome(home: string): Promise<void> {
  if (await removeBuilder(home)) console.log("removed the embedded builder and its cache");
  if (await stopRegistry(home)) console.log("stopped the embedded registry");
  remove(
    privateDirectory(home),
    "the dev stack's state, and all that was published to the embedded registry",
  );
}

function remove(path: string, what: string): void {
  if (!existsSync(path)) {
    console.log(`nothing to remove at ${path}`);
    return;
  }
  rmSync(path, { recursive: true, force: true });
  console.log(`removed ${path} (${what})`);
}
