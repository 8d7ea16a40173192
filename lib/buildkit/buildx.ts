import { execFile } from "node:child_process";
import { promisify } from "node:util";

import type { GoBuildOptions } from "../machine/go-build";
import { findOnPath } from "../machine/search-path";
import { SetupError } from "../machine/setup-error";
import { toolPath } from "../machine/tool-path";
import { dockerEnvironment } from "../machine/child-environment";

/** A buildx: a program, and its arguments before those of a command. */
export interface Buildx {
  program: string;
  args: readonly string[];
}

const ANSWER_TIMEOUT_MS = 10_000;
const COMMAND_TIMEOUT_MS = 300_000;

/** The buildx of the machine's Docker, if both are installed and the engine answers. */
export async function dockerBuildx(env: NodeJS.ProcessEnv): Promise<Buildx | undefined> {
  const program = findOnPath("docker", env.PATH);
  if (program === undefined) return undefined;
  try {
    const options = { env: dockerEnvironment(env), timeout: ANSWER_TIMEOUT_MS };
    await promisify(execFile)(program, ["buildx", "version"], options);
    await promisify(execFile)(program, ["version", "--format", "{{.Server.Version}}"], options);
    return { program, args: ["buildx"] };
  } catch {
    // No plugin, or no engine, or no access to it: the machine has no Docker that could build.
    return undefined;
  }
}

/**
 * The pinned buildx, which needs no Docker. @throws SetupError if it has to be built and cannot be
 */
export async function pinnedBuildx(options: GoBuildOptions): Promise<Buildx> {
  return { program: await toolPath("docker-buildx", options), args: [] };
}

/**
 * Runs a command of buildx.
 * @returns its standard output
 * @throws SetupError with what it printed
 */
export async function runBuildx(
  { program, args }: Buildx,
  command: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<string> {
  try {
    const all = [...args, ...command];
    const options = { env: dockerEnvironment(env), timeout: COMMAND_TIMEOUT_MS };
    const { stdout } = await promisify(execFile)(program, all, options);
    return stdout;
  } catch (error) {
    const said = (error as { stderr?: string }).stderr?.trim();
    throw new SetupError(
      `\`buildx ${command.join(" ")}\` failed: ${said === undefined || said === "" ? (error as Error).message : said}`,
      "",
    );
  }
}
