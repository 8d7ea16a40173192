import { spawn } from "node:child_process";
import { plainEnvironment } from "../machine/child-environment";
import { GitError } from "./errors";

/** Longest that git is given for one command with another host, in milliseconds. */
const gitTimeoutMs = 300_000;

/** How a command of git is run. */
export interface GitOptions {
  readonly input?: Buffer | string;
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs git in a repository of its own, bare: no hook, no setting and no credential of the user's
 * checkouts takes part. Returns what it prints on standard output.
 *
 * @param folder absolute path of the repository
 * @throws GitError where it fails, and where there is no git
 */
export async function runGit(
  folder: string,
  args: readonly string[],
  options: GitOptions = {},
): Promise<Buffer> {
  const { input = "", env = {}, signal } = options;
  const child = spawn("git", ["-c", "core.hooksPath=/dev/null", "-c", "gc.auto=0", ...args], {
    cwd: folder,
    env: {
      ...plainEnvironment(process.env),
      LC_ALL: "C",
      GIT_DIR: folder,
      GIT_TERMINAL_PROMPT: "0",
      GIT_SSH_COMMAND: "ssh -o BatchMode=yes",
      ...env,
    },
    stdio: ["pipe", "pipe", "pipe"],
    timeout: gitTimeoutMs,
    signal,
  });
  const printed: Buffer[] = [];
  let said = "";
  child.stdout.on("data", (part: Buffer) => printed.push(part));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  // git may end before it has read all.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", (error: NodeJS.ErrnoException) =>
      reject(error.code === "ENOENT" ? new GitError("git is not installed, or not on the PATH", "") : error),
    );
    child.once("close", resolve);
  });
  if (code === 0) return Buffer.concat(printed);
  const last = `${printed.toString()}\n${said}`.trim().split("\n").filter(isTelling).slice(-4).join("; ");
  throw new GitError(
    `git ${args[0] ?? ""}: ${last || `exit code ${code}`}`,
    `${printed.toString()}\n${said}`,
  );
}

/** Lines that tell why, not how far it got. */
function isTelling(line: string): boolean {
  return line.trim() !== "" && !/^(To |Done$|hint: )/.test(line);
}
