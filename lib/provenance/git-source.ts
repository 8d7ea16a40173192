import { execFile } from "node:child_process";
import { defined } from "../objects/defined";
import type { Source } from "./predicate";
import { plainEnvironment } from "../machine/child-environment";
import { bareVersion } from "../version/version";

/** Time that git is given for one answer, in milliseconds. */
const gitTimeoutMs = 20_000;

/**
 * Returns what git says of a folder: repository, revision, whether files differ from it, and the
 * tag of a version. Empty where the folder is in no git repository, or git is not installed.
 *
 * @param folder absolute path
 * @param version whose tag is looked for at the revision
 */
export async function gitSource(folder: string, version?: string): Promise<Source> {
  const revision = await git(folder, ["rev-parse", "--verify", "--quiet", "HEAD"]);
  if (revision === undefined) return {};
  const [remote, status, tags] = await Promise.all([
    git(folder, ["config", "--get", "remote.origin.url"]),
    git(folder, ["status", "--porcelain", "--untracked-files=normal", "--", "."]),
    version === undefined ? "" : git(folder, ["tag", "--points-at", "HEAD"]),
  ]);
  const tag = (tags ?? "").split("\n").find((name) => version !== undefined && isTagOf(name, version));
  const repository = remote === undefined ? undefined : publicAddress(remote);
  return defined({
    repository,
    revision,
    modified: status === undefined || status !== "",
    ref: tag === undefined ? undefined : `refs/tags/${tag}`,
  });
}

/**
 * Returns whether a tag of git is that of a version: with or without `v`, and after the name of a
 * package, as in `cli/v1.2.3` and `@scope/name@1.2.3`.
 */
export function isTagOf(tag: string, version: string): boolean {
  const last = tag.slice(Math.max(tag.lastIndexOf("/"), tag.lastIndexOf("@")) + 1);
  return bareVersion(last) === bareVersion(version);
}

/**
 * Returns the source of a build as it is declared, with what git says of the folder where nothing
 * is declared. Files that are at another commit than the declared one differ from it.
 */
export function declaredSource(declared: Source, git: Source): Source {
  const revision = declared.revision ?? git.revision;
  const elsewhere = git.revision !== undefined && git.revision !== revision;
  return defined({
    repository: (declared.repository && publicAddress(declared.repository)) ?? git.repository,
    revision,
    modified: declared.modified ?? (elsewhere ? true : git.modified),
    ref: declared.ref ?? (elsewhere ? undefined : git.ref),
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
