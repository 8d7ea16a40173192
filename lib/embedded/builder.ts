import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";

import { knownBuilder } from "../buildkit/builder-endpoint";
import { unmountBelow } from "../machine/mounts";
import { privateFolder } from "../machine/private-folder.cjs";
import type { GoBuildOptions } from "../machine/go-build";
import { SetupError } from "../machine/setup-error";
import { embeddedAddress } from "./address";
import { builderDirectory, embeddedBuilderName } from "./builder-name";
import { buildkitDaemon, configurationFile, hindrance, startBuildkit } from "./buildkit-daemon";
import { dockerBuildx, pinnedBuildx, runBuildx, type Buildx } from "../buildkit/buildx";
import { alone, end, runningProcess, runningSince } from "./daemon";
import { endIdleExit, ensureIdleExit, idleExitMs } from "./idle-exit";
import { registryStart } from "./registry";
import { isBeingEnded, noteUse } from "./uses";
import { embeddedFolder } from "./home";

/** Builds that were asked for are cancelled and their containers ended. */
const STOP_TIMEOUT_MS = 20_000;

/** How a project's embedded builder is. */
export interface BuilderStatus {
  /** Its name in buildx. */
  name: string;
  /**
   * `docker`: a container of the machine's Docker. `buildkitd`: a daemon of the project. Undefined:
   * there is none yet.
   */
  kind: "docker" | "buildkitd" | undefined;
  /** Whether the daemon answers; Docker starts its containers itself when they are needed. */
  running: boolean;
  pid: number | undefined;
  logFile: string;
}

/**
 * Makes sure that the project's embedded builder is there and known to buildx, and returns its
 * name: a container of the machine's Docker where that has buildx and answers, else a BuildKit
 * daemon in `.slipway/builder`, which goes on running when this process ends. Processes that ask at
 * once start it once.
 * @throws SetupError where the machine can have neither, saying what to install, or where it does
 * not start.
 */
export async function ensureBuilder(projectDir: string, options: GoBuildOptions = {}): Promise<string> {
  const env = options.env ?? process.env;
  const name = embeddedBuilderName(projectDir);
  noteUse(projectDir);
  if ((await isReady(projectDir, env)) && !isBeingEnded(projectDir)) return name;
  idleExitMs(env);
  const directory = builderDirectory(projectDir);
  privateFolder(embeddedFolder(projectDir));
  mkdirSync(directory, { recursive: true });
  return alone({ directory }, async () => {
    if (await isReady(projectDir, env)) return name;
    const docker = await dockerBuildx(env);
    const why = docker === undefined ? hindrance(env) : undefined;
    if (why !== undefined) throw noBuilder(why);
    const isNew = writeConfiguration(projectDir);
    if (docker !== undefined) await createContainer(projectDir, docker, env);
    else await startDaemon(projectDir, isNew, options);
    options.onProgress?.(
      docker === undefined
        ? `the embedded builder ${name} answers at ${buildkitDaemon(projectDir).endpoint}`
        : `the embedded builder ${name} is a container of this machine's Docker`,
    );
    return name;
  });
}

/**
 * Makes sure that the project's builder is there or could be, and starts nothing.
 * @throws SetupError where the machine can have none, saying what to install
 */
export async function requireBuilderPossible(
  projectDir: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  if (await isReady(projectDir, env)) return;
  const why = (await dockerBuildx(env)) === undefined ? hindrance(env) : undefined;
  if (why !== undefined) throw noBuilder(why);
}

/**
 * Stops the project's builder and waits until it is gone; its cache stays. Returns false if it did
 * not run.
 */
export async function stopBuilder(
  projectDir: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<boolean> {
  const directory = builderDirectory(projectDir);
  if (!existsSync(directory)) return false;
  return alone({ directory }, async () => {
    if (await endBuildkit(projectDir)) return true;
    const name = embeddedBuilderName(projectDir);
    const docker = await dockerOf(name, env);
    if (docker === undefined) return false;
    await runBuildx(docker, ["stop", name], env);
    return true;
  });
}

/** Returns when the project's own BuildKit was started; undefined where it is no process now. */
export function buildkitStart(projectDir: string): Date | undefined {
  return runningSince(buildkitDaemon(projectDir));
}

/** Address that the project's own BuildKit answers at. */
export function buildkitEndpoint(projectDir: string): string {
  return buildkitDaemon(projectDir).endpoint;
}

/** Ends the project's own BuildKit, where it runs; a container of Docker is Docker's. */
export async function stopBuildkit(projectDir: string): Promise<void> {
  const directory = builderDirectory(projectDir);
  if (existsSync(directory)) await alone({ directory }, () => endBuildkit(projectDir));
}

async function endBuildkit(projectDir: string): Promise<boolean> {
  const ended = await end(buildkitDaemon(projectDir), STOP_TIMEOUT_MS);
  if (ended && registryStart(projectDir) === undefined) endIdleExit(projectDir);
  return ended;
}

/**
 * Removes the builder with its cache, and what buildx knows of it. Returns false if there was none.
 */
export async function removeBuilder(
  projectDir: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<boolean> {
  const directory = builderDirectory(projectDir);
  if (!existsSync(directory)) return false;
  await stopBuilder(projectDir, env);
  const name = embeddedBuilderName(projectDir);
  if ((await knownBuilder(name, env)) !== undefined) {
    await runBuildx(
      (await dockerOf(name, env)) ?? (await pinnedBuildx({ env })),
      ["rm", "--force", name],
      env,
    );
  }
  if (process.platform === "linux") unmountBelow(directory);
  rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  return true;
}

/** Returns how the project's builder is. Starts nothing. */
export async function builderStatus(
  projectDir: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<BuilderStatus> {
  const name = embeddedBuilderName(projectDir);
  const daemon = buildkitDaemon(projectDir);
  const known = await knownBuilder(name, env);
  return {
    name,
    kind: known === undefined ? undefined : known.driver === "remote" ? "buildkitd" : "docker",
    running: await daemon.answers(),
    pid: runningProcess(daemon)?.pid,
    logFile: daemon.logFile,
  };
}

async function isReady(projectDir: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  if (currentConfiguration(projectDir) !== configuration(projectDir)) return false;
  const known = await knownBuilder(embeddedBuilderName(projectDir), env);
  if (known === undefined) return false;
  const daemon = buildkitDaemon(projectDir);
  return known.driver !== "remote" || (known.endpoints.includes(daemon.endpoint) && (await daemon.answers()));
}

async function startDaemon(projectDir: string, isNew: boolean, options: GoBuildOptions): Promise<void> {
  const daemon = buildkitDaemon(projectDir);
  // It reads its configuration when it starts.
  if (isNew) await end(daemon, STOP_TIMEOUT_MS);
  if (!(await daemon.answers())) await startBuildkit(projectDir, options);
  ensureIdleExit(projectDir, options.env);
  const env = options.env ?? process.env;
  const name = embeddedBuilderName(projectDir);
  const known = await knownBuilder(name, env);
  if (known?.driver === "remote" && known.endpoints.includes(daemon.endpoint)) return;
  const buildx = await pinnedBuildx(options);
  if (known !== undefined) await runBuildx(buildx, ["rm", "--force", name], env);
  await runBuildx(buildx, ["create", "--name", name, "--driver", "remote", daemon.endpoint], env);
}

/** In the network of the machine, where the embedded registry is. */
async function createContainer(projectDir: string, docker: Buildx, env: NodeJS.ProcessEnv): Promise<void> {
  const name = embeddedBuilderName(projectDir);
  if ((await knownBuilder(name, env)) !== undefined) await runBuildx(docker, ["rm", "--force", name], env);
  const network = ["--driver", "docker-container", "--driver-opt", "network=host"];
  const config = ["--config", configurationFile(projectDir)];
  await runBuildx(docker, ["create", "--name", name, ...network, ...config, "--bootstrap"], env);
}

/** The machine's Docker where the builder is a container of it. */
async function dockerOf(name: string, env: NodeJS.ProcessEnv): Promise<Buildx | undefined> {
  const known = await knownBuilder(name, env);
  return known === undefined || known.driver === "remote" ? undefined : dockerBuildx(env);
}

/** The embedded registry speaks plain HTTP. */
function configuration(projectDir: string): string {
  return `[registry."${embeddedAddress(projectDir)}"]\n  http = true\n`;
}

function currentConfiguration(projectDir: string): string | undefined {
  const file = configurationFile(projectDir);
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

/** @returns whether it is another one than before */
function writeConfiguration(projectDir: string): boolean {
  const text = configuration(projectDir);
  if (currentConfiguration(projectDir) === text) return false;
  writeFileSync(configurationFile(projectDir), text);
  return true;
}

function noBuilder(why: string): SetupError {
  return new SetupError(
    `There is no builder for Dockerfiles on this machine: Docker with buildx is not there or does not answer, and ${why}.`,
    "Install Docker with buildx and start it (https://docs.docker.com/engine/install/), or run as root with runc " +
      '(Debian: apt-get install runc), or name a buildx builder: `builder: "NAME"` (docker buildx create --name NAME …).',
  );
}
