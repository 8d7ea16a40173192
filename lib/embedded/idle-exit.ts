import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { identityOf, isSameProcessAlive, type ProcessIdentity } from "../machine/process-identity.cjs";
import { REPOSITORY } from "../machine/repository";
import { SetupError } from "../machine/setup-error";
import { embeddedFolder, embeddedHome } from "./home";

/** Minutes after which what nobody uses is ended. */
const DEFAULT_MINUTES = 30;

/** Variables that the process needs which ends others: it asks the registry whether it is the one. */
const PASSED_ON = ["PATH", "HOME"];

/**
 * Milliseconds after which the embedded registry and builder end where nobody uses them, as
 * SLIPWAY_IDLE_EXIT says in minutes; undefined for never, which is 0.
 *
 * @throws SetupError where it says something else
 */
export function idleExitMs(env: NodeJS.ProcessEnv): number | undefined {
  const text = env.SLIPWAY_IDLE_EXIT ?? "";
  const minutes = text === "" ? DEFAULT_MINUTES : Number(text);
  if (!Number.isFinite(minutes) || minutes < 0) {
    throw new SetupError(
      `SLIPWAY_IDLE_EXIT is ${JSON.stringify(text)}, which is no number of minutes.`,
      "Say after how many minutes the embedded registry and builder end where nobody uses them, e.g. 30; 0 for never.",
    );
  }
  return minutes === 0 ? undefined : minutes * 60_000;
}

/**
 * Makes sure that a process of its own ends what is embedded in a folder once nobody uses it: what
 * runs there outlives the one that started it.
 */
export function ensureIdleExit(projectDir: string, env: NodeJS.ProcessEnv = process.env): void {
  const idleMs = idleExitMs(env);
  const script = join(REPOSITORY, "dist", "idle-exit.js");
  if (idleMs === undefined || !existsSync(script)) return;
  const running = idleExitProcess(projectDir);
  if (running !== undefined) {
    if (running.idleMs === idleMs) return;
    process.kill(running.pid, "SIGTERM");
  }
  const home = embeddedHome(projectDir);
  const child = spawn(process.execPath, [script, home, String(idleMs)], {
    cwd: "/",
    detached: true,
    stdio: "ignore",
    env: Object.fromEntries(PASSED_ON.map((name) => [name, env[name]])),
  });
  child.once("error", () => undefined);
  child.unref();
  if (child.pid === undefined) return;
  writeFileSync(recordFile(home), JSON.stringify({ ...identityOf(child.pid), idleMs }));
}

/** The process that ends what is embedded in a folder once nobody uses it, if there is one. */
export function idleExitProcess(projectDir: string): (ProcessIdentity & { idleMs: number }) | undefined {
  try {
    const record = JSON.parse(readFileSync(recordFile(projectDir), "utf8")) as ProcessIdentity & {
      idleMs: number;
    };
    return isSameProcessAlive(record) ? record : undefined;
  } catch {
    return undefined;
  }
}

/** Ends that process, where nothing is left that it would end. */
export function endIdleExit(projectDir: string): void {
  const running = idleExitProcess(projectDir);
  if (running !== undefined && running.pid !== process.pid) process.kill(running.pid, "SIGTERM");
  rmSync(recordFile(projectDir), { force: true });
}

function recordFile(projectDir: string): string {
  return join(embeddedFolder(projectDir), "idle-exit.json");
}
