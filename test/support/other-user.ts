import { spawn } from "node:child_process";
import { chmodSync, copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Context } from "mocha";
import { requirement } from "./requirement";

/** The user `nobody` of most systems; it need not have an entry. */
const nobody = 65_534;

/**
 * Goes on where processes of another user can be started; else the test or suite is not executed.
 */
export function requireOtherUser(context: Context): void {
  requirement(context, process.getuid?.() === 0, "only root can start a process of another user");
}

let copied: string | undefined;

/**
 * This process's Node where every user can start it: a home directory, which may have it, is closed
 * to them.
 */
function nodeForEverybody(): string {
  if (copied !== undefined) return copied;
  const folder = mkdtempSync(join(tmpdir(), "slipway-node-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  chmodSync(folder, 0o755);
  const node = join(folder, "node");
  copyFileSync(process.execPath, node);
  chmodSync(node, 0o755);
  return (copied = node);
}

/**
 * Runs JavaScript in a Node process of another user, which has nothing of this one's environment.
 *
 * @param args what it finds in `process.argv` from index 1 on
 * @returns its standard output
 * @throws Error with what it printed
 */
export function runAsOtherUser(code: string, ...args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(nodeForEverybody(), ["-e", code, ...args], {
      cwd: "/",
      env: {},
      uid: nobody,
      gid: nobody,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.once("error", reject);
    child.once("close", (exit) =>
      exit === 0 ? resolve(stdout) : reject(new Error(`exit code ${exit}: ${stderr}`)),
    );
  });
}
