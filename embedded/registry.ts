import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { join } from "node:path";

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
import { alone, end, launch, pidFile, runningProcess, type Daemon } from "./daemon";

export { embeddedAddress } from "./address";

/** Response header by which the project's own registry is told from another server on its port. */
const IDENTITY_HEADER = "X-Slipway-Registry";
const START_TIMEOUT_MS = 15_000;
const STOP_TIMEOUT_MS = 5_000;
const ANSWER_TIMEOUT_MS = 2_000;
/** Ports that are tried before giving up. */
const PORT_ATTEMPTS = 100;

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
  return alone({ directory }, async () => {
    const host = await freeAddress(projectDir);
    if (options.expected !== undefined && options.expected !== host) {
      throw new SetupError(
        `Another server listens at ${options.expected}, so the embedded registry of this project moved to ${host}.`,
        "Run the same command again; it uses the new address.",
      );
    }
    if (await answersAsOurs(projectDir, portOf(host))) return host;
    await start(projectDir, binary, host);
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
  return alone({ directory }, async () => {
    const daemon = daemonOf(projectDir);
    if (await end(daemon, STOP_TIMEOUT_MS)) return true;
    const host = recordedAddress(projectDir);
    if (host !== undefined && (await daemon.answers())) {
      throw new SetupError(
        `The embedded registry answers at ${host}, but ${pidFile(daemon)} does not name its process.`,
        `Find it with \`ss -ltnp 'sport = :${portOf(host)}'\` (macOS: \`lsof -i :${portOf(host)}\`) and end it.`,
      );
    }
    return false;
  });
}

/** How the project's registry is. Starts nothing. */
export async function status(projectDir: string): Promise<RegistryStatus> {
  const daemon = daemonOf(projectDir);
  return {
    host: recordedAddress(projectDir),
    running: await daemon.answers(),
    pid: runningProcess(daemon)?.pid,
    logFile: daemon.logFile,
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

function daemonOf(projectDir: string): Daemon {
  const directory = registryDirectory(projectDir);
  return {
    title: "embedded registry",
    directory,
    logFile: join(directory, "registry.log"),
    mark: join(directory, "config.yml"),
    answers: async () => {
      const host = recordedAddress(projectDir);
      return host !== undefined && (await answersAsOurs(projectDir, portOf(host)));
    },
  };
}

function start(projectDir: string, binary: string, host: string): Promise<void> {
  const daemon = daemonOf(projectDir);
  writeFileSync(daemon.mark, configuration(projectDir, portOf(host)));
  return launch(daemon, {
    command: binary,
    args: ["serve", daemon.mark],
    // Not the user's environment: REGISTRY_… variables change the registry's configuration, and among them is
    // REGISTRY_AUTH_FILE, which is set on many machines for other tools. OTEL: without it each request is reported
    // to a collector that does not exist.
    env: { PATH: process.env.PATH, HOME: process.env.HOME, OTEL_TRACES_EXPORTER: "none" },
    timeoutMs: START_TIMEOUT_MS,
    address: host,
    hint: `If port ${portOf(host)} is in use: end the other server. If a file is damaged: npm run clean starts from nothing.`,
  });
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

function hasPublished(projectDir: string): boolean {
  const repositories = join(registryDirectory(projectDir), "data/docker/registry/v2/repositories");
  return existsSync(repositories) && readdirSync(repositories).length > 0;
}
