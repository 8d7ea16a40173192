import { spawn } from "node:child_process";

import { REPOSITORY } from "../../lib/machine/repository";

export interface ProcessOutput {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/**
 * Runs TypeScript-loading JavaScript in a Node process of its own, in the repository's directory.
 */
export function runSource(code: string, env: NodeJS.ProcessEnv = process.env): Promise<ProcessOutput> {
  return run(process.execPath, ["-r", "./lib/machine/typescript.cjs", "-e", code], {
    cwd: REPOSITORY,
    env,
  });
}

/** Runs a program to its end and returns what it printed. */
export function run(
  command: string,
  args: readonly string[],
  options: { cwd: string; env?: NodeJS.ProcessEnv; onStart?: (pid: number) => void },
): Promise<ProcessOutput> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
    if (child.pid !== undefined) options.onStart?.(child.pid);
  });
}
