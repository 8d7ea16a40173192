import assert from "node:assert/strict";
import { once } from "node:events";
import type { ExampleProject } from "./example-project";

/**
 * Ends an update as a crash does, when it has printed something; the engine is told that it is
 * over.
 */
export async function crash(project: ExampleProject, seen: RegExp): Promise<void> {
  const { child, text } = project.start(["up", "--yes", "--skip-preview", "--stack", project.stack]);
  const ended = once(child, "close");
  const timer = setInterval(() => seen.test(text()) && child.kill("SIGKILL"), 20);
  await ended;
  clearInterval(timer);
  assert.match(text(), seen);
  assert.equal(child.signalCode, "SIGKILL", `the update ended by itself:\n${text()}`);
  await project.succeed(["cancel", "--yes", "--stack", project.stack]);
}
