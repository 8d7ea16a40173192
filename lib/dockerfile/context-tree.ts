import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import { join, resolve } from "node:path";
import { isMissingFile } from "../machine/atomic-file";
import { IgnoreRules } from "./ignore-rules";
import { cleanPath, pathPattern } from "./path-pattern";

/** One entry of a build context, as the builder gets it. */
export interface ContextEntry {
  /** Path relative to the context, with `/`. */
  readonly path: string;
  /** Where it is on this machine. */
  readonly source: string;
  readonly kind: "file" | "directory" | "symlink";
  /** Whether a file may be executed by its owner. */
  readonly executable: boolean;
  /** Target of a symbolic link. */
  readonly target?: string;
}

/** A context that is not there, or cannot be read. */
export class ContextError extends Error {
  override readonly name = "ContextError";
}

/**
 * Lists a build context after its `.dockerignore`, sorted by path. Sockets, pipes and devices are
 * left out, as the builder leaves them out; so is what goes away meanwhile.
 *
 * @param root absolute path of the folder
 * @param rules what is ignored
 * @param without absolute paths of folders that are never part of a context
 * @throws ContextError where the folder is missing
 */
export async function listContext(
  root: string,
  rules: IgnoreRules,
  without: readonly string[] = [],
): Promise<ContextEntry[]> {
  const entries: ContextEntry[] = [];
  const walk = async (folder: string): Promise<void> => {
    const names = await ifThere(readdir(join(root, folder)));
    for (const name of names?.sort() ?? []) {
      const path = folder === "" ? name : `${folder}/${name}`;
      const source = join(root, path);
      if (without.includes(resolve(source))) continue;
      const ignored = rules.ignores(path);
      const stat = await ifThere(lstat(source));
      if (stat === undefined) continue;
      if (stat.isDirectory()) {
        if (!ignored) entries.push({ path, source, kind: "directory", executable: true });
        if (!ignored || rules.hasExceptions) await walk(path);
      } else if (!ignored && stat.isSymbolicLink()) {
        const target = await ifThere(readlink(source));
        if (target !== undefined) entries.push({ path, source, kind: "symlink", executable: false, target });
      } else if (!ignored && stat.isFile()) {
        entries.push({ path, source, kind: "file", executable: (stat.mode & 0o100) !== 0 });
      }
    }
  };
  const stat = await lstat(root).catch((error: unknown) => {
    if (isMissingFile(error)) throw new ContextError("there is no such folder");
    throw error;
  });
  if (!stat.isDirectory()) throw new ContextError("is not a folder");
  await walk("");
  return entries;
}

/**
 * Returns what is found, unless it is gone by now: archives may be written below a context at the
 * same time.
 */
function ifThere<T>(looked: Promise<T>): Promise<T | undefined> {
  return looked.catch((error: unknown) => {
    if (isMissingFile(error)) return undefined;
    throw error;
  });
}

/**
 * The rules of a context: those beside the Dockerfile (`NAME.dockerignore`) go before the context's
 * own.
 *
 * @param dockerfile absolute path of the Dockerfile, if the context is the main one
 * @throws ContextError naming file and line of a pattern that cannot be read
 */
export async function ignoreRulesOf(root: string, dockerfile?: string): Promise<IgnoreRules> {
  const candidates = [
    ...(dockerfile === undefined ? [] : [`${dockerfile}.dockerignore`]),
    join(root, ".dockerignore"),
  ];
  for (const file of candidates) {
    const text = await readFile(file, "utf8").catch((error: unknown) => {
      if (isMissingFile(error) || (error as NodeJS.ErrnoException).code === "ENOTDIR") return undefined;
      throw error;
    });
    if (text === undefined) continue;
    try {
      return new IgnoreRules(text);
    } catch (error) {
      throw new ContextError(`${file}: ${(error as Error).message}`);
    }
  }
  return new IgnoreRules("");
}

/**
 * The entries that a build reads, as BuildKit asks for them. A file that no instruction names does
 * not change the image, so images that share a context do not rebuild each other.
 *
 * @param sources patterns of COPY, ADD and mounts
 * @returns all entries where a pattern cannot be read, or leads through a symbolic link
 */
export function entriesRead(
  entries: readonly ContextEntry[],
  sources: readonly string[],
): readonly ContextEntry[] {
  const paths = [...new Set(sources.map(cleanPath))];
  if (paths.includes("") || paths.some((path) => path.startsWith(".."))) return entries;
  try {
    const steps = paths.map((path) => {
      const parts = path.split("/");
      return parts.map((_part, index) => pathPattern(parts.slice(0, index + 1).join("/")));
    });
    const isOnTheWay = ({ path }: ContextEntry) => steps.flat().some((pattern) => pattern.matches(path));
    if (entries.some((entry) => entry.kind === "symlink" && isOnTheWay(entry))) return entries;
    const patterns = steps.flatMap((step) => step.at(-1) ?? []);
    return entries.filter(({ path }) => patterns.some((pattern) => pattern.matchesOrHolds(path)));
  } catch {
    return entries;
  }
}
