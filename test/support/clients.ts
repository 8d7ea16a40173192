import { execFile } from "node:child_process";
import { isAbsolute } from "node:path";
import { toolPath } from "./tools";

/** Clients that are not ours, as judges of what was published. */

/** Most that a client prints, in bytes. */
const outputLimitBytes = 64 * 1024 * 1024;

/**
 * Runs crane, as its own process.
 *
 * @returns standard output, without the line's end
 * @throws Error with what it printed
 */
export function crane(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  return runClient("crane", args, env);
}

/**
 * Runs skopeo, as {@link crane} runs crane. It needs no policy file, and speaks plain HTTP where it
 * is told.
 */
export function skopeo(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  return runClient("skopeo", ["--insecure-policy", ...args], env);
}

/** Runs a program by its name, e.g. `tar`, or its absolute path, as {@link crane} runs crane. */
export function runClient(
  name: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { env: { ...process.env, ...env }, maxBuffer: outputLimitBytes };
    execFile(isAbsolute(name) ? name : toolPath(name), args, options, (error, stdout, stderr) => {
      if (error) reject(new Error(`${name} ${args.join(" ")}: ${stderr || error.message}`));
      else resolve(stdout.trimEnd());
    });
  });
}

/** Whether a program is on this machine. */
export function hasProgram(name: string): boolean {
  try {
    toolPath(name);
    return true;
  } catch {
    return false;
  }
}
