import type { ArchiveEntry } from "./entries";
import { ArchiveError } from "./format";

interface Node {
  readonly name: string;
  readonly path: string;
  readonly mode: number;
  /** Of its inode, from 1. */
  number: number;
}

/** A folder with what is in it, by name. */
export interface SquashfsDirectory extends Node {
  readonly type: "directory";
  readonly children: SquashfsNode[];
}

interface SquashfsFile extends Node {
  readonly type: "file";
  readonly size: number;
}

interface SquashfsLink extends Node {
  readonly type: "symlink";
  readonly target: string;
}

export type SquashfsNode = SquashfsDirectory | SquashfsFile | SquashfsLink;

/** Longest name (squashfs_fs.h, `SQUASHFS_NAME_LEN`; of Linux, `NAME_MAX`). */
const longestName = 255;

const directoryMode = 0o755;

/**
 * Entries as a tree with the folders that they are in, each with the number of its inode, in the
 * order in which inodes are written.
 *
 * @throws ArchiveError for a name that is too long
 */
export function squashfsTree(entries: readonly ArchiveEntry[]): SquashfsDirectory & { count: number } {
  const root = directoryAt("", "");
  const directories = new Map([["", root]]);
  const folder = (path: string): SquashfsDirectory => {
    const known = directories.get(path);
    if (known) return known;
    const slash = path.lastIndexOf("/");
    const made = directoryAt(path, nameOf(path));
    directories.set(path, made);
    folder(path.slice(0, slash)).children.push(made);
    return made;
  };
  for (const { path, type, mode, size, linkname = "" } of entries) {
    const node = { name: nameOf(path), path, mode, number: 0 };
    const parent = folder(path.slice(0, path.lastIndexOf("/")));
    if (type === "file") parent.children.push({ ...node, type, size });
    if (type === "symlink") parent.children.push({ ...node, type, target: linkname });
  }
  return Object.assign(root, { count: numbered(root, 0) });
}

function directoryAt(path: string, name: string): SquashfsDirectory {
  return { type: "directory", name, path, mode: directoryMode, number: 0, children: [] };
}

function nameOf(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (Buffer.byteLength(name, "utf8") <= longestName) return name;
  throw new ArchiveError("entries", `${JSON.stringify(path)} has a name of more than ${longestName} bytes`);
}

/** Gives each its number, and what is in a folder the order that squashfs wants: by the bytes of names. */
function numbered(directory: SquashfsDirectory, before: number): number {
  directory.children.sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
  let last = before;
  for (const child of directory.children) {
    if (child.type === "directory") last = numbered(child, last);
    else child.number = ++last;
  }
  directory.number = ++last;
  return last;
}
