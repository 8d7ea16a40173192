import { execFile } from "node:child_process";
import { defined } from "../objects/defined";
import type { Source } from "./predicate";
import { plainEnvironment } from "../machine/child-environment";

/** Time that git is given for one answer, in milliseconds. */
const gitTimeoutMs = 20_000;

/**
 * Returns what git says of a folder: repository, revision, and whether files differ from it. Empty
 * where the folder is in no git repository, or git is not installed.
 *
 * @param folder absolute path
 */
export async function gitSource(folder: string): Promise<Source> {
  const revision = await git(folder, ["rev-parse", "--verify", "--quiet", "HEAD"]);
  if (revision === undefined) return {};
  const [remote, status] = await Promise.all([
    git(folder, ["config", "--get", "remote.origin.url"]),
    git(folder, ["status", "--porcelain", "--untracked-files=normal", "--", "."]),
  ]);
  const repository = remote === undefined ? undefined : publicAddress(remote);
  return defined({
    repository,
    revision,
    modified: status === undefined || status !== "",
  });
}

/**
 * The address of a repository without user, password and query, as an https or ssh URL; undefined
 * for a path on this machine, which says nothing to others.
 */
export function publicAddress(remote: string): string | undefined {
  const scp = /^(?:[^@/\s]+@)?([^:/\s]+):(?!\/\/)(.+)$/.exec(remote);
  const text = scp?.[1] !== undefined ? `ssh://${scp[1]}/${scp[2]}` : remote;
  try {
    const url = new URL(text);
    if (!["https:", "http:", "ssh:", "git:"].includes(url.protocol)) return undefined;
    return `${url.protocol}//${url.host}${url.pathname}`;
  } catch {
    return undefined;
  }
}

/** Returns what git prints, trimmed; undefined where it fails. */
function git(folder: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    const options = { timeout: gitTimeoutMs, env: plainEnvironment(process.env) };
    execFile("git", ["-C", folder, ...args], options, (error, stdout) => {
      resolve(error ? undefined : stdout.trim());
    });
  });
}
