import { execFileSync, spawn } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { get } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { withLock } from "../system/lock.cjs";
import { identityOf, isSameProcessAlive, type ProcessIdentity } from "../system/process-identity.cjs";
import { randomSecretIn } from "../tools/random-secret";
import { SetupError } from "../tools/setup-error";
import { toolPath } from "../tools/tool-path";
import {
  embeddedAddress,
  isPortTaken,
  moveAddress,
  nextPort,
  portOf,
  recordedAddress,
  registryDirectory,
  registryIdentity,
} from "./address";

export { embeddedAddress } from "./address";

/** Response header by which the project's own registry is told from another server on its port. */
const IDENTITY_HEADER = "X-Slipway-Registry";
const START_TIMEOUT_MS = 15_000;
const STOP_TIMEOUT_MS = 5_000;
const POLL_MS = 25;
const ANSWER_TIMEOUT_MS = 2_000;
/** Ports that are tried before giving up. */
const PORT_ATTEMPTS = 100;
/** A log above this is put aside (registry.log.1) when the registry starts, in bytes. */
const LOG_LIMIT = 10 * 1024 * 1024;

export interface EnsureRunningOptions {
  /** Told what goes on, one line at a time. */
  onProgress?: (line: string) => void;
  /**
   * The address that the caller has given out already. If the registry has to move to another port, that is an error
   * then, and the next run finds it there.
   */
  expected?: string;
}

export interface RegistryStatus {
  /** `localhost:PORT`, or undefined if no port was chosen yet. */
  host: string | undefined;
  /** True if this project's registry answers there. */
  running: boolean;
  pid: number | undefined;
  /** Log with the access log (combined format). */
  logFile: string;
}

/**
 * Starts the project's embedded registry (CNCF Distribution, data in `.slipway/registry/data`) unless it runs, waits
 * until it answers, and returns its address, `localhost:PORT`. It goes on running when this process ends. Processes
 * that ask at once start it once.
 * @throws SetupError if its port is taken by another server and something was already published under it, if it ends
 * or stays silent after its start, or if its program cannot be built.
 */
export async function ensureRunning(projectDir: string, options: EnsureRunningOptions = {}): Promise<string> {
  const recorded = recordedAddress(projectDir);
  if (recorded !== undefined && (await answersAsOurs(projectDir, portOf(recorded)))) return recorded;
  const directory = registryDirectory(projectDir);
  mkdirSync(directory, { recursive: true });
  const binary = await toolPath("registry", options);
  return withLock(join(directory, "lock"), { pollMs: POLL_MS }, async () => {
    const host = await freeAddress(projectDir);
    if (options.expected !== undefined && options.expected !== host) {
      throw new SetupError(
        `Another server listens at ${options.expected}, so the embedded registry of this project moved to ${host}.`,
        "Run the same command again; it uses the new address.",
      );
    }
    if (await answersAsOurs(projectDir, portOf(host))) return host;
    await launch(projectDir, binary, host);
    options.onProgress?.(`the embedded registry answers at ${host}`);
    return host;
  });
}

/**
 * Stops the project's registry and waits until its process is gone; its data stays. Returns false if it did not run.
 * @throws SetupError if it answers but is not a process that was started from here.
 */
export async function stop(projectDir: string): Promise<boolean> {
  const directory = registryDirectory(projectDir);
  if (!existsSync(directory)) return false;
  return withLock(join(directory, "lock"), { pollMs: POLL_MS }, async () => {
    const identity = runningProcess(projectDir);
    if (identity === undefined) {
      rmSync(pidFile(projectDir), { force: true });
      const host = recordedAddress(projectDir);
      if (host !== undefined && (await answersAsOurs(projectDir, portOf(host)))) {
        throw new SetupError(
          `The embedded registry answers at ${host}, but ${pidFile(projectDir)} does not name its process.`,
          `Find it with \`ss -ltnp 'sport = :${portOf(host)}'\` (macOS: \`lsof -i :${portOf(host)}\`) and end it.`,
        );
      }
      return false;
    }
    process.kill(identity.pid, "SIGTERM");
    if (!(await hasEnded(identity, STOP_TIMEOUT_MS))) {
      process.kill(identity.pid, "SIGKILL");
      await hasEnded(identity, STOP_TIMEOUT_MS);
    }
    rmSync(pidFile(projectDir), { force: true });
    return true;
  });
}

/** How the project's registry is. Starts nothing. */
export async function status(projectDir: string): Promise<RegistryStatus> {
  const host = recordedAddress(projectDir);
  return {
    host,
    running: host !== undefined && (await answersAsOurs(projectDir, portOf(host))),
    pid: runningProcess(projectDir)?.pid,
    logFile: logFile(projectDir),
  };
}

/** The recorded address; another one if a foreign server has its port and nothing was published under it yet. */
async function freeAddress(projectDir: string): Promise<string> {
  let host = embeddedAddress(projectDir);
  if ((await answersAsOurs(projectDir, portOf(host))) || !(await isPortTaken(portOf(host)))) return host;
  if (hasPublished(projectDir)) {
    throw new SetupError(
      `Another server listens on port ${portOf(host)}, which is the port of this project's embedded registry. ` +
        `References to ${host} were published already, so the registry does not move to another port by itself.`,
      `Stop the other server (\`ss -ltnp 'sport = :${portOf(host)}'\`, macOS: \`lsof -i :${portOf(host)}\`), ` +
        "or start from nothing: npm run clean.",
    );
  }
  let port = portOf(host);
  for (let attempt = 0; attempt < PORT_ATTEMPTS; attempt++) {
    port = nextPort(port);
    if (await isPortTaken(port)) continue;
    host = moveAddress(projectDir, port);
    return host;
  }
  throw new SetupError(
    `None of the ${PORT_ATTEMPTS} ports after ${portOf(host)} is free for the embedded registry.`,
    "End some of the servers that listen there.",
  );
}

async function launch(projectDir: string, binary: string, host: string): Promise<void> {
  const directory = registryDirectory(projectDir);
  const config = join(directory, "config.yml");
  writeFileSync(config, configuration(projectDir, portOf(host)));
  const logSize = statSync(logFile(projectDir), { throwIfNoEntry: false })?.size ?? 0;
  if (logSize > LOG_LIMIT) renameSync(logFile(projectDir), `${logFile(projectDir)}.1`);
  const log = openSync(logFile(projectDir), "a");
  const child = spawn(binary, ["serve", config], {
    cwd: directory,
    detached: true,
    stdio: ["ignore", log, log],
    // Not the user's environment: REGISTRY_… variables change the registry's configuration, and among them is
    // REGISTRY_AUTH_FILE, which is set on many machines for other tools. OTEL: without it each request is reported
    // to a collector that does not exist.
    env: { PATH: process.env.PATH, HOME: process.env.HOME, OTEL_TRACES_EXPORTER: "none" },
  });
  closeSync(log);
  let ended: string | undefined;
  child.once("error", (error) => (ended = error.message));
  child.once("exit", (code, signal) => (ended = signal ?? `exit code ${code}`));
  child.unref();
  if (child.pid !== undefined) writeFileSync(pidFile(projectDir), JSON.stringify(identityOf(child.pid)));
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await answersAsOurs(projectDir, portOf(host)))) {
    if (ended !== undefined || Date.now() > deadline) {
      if (ended === undefined) child.kill("SIGKILL");
      rmSync(pidFile(projectDir), { force: true });
      throw new SetupError(
        `The embedded registry did not start on ${host} (${ended ?? `no answer after ${START_TIMEOUT_MS / 1000} s`}). ` +
          `The end of ${logFile(projectDir)}:\n${tailOf(logFile(projectDir))}`,
        "If the port is in use: end the other server. If a file is damaged: npm run clean starts from nothing.",
      );
    }
    await sleep(POLL_MS);
  }
}

/** The registry's configuration (distribution.github.io/distribution/about/configuration), as JSON, which is YAML. */
function configuration(projectDir: string, port: number): string {
  const directory = registryDirectory(projectDir);
  const config = {
    version: "0.1",
    log: { level: "info", formatter: "text", accesslog: { disabled: false } },
    storage: {
      filesystem: { rootdirectory: join(directory, "data") },
      delete: { enabled: true },
    },
    http: {
      addr: `127.0.0.1:${port}`,
      // Signs the state of unfinished uploads; kept, so that an upload can go on after a restart.
      secret: randomSecretIn(join(directory, "upload-secret")),
      headers: {
        "X-Content-Type-Options": ["nosniff"],
        [IDENTITY_HEADER]: [registryIdentity(projectDir)],
      },
    },
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

function answersAsOurs(projectDir: string, port: number): Promise<boolean> {
  const identity = registryIdentity(projectDir);
  return new Promise((resolve) => {
    const request = get(
      { host: "127.0.0.1", port, path: "/v2/", agent: false, timeout: ANSWER_TIMEOUT_MS },
      (response) => {
        response.resume();
        resolve(response.statusCode === 200 && response.headers[IDENTITY_HEADER.toLowerCase()] === identity);
      },
    );
    request.once("timeout", () => request.destroy());
    request.once("error", () => resolve(false));
    request.once("close", () => resolve(false));
  });
}

/** The process that the pid file names, if it is alive and is this project's registry. */
function runningProcess(projectDir: string): ProcessIdentity | undefined {
  let identity: ProcessIdentity;
  try {
    identity = JSON.parse(readFileSync(pidFile(projectDir), "utf8")) as ProcessIdentity;
  } catch {
    return undefined;
  }
  if (!isSameProcessAlive(identity)) return undefined;
  return commandLine(identity.pid).includes(join(registryDirectory(projectDir), "config.yml"))
    ? identity
    : undefined;
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

function hasPublished(projectDir: string): boolean {
  const repositories = join(registryDirectory(projectDir), "data/docker/registry/v2/repositories");
  return existsSync(repositories) && readdirSync(repositories).length > 0;
}

function tailOf(file: string): string {
  return readFileSync(file, "utf8").slice(-2000).trimEnd();
}

function logFile(projectDir: string): string {
  return join(registryDirectory(projectDir), "registry.log");
}

function pidFile(projectDir: string): string {
  return join(registryDirectory(projectDir), "pid");
}
