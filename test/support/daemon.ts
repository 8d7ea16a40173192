import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Context } from "mocha";
import { mayMount, unmountBelow } from "../../lib/machine/mounts";
import { atExit } from "./processes";
import { requirement } from "./requirement";
import { toolPath } from "./tools";

/** Time that a daemon has to start, and again to end, in milliseconds. */
const patienceMs = 60_000;

/**
 * Starts a daemon that runs containers, and waits until it is ready.
 *
 * @param folder where it keeps all that it has
 * @returns a function that ends it and removes the folder
 * @throws with what it printed last where it does not become ready
 */
export async function startDaemon(
  program: string,
  args: readonly string[],
  folder: string,
  isReady: () => Promise<boolean>,
): Promise<() => Promise<void>> {
  const child = spawn(toolPath(program), args, { stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (printed = (printed + text).slice(-100_000)));
  }
  const remove = () => {
    unmountBelow(folder);
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  const callOff = atExit(() => {
    child.kill("SIGKILL");
    remove();
  });
  const ended = once(child, "close");
  const stop = async () => {
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), patienceMs);
    await ended;
    clearTimeout(timer);
    remove();
    callOff();
  };
  const deadline = Date.now() + patienceMs;
  while (!(await isReady())) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`${program} did not start:\n${printed.trim().split("\n").slice(-10).join("\n")}`);
    }
    await sleep(100);
  }
  return stop;
}

/** Goes on where root is allowed what it is on a machine of its own. */
export function requireMounts(context: Context): void {
  requirement(
    context,
    mayMount(),
    "needs the right to mount (CAP_SYS_ADMIN), which this container does not give",
  );
}
