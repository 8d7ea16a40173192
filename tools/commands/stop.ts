import { stopEmbedded } from "../../cli/embedded";
import { embeddedHome } from "../../lib/embedded/home";
import { EXAMPLES, withExample } from "../examples";
import { projectOf } from "../project";
import { REPOSITORY } from "../../lib/machine/repository";

/**
 * `npm stop`: stops the embedded registry and builder, and those of the examples. Their data stays.
 */
export async function stop(given: readonly string[]): Promise<void> {
  const { directory } = projectOf(withExample(given), process.cwd());
  const homes = directory === REPOSITORY ? [directory, EXAMPLES] : [embeddedHome(directory)];
  let stopped = 0;
  for (const home of homes) stopped += await stopEmbedded(home, home === EXAMPLES ? " of the examples" : "");
  if (stopped === 0) console.log("The embedded registry is not running.");
}
