import { stop as stopRegistry } from "../../embedded/registry";
import { projectOf } from "../project";

/** `npm stop`: stops the embedded registry. Its data stays. */
export async function stop(args: readonly string[]): Promise<void> {
  const project = projectOf(args, process.cwd());
  const stopped = await stopRegistry(project.directory);
  console.log(
    stopped ? "The embedded registry is stopped; its data stays." : "The embedded registry is not running.",
  );
}
