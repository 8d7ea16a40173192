import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";

import semver from "semver";

import { cacheDirectory } from "../lib/machine/cache-directory.cjs";
import { presentGoTool } from "../lib/machine/go-build";
import { GO_TOOLS } from "../lib/machine/go-tool";
import { OLDEST_PULUMI } from "../lib/machine/oldest-pulumi";
import { REPOSITORY, repositoryRequire } from "../lib/machine/repository";
import { findOnPath, isExecutable } from "../lib/machine/search-path";
import { givenTool, toolPath } from "../lib/machine/tool-path";
import { downloadOfficialPulumi, type OfficialOptions, presentOfficialPulumi } from "./official-pulumi";

/** The directory that holds this repository's Node language host. */
export const LANGUAGE_HOST_DIRECTORY = join(REPOSITORY, "tools", "language-host");

const LANGUAGE_HOST = "pulumi-language-nodejs";

export interface PulumiCli {
  path: string;
  /** True if the machine brought it, false if this repository did. */
  ofMachine: boolean;
}

/**
 * The Pulumi CLI to run: from SLIPWAY_TOOLS, else the machine's own (on PATH, at least
 * `OLDEST_PULUMI`, with its Node language host), else what the cache has, else the official one
 * (see `downloadOfficialPulumi`), else the pinned Go module, built. SLIPWAY_BUILD_PULUMI=1 passes
 * the machine's own and the official one by.
 * @throws SetupError if it has to be built and cannot be.
 */
export async function pulumiCli(options: OfficialOptions = {}): Promise<PulumiCli> {
  const env = options.env ?? process.env;
  const given = givenTool("pulumi", env);
  if (given !== undefined) return { path: given, ofMachine: false };
  const others = env.SLIPWAY_BUILD_PULUMI !== "1";
  const machine = others ? machinePulumi(env) : undefined;
  if (machine !== undefined) return { path: machine, ofMachine: true };
  const official = others ? await officialPulumi(options, env) : undefined;
  if (official !== undefined) return { path: official, ofMachine: false };
  const path = await toolPath("pulumi", options);
  placeHosts(dirname(path));
  return { path, ofMachine: false };
}

/** The official CLI, downloaded where none was built yet. */
async function officialPulumi(options: OfficialOptions, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const present = presentOfficialPulumi(options);
  if (present !== undefined || presentGoTool(GO_TOOLS.pulumi, env) !== undefined) return present;
  return downloadOfficialPulumi(options);
}

/**
 * Puts copies of the Node hosts beside the CLI: the language host, after the file that it needs,
 * and the host of dynamic providers, which comes with @pulumi/pulumi. The CLI takes them from
 * there; those on PATH it uses with a warning at every run.
 */
function placeHosts(directory: string): void {
  const sdk = dirname(repositoryRequire.resolve("@pulumi/pulumi/package.json"));
  for (const source of [
    join(REPOSITORY, "lib", "machine", "peer-user.cjs"),
    join(LANGUAGE_HOST_DIRECTORY, LANGUAGE_HOST),
    join(sdk, "pulumi-resource-pulumi-nodejs"),
  ]) {
    const target = join(directory, basename(source));
    const content = readFileSync(source);
    if (isExecutable(target) && readFileSync(target).equals(content)) continue;
    writeFileSync(`${target}.${process.pid}`, content, { mode: 0o755 });
    renameSync(`${target}.${process.pid}`, target);
  }
}

/** The machine's own CLI, if it is recent enough and complete. */
export function machinePulumi(env: NodeJS.ProcessEnv): string | undefined {
  const path = findOnPath("pulumi", env.PATH);
  if (path === undefined || languageHost(path, env) === undefined) return undefined;
  const version = semver.valid(versionOf(path, env).trim());
  return version !== null && semver.gte(version, OLDEST_PULUMI) ? path : undefined;
}

/**
 * A Node language host that this CLI finds without help: beside it (links followed), or on PATH.
 */
export function languageHost(cli: string, env: NodeJS.ProcessEnv): string | undefined {
  const beside = join(dirname(realpathSync(cli)), LANGUAGE_HOST);
  return isExecutable(beside) ? beside : findOnPath(LANGUAGE_HOST, env.PATH);
}

/**
 * Returns what `pulumi version` says. Remembered for as long as the file does not change, because
 * asking takes 0.2 s.
 */
function versionOf(path: string, env: NodeJS.ProcessEnv): string {
  const stat = statSync(path);
  const seen = `${path}\0${stat.size}\0${stat.mtimeMs}`;
  const memory = join(cacheDirectory(env), "machine-pulumi.json");
  const remembered = readMemory(memory);
  if (remembered?.seen === seen) return remembered.version;
  let version: string;
  try {
    version = execFileSync(path, ["version"], {
      encoding: "utf8",
      env: { ...env, PULUMI_SKIP_UPDATE_CHECK: "true" },
      timeout: 20_000,
      stdio: ["ignore", "pipe", "ignore"],
    });
  } catch {
    // A CLI that cannot even say its version is not one to run a project with.
    return "";
  }
  mkdirSync(dirname(memory), { recursive: true });
  writeFileSync(`${memory}.${process.pid}`, JSON.stringify({ seen, version }));
  renameSync(`${memory}.${process.pid}`, memory);
  return version;
}

function readMemory(file: string): { seen: string; version: string } | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, "utf8")) as { seen: string; version: string };
  } catch {
    return undefined;
  }
}
