/**
 * One thing that a layer has at a path. Exactly one of `source`, `content`, `symlink`, `directory`
 * and `remove` says what it is.
 */
export interface LayerFile {
  /**
   * Absolute path in the image, e.g. `/app/hello`. With a directory as source: where its content
   * goes.
   */
  to: string;
  /**
   * File or directory on disk, relative to the root directory and inside it. A directory is taken
   * whole.
   */
  source?: string;
  /**
   * Digest that the content of a file as source must have, where it is known before the file is
   * there.
   */
  digest?: string;
  /** Content of a file, as UTF-8. */
  content?: string;
  /** Target of a symbolic link, as it will be read inside the image. */
  symlink?: string;
  /** A directory of its own, to give it a mode or an owner, or to have it empty. */
  directory?: boolean;
  /**
   * Removes what a layer below has at this path, by a whiteout (image-spec/layer.md, "Whiteouts").
   */
  remove?: boolean;
  /**
   * Octal mode, e.g. `"0755"` or `"4755"`. Default: 0755 for a directory and for a file that
   * anybody may execute on disk, otherwise 0644, so that the umask of the building machine has no
   * say. For a directory as source it is the mode of every file in it.
   */
  mode?: string;
  /** Numeric owner; default 0. For a directory as source: of everything in it. */
  uid?: number;
  /** Numeric group; default 0. For a directory as source: of everything in it. */
  gid?: number;
}

/** Returns whether the declaration of files alone decides their content, mode included. */
export function isSelfContained(files: readonly Pick<LayerFile, "source" | "digest" | "mode">[]): boolean {
  return files.every(
    ({ source, digest, mode }) => source === undefined || (digest !== undefined && mode !== undefined),
  );
}

/** Kind of a layer entry. */
export type LayerEntryType = "file" | "directory" | "symlink";

/** One entry of a layer, with everything that decides its bytes in the archive. */
export interface LayerEntry {
  /** Absolute, normalized path in the image, e.g. `/app/hello`; of a whiteout `/app/.wh.hello`. */
  readonly path: string;
  readonly type: LayerEntryType;
  /** Permission bits with setuid, setgid and sticky: 0 to 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of content; 0 for what is not a file. */
  readonly size: number;
  /** Digest of the content; files only. */
  readonly digest?: string;
  /** Target of a symbolic link; symbolic links only. */
  readonly linkname?: string;
  /** Where the content of a file is read from: a path on disk, or the bytes themselves. */
  readonly content?: { readonly path: string } | { readonly bytes: Buffer };
}

/** Start of the name of every whiteout (image-spec/layer.md, "Whiteouts"). */
export const whiteoutPrefix = ".wh.";

/**
 * Name that hides everything layers below have in its directory (image-spec/layer.md, "Opaque
 * Whiteout").
 */
export const opaqueWhiteout = ".wh..wh..opq";

/** Path of the whiteout that removes a path. */
export function whiteoutPath(path: string): string {
  const slash = path.lastIndexOf("/");
  return `${path.slice(0, slash + 1)}${whiteoutPrefix}${path.slice(slash + 1)}`;
}

/** Returns whether an entry is a whiteout. */
export function isWhiteout(entry: LayerEntry): boolean {
  return entry.path.slice(entry.path.lastIndexOf("/") + 1).startsWith(whiteoutPrefix);
}

/**
 * Orders entries by path, parents before what is in them, and the whiteouts of a directory before
 * everything else in it: what is removed must be gone before what replaces it is written
 * (image-spec/layer.md, "Whiteouts").
 */
export function compareEntries(a: LayerEntry, b: LayerEntry): number {
  const left = orderKey(a);
  const right = orderKey(b);
  return left < right ? -1 : left > right ? 1 : 0;
}

function orderKey(entry: LayerEntry): string {
  return isWhiteout(entry) ? entry.path.replace(/\/\.wh\.([^/]*)$/, "/\0$1") : entry.path;
}
