import { EngineProject } from "../test/support/engine";
import type { Contestant } from "./contest";

/** Seconds that something takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - start) / 1e9;
}

/**
 * What the engine costs by itself: a JavaScript program that declares nothing.
 *
 * @param work what is done with it; default a preview
 */
export async function emptyProgram(
  work: (project: EngineProject) => Promise<unknown> = (project) =>
    project.succeed(["preview", "--stack", "dev", "--expect-no-changes"]),
): Promise<{ contestant: Contestant; close: () => Promise<void> }> {
  const project = await EngineProject.create({ program: "" });
  await project.write({
    "Pulumi.yaml":
      "name: test\nruntime:\n  name: nodejs\n  options:\n    typescript: false\nmain: index.js\n",
    "index.js": "",
  });
  await project.up();
  return {
    contestant: {
      name: "empty program",
      run: () => timed(() => work(project)),
    },
    close: () => project.remove(),
  };
}
