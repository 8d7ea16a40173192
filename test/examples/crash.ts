import assert from "node:assert/strict";
import type { ExampleProject } from "./example-project";

/** Ends an update as a crash does, when it has printed something; the engine is told that it is over. */
export async function crash(project: ExampleProject, seen: RegExp): Promise<void> {
  const { child, text } = project.start(["up", "--yes", "--skip-preview", "--stack", project.stack]);
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const timer = setInterval(() => seen.test(text()) && child.kill("SIGKILL"), 20);
  await ended;
  clearInterval(timer);
  assert.match(text(), seen);
  await project.succeed(["cancel", "--yes", "--stack", project.stack]);
}
