import { existsSync } from "node:fs";
import { join } from "node:path";

import { cleanEmbedded, remove } from "../../cli/embedded";
import { embeddedHome } from "../../lib/embedded/home";
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
  if (home === directory) await cleanEmbedded(directory);
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
  if (existsSync(privateDirectory(EXAMPLES))) await cleanEmbedded(EXAMPLES);
}
