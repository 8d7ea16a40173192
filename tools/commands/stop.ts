import { stopBuilder } from "../../lib/embedded/builder";
import { embeddedHome } from "../../lib/embedded/home";
import { stop as stopRegistry } from "../../lib/embedded/registry";
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
  for (const home of homes) {
    const whose = home === EXAMPLES ? " of the examples" : "";
    if (await stopBuilder(home)) {
      console.log(`The embedded builder${whose} is stopped; its cache stays.`);
      stopped++;
    }
    if (await stopRegistry(home)) {
      console.log(`The embedded registry${whose} is stopped; its data stays.`);
      stopped++;
    }
  }
  if (stopped === 0) console.log("The embedded registry is not running.");
}
