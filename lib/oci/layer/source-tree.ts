import { type BigIntStats } from "node:fs";
import { lstat, readdir, readlink, realpath, stat } from "node:fs/promises";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { LayerContentError } from "./content-error";
import { checkNames, type CheckedLayerFile } from "./declaration";
import type { LayerEntry } from "./entry";
import type { HashCache } from "./hash-cache";

/** Mode of a directory, and of a file that somebody may execute. */
const executableMode = 0o755;
const plainMode = 0o644;

/** Files looked at and hashed at the same time. */
const concurrentFiles = 16;

/** Where the sources of a layer may lie. */
export interface SourceRoot {
  /** As it was given, for messages. */
  readonly path: string;
  /** Without symbolic links. */
  readonly real: string;
}

/**
 * Makes a directory the root of sources.
 *
 * @throws LayerContentError where it is not a directory.
 */
export async function openSourceRoot(path: string): Promise<SourceRoot> {
  try {
    const real = await realpath(resolve(path));
    if ((await stat(real)).isDirectory()) return { path, real };
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  throw new LayerContentError("root", path, "is not a directory that sources can be read from", `"."`);
}

/**
 * The entries that a declared source stands for: one of a file, or everything in a directory. A
 * symbolic link that is the source itself, or on the way to it, is followed as long as it stays
 * inside the root; one inside a directory is kept as a link.
 *
 * @throws LayerContentError for a source that is missing, outside of the root, or neither file nor
 * directory.
 */
export async function readSource(
  root: SourceRoot,
  file: CheckedLayerFile,
  field: string,
  hashes: HashCache,
): Promise<LayerEntry[]> {
  const source = file.source ?? "";
  const tree = new SourceTree(file, `${field}.source`, `${field}.digest`, hashes);
  const path = await locate(root, source, tree.field);
  const found = await lstat(path, { bigint: true });
  if (found.isDirectory()) {
    if (file.digest !== undefined) {
      throw new LayerContentError(
        `${field}.digest`,
        file.digest,
        `is set, but the source ${JSON.stringify(source)} is a directory, which has no digest`,
        "no digest at all",
      );
    }
    await tree.addDirectory(path, file.target);
    return tree.entries;
  }
  if (file.targetIsDirectory) {
    const name = source.split("/").at(-1) ?? "hello";
    throw new LayerContentError(
      `${field}.to`,
      file.target === "/" ? "/" : `${file.target}/`,
      `is a directory, but the source ${JSON.stringify(source)} is a file: give its whole path`,
      JSON.stringify(`${file.target === "/" ? "" : file.target}/${name}`),
    );
  }
  tree.addFile(path, file.target, found);
  await tree.settle();
  return tree.entries;
}

/**
 * Finds a source and refuses one that is not inside the root, by its path or through symbolic
 * links.
 */
async function locate(root: SourceRoot, source: string, field: string): Promise<string> {
  const example = `"dist/hello", relative to ${JSON.stringify(root.path)}`;
  const path = resolve(root.path, source);
  if (!isInside(resolve(root.path), path) && !isInside(root.real, path)) {
    throw new LayerContentError(field, source, `is outside of ${JSON.stringify(root.path)}`, example);
  }
  let real: string;
  try {
    real = await realpath(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new LayerContentError(field, source, `does not exist in ${JSON.stringify(root.path)}`, example);
  }
  if (!isInside(root.real, real)) {
    throw new LayerContentError(
      field,
      source,
      `leads outside of ${JSON.stringify(root.path)} through a symbolic link`,
      example,
    );
  }
  return real;
}

function isInside(directory: string, path: string): boolean {
  const way = relative(directory, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === "ENOENT" || code === "ENOTDIR" || code === "ELOOP";
}

/** Collects the entries of one source. */
class SourceTree {
  readonly entries: LayerEntry[] = [];
  private readonly hashing = new Set<Promise<void>>();
  private failure: { error: unknown } | undefined;

  constructor(
    private readonly file: CheckedLayerFile,
    readonly field: string,
    private readonly digestField: string,
    private readonly hashes: HashCache,
  ) {}

  async addDirectory(path: string, target: string): Promise<void> {
    await this.walk(path, target);
    await this.settle();
  }

  /** Waits for what is being hashed. @throws the first error there was. */
  async settle(): Promise<void> {
    await Promise.all(this.hashing);
    if (this.failure) throw this.failure.error;
  }

  addFile(path: string, target: string, found: BigIntStats): void {
    if (!found.isFile()) this.refuseKind(path, found);
    const task = this.hashes
      .file(path, found)
      .then(({ digest, size }) => {
        this.checkDigest(path, digest);
        const mode = this.file.mode ?? (found.mode & 0o111n ? executableMode : plainMode);
        this.add({ path: target, type: "file", mode, size, digest, content: { path } });
      })
      .catch((error: unknown) => {
        this.failure ??= { error };
      })
      .finally(() => this.hashing.delete(task));
    this.hashing.add(task);
  }

  private async walk(path: string, target: string): Promise<void> {
    if (target !== "/") this.add({ path: target, type: "directory", mode: executableMode, size: 0 });
    for (const name of (await readdir(path)).sort()) {
      checkNames([name], this.field, join(path, name));
      const child = join(path, name);
      const childTarget = target === "/" ? `/${name}` : `${target}/${name}`;
      const found = await this.look(child);
      if (found.isDirectory()) await this.walk(child, childTarget);
      else if (found.isSymbolicLink()) {
        const linkname = await readlink(child);
        this.add({ path: childTarget, type: "symlink", mode: 0o777, size: 0, linkname });
      } else {
        if (this.hashing.size >= concurrentFiles) await Promise.race(this.hashing);
        if (this.failure) throw this.failure.error;
        this.addFile(child, childTarget, found);
      }
    }
  }

  private async look(path: string): Promise<BigIntStats> {
    try {
      return await lstat(path, { bigint: true });
    } catch (error) {
      if (!isMissing(error)) throw error;
      throw new LayerContentError(
        this.field,
        path,
        "was there and is gone, or its name is not valid UTF-8: build again, or rename it",
        `"dist/hello"`,
      );
    }
  }

  private checkDigest(path: string, digest: string): void {
    const expected = this.file.digest;
    if (expected === undefined || expected === digest) return;
    throw new LayerContentError(
      this.digestField,
      expected,
      `is not the digest of ${path}, which is ${digest}: make the file again, or declare what it is now`,
      JSON.stringify(digest),
    );
  }

  private refuseKind(path: string, found: BigIntStats): never {
    const kind = found.isSocket() ? "a socket" : found.isFIFO() ? "a named pipe" : "a device";
    throw new LayerContentError(
      this.field,
      path,
      `is ${kind}; a layer has files, directories and symbolic links only`,
      `"dist/hello"`,
    );
  }

  private add(entry: Omit<LayerEntry, "uid" | "gid">): void {
    this.entries.push({ ...entry, uid: this.file.uid, gid: this.file.gid });
  }
}
