import { existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { privateFolder } from "../machine/private-folder.cjs";
import { randomSecretIn } from "../machine/random-secret";
import { SetupError } from "../machine/setup-error";
import { toolPath } from "../machine/tool-path";
import {
  embeddedAddress,
  isPortTaken,
  moveAddress,
  nextPort,
  portOf,
  recordedAddress,
  registryDirectory,
} from "./address";
import { buildkitDaemon } from "./buildkit-daemon";
import { alone, end, launch, pidFile, runningProcess, runningSince, type Daemon } from "./daemon";
import { embeddedFolder } from "./home";
import { endIdleExit, ensureIdleExit, idleExitMs } from "./idle-exit";
import { guardEnvironment, provesItself, whoAnswers } from "./registry-access";

import { isBeingEnded, noteUse } from "./uses";

export { embeddedAddress } from "./address";

const START_TIMEOUT_MS = 15_000;
const STOP_TIMEOUT_MS = 5_000;
/** Ports that are tried before giving up. */
const PORT_ATTEMPTS = 100;

export interface EnsureRunningOptions {
  /** Told what goes on, one line at a time. */
  onProgress?: (line: string) => void;
  /**
   * The address that the caller has given out already. If the registry has to move to another port,
   * that is an error then, and the next run finds it there.
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
 * Starts the project's embedded registry (CNCF Distribution, data in `.slipway/registry/data`)
 * unless it runs, waits until it answers, and returns its address, `localhost:PORT`. It goes on
 * running when this process ends. Processes that ask at once start it once.
 * @throws SetupError if its port is taken by another server and something was already published
 * under it, if it ends or stays silent after its start, or if its program cannot be built.
 */
export async function ensureRunning(projectDir: string, options: EnsureRunningOptions = {}): Promise<string> {
  const recorded = recordedAddress(projectDir);
  noteUse(projectDir);
  if (
    recorded !== undefined &&
    (await provesItself(projectDir, portOf(recorded))) &&
    !isBeingEnded(projectDir)
  )
    return recorded;
  idleExitMs(process.env);
  const directory = registryDirectory(projectDir);
  privateFolder(embeddedFolder(projectDir));
  mkdirSync(directory, { recursive: true });
  const binary = await toolPath("registry", options);
  return alone({ directory }, async () => {
    await endUnproven(projectDir, options);
    const host = await freeAddress(projectDir);
    if (options.expected !== undefined && options.expected !== host) {
      throw new SetupError(
        `Another server listens at ${options.expected}, so the embedded registry of this ` +
          `project moved to ${host}.`,
        "Run the same command again; it uses the new address.",
      );
    }
    if (await provesItself(projectDir, portOf(host))) return host;
    await start(projectDir, binary, host);
    ensureIdleExit(projectDir);
    options.onProgress?.(`the embedded registry answers at ${host}`);
    return host;
  });
}

/**
 * One that an older version has started does not prove itself, and lets everybody write: it is
 * started anew.
 */
async function endUnproven(projectDir: string, options: EnsureRunningOptions): Promise<void> {
  const daemon = daemonOf(projectDir);
  const host = recordedAddress(projectDir);
  if (host === undefined || runningProcess(daemon) === undefined) return;
  // One that is busy and says nothing is not an older one.
  if ((await whoAnswers(projectDir, portOf(host))) !== "other") return;
  options.onProgress?.(
    "the embedded registry of an earlier start does not prove its identity; starting a new one",
  );
  await end(daemon, STOP_TIMEOUT_MS);
}

/**
 * Stops the project's registry and waits until its process is gone; its data stays. Returns false
 * if it did not run.
 * @throws SetupError if it answers but is not a process that was started from here.
 */
export async function stop(projectDir: string): Promise<boolean> {
  const directory = registryDirectory(projectDir);
  if (!existsSync(directory)) return false;
  return alone({ directory }, async () => {
    const daemon = daemonOf(projectDir);
    if (await end(daemon, STOP_TIMEOUT_MS)) {
      if (!runningProcess(buildkitDaemon(projectDir))) endIdleExit(projectDir);
      return true;
    }
    const host = recordedAddress(projectDir);
    if (host !== undefined && (await daemon.answers())) {
      throw new SetupError(
        `The embedded registry answers at ${host}, but ${pidFile(daemon)} does not name its process.`,
        `Find it with \`ss -ltnp 'sport = :${portOf(host)}'\` (macOS: \`lsof -i ` +
          `:${portOf(host)}\`) and end it.`,
      );
    }
    return false;
  });
}

/** Returns when the project's registry was started; undefined where it is no process now. */
export function registryStart(projectDir: string): Date | undefined {
  return runningSince(daemonOf(projectDir));
}

/** Returns how the project's registry is. Starts nothing. */
export async function status(projectDir: string): Promise<RegistryStatus> {
  const daemon = daemonOf(projectDir);
  return {
    host: recordedAddress(projectDir),
    running: await daemon.answers(),
    pid: runningProcess(daemon)?.pid,
    logFile: daemon.logFile,
  };
}

/**
 * The recorded address; another one if a foreign server has its port and nothing was published
 * under it yet.
 */
async function freeAddress(projectDir: string): Promise<string> {
  let host = embeddedAddress(projectDir);
  if ((await provesItself(projectDir, portOf(host))) || !(await isPortTaken(portOf(host)))) return host;
  if (hasPublished(projectDir)) {
    throw new SetupError(
      `Another server listens on port ${portOf(host)}, which is the port of this project's ` +
        `embedded registry. References to ${host} were published already, so the registry does ` +
        "not move to another port by itself.",
      `Stop the other server (\`ss -ltnp 'sport = :${portOf(host)}'\`, macOS: \`lsof -i ` +
        `:${portOf(host)}\`), or start from nothing: \`npx slipway clean\`.`,
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

function daemonOf(projectDir: string): Daemon {
  const directory = registryDirectory(projectDir);
  return {
    title: "embedded registry",
    directory,
    logFile: join(directory, "registry.log"),
    mark: join(directory, "config.yml"),
    answers: async () => {
      const host = recordedAddress(projectDir);
      return host !== undefined && (await provesItself(projectDir, portOf(host)));
    },
  };
}

function start(projectDir: string, binary: string, host: string): Promise<void> {
  const daemon = daemonOf(projectDir);
  // It holds a secret, and an older one may be there that others can read.
  writeFileSync(`${daemon.mark}.${process.pid}`, configuration(projectDir, portOf(host)), { mode: 0o600 });
  renameSync(`${daemon.mark}.${process.pid}`, daemon.mark);
  return launch(daemon, {
    command: binary,
    args: ["serve", daemon.mark],
    // Not the user's environment: REGISTRY_… variables change the registry's configuration, and
    // among them is REGISTRY_AUTH_FILE, which is set on many machines for other tools. OTEL:
    // without it each request is reported to a collector that does not exist.
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      OTEL_TRACES_EXPORTER: "none",
      ...guardEnvironment(projectDir),
    },
    timeoutMs: START_TIMEOUT_MS,
    address: host,
    hint:
      `If port ${portOf(host)} is in use: end the other server. If a file is damaged: ` +
      "`npx slipway clean` starts from nothing.",
  });
}

/**
 * The registry's configuration (distribution.github.io/distribution/about/configuration), as JSON,
 * which is YAML.
 */
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
      },
    },
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

function hasPublished(projectDir: string): boolean {
  const repositories = join(registryDirectory(projectDir), "data/docker/registry/v2/repositories");
  return existsSync(repositories) && readdirSync(repositories).length > 0;
}
