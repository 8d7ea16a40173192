import { execFileSync, spawn } from "node:child_process";
import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { withLock } from "../machine/lock.cjs";
import { identityOf, isSameProcessAlive, type ProcessIdentity } from "../machine/process-identity.cjs";
import { SetupError } from "../machine/setup-error";

const POLL_MS = 25;
/** A log above this is put aside (….log.1) when the daemon starts, in bytes. */
const LOG_LIMIT = 10 * 1024 * 1024;

/** A server of a project that outlives the process that starts it. */
export interface Daemon {
  /** For messages, for example "embedded registry". */
  title: string;
  /** Its folder, with its process id, log and lock. */
  directory: string;
  logFile: string;
  /** A text of its command line, which tells it from another process that got its id. */
  mark: string;
  /** Returns whether it answers, and is not another server in its place. */
  answers(): Promise<boolean>;
}

/** How a daemon is started, and how much patience it gets. */
export interface Launch {
  command: string;
  args: readonly string[];
  env: NodeJS.ProcessEnv;
  timeoutMs: number;
  /** Address that it is to answer at, for messages. */
  address: string;
  /** Advice to the user if it does not start. */
  hint: string;
}

/** Runs `work` while no other process starts or stops the daemon. Its folder has to exist. */
export function alone<T>(daemon: Pick<Daemon, "directory">, work: () => Promise<T>): Promise<T> {
  return withLock(join(daemon.directory, "lock"), { pollMs: POLL_MS }, work);
}

/**
 * Starts the daemon and waits until it answers. It goes on running when this process ends.
 * @throws SetupError if it ends or stays silent, with the end of its log.
 */
export async function launch(daemon: Daemon, how: Launch): Promise<void> {
  const logSize = statSync(daemon.logFile, { throwIfNoEntry: false })?.size ?? 0;
  if (logSize > LOG_LIMIT) renameSync(daemon.logFile, `${daemon.logFile}.1`);
  const log = openSync(daemon.logFile, "a");
  const child = spawn(how.command, how.args, {
    cwd: daemon.directory,
    detached: true,
    stdio: ["ignore", log, log],
    env: how.env,
  });
  closeSync(log);
  let ended: string | undefined;
  child.once("error", (error) => (ended = error.message));
  child.once("exit", (code, signal) => (ended = signal ?? `exit code ${code}`));
  child.unref();
  if (child.pid !== undefined) writeFileSync(pidFile(daemon), JSON.stringify(identityOf(child.pid)));
  const deadline = Date.now() + how.timeoutMs;
  while (!(await daemon.answers())) {
    if (ended !== undefined || Date.now() > deadline) {
      if (ended === undefined) child.kill("SIGKILL");
      rmSync(pidFile(daemon), { force: true });
      throw new SetupError(
        `The ${daemon.title} did not start on ${how.address} (${ended ?? `no answer after ${how.timeoutMs / 1000} s`}). ` +
          `The end of ${daemon.logFile}:\n${tailOf(daemon.logFile)}`,
        how.hint,
      );
    }
    await sleep(POLL_MS);
  }
}

/**
 * Ends the daemon's process and waits until it is gone.
 * @returns whether one ran
 */
export async function end(daemon: Daemon, patienceMs: number): Promise<boolean> {
  const identity = runningProcess(daemon);
  if (identity !== undefined) {
    process.kill(identity.pid, "SIGTERM");
    if (!(await hasEnded(identity, patienceMs))) {
      process.kill(identity.pid, "SIGKILL");
      await hasEnded(identity, patienceMs);
    }
  }
  rmSync(pidFile(daemon), { force: true });
  return identity !== undefined;
}

/** The process that the pid file names, if it is alive and is this daemon. */
export function runningProcess(daemon: Daemon): ProcessIdentity | undefined {
  if (!existsSync(pidFile(daemon))) return undefined;
  let identity: ProcessIdentity;
  try {
    identity = JSON.parse(readFileSync(pidFile(daemon), "utf8")) as ProcessIdentity;
  } catch {
    return undefined;
  }
  if (!isSameProcessAlive(identity)) return undefined;
  return commandLine(identity.pid).includes(daemon.mark) ? identity : undefined;
}

/** When the daemon's process was started, if it runs. */
export function runningSince(daemon: Daemon): Date | undefined {
  if (runningProcess(daemon) === undefined) return undefined;
  return statSync(pidFile(daemon), { throwIfNoEntry: false })?.mtime;
}

/** File with the daemon's process. */
export function pidFile(daemon: Pick<Daemon, "directory">): string {
  return join(daemon.directory, "pid");
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    try {
      return execFileSync("ps", ["-o", "command=", "-ww", "-p", String(pid)], { encoding: "utf8" });
    } catch {
      return "";
    }
  }
}

async function hasEnded(identity: ProcessIdentity, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (isSameProcessAlive(identity)) {
    if (Date.now() > deadline) return false;
    await sleep(POLL_MS);
  }
  return true;
}

function tailOf(file: string): string {
  return readFileSync(file, "utf8").slice(-2000).trimEnd();
}
