import { LayerContentError } from "../oci/layer/content-error";
import type { LayerEntry, LayerFile } from "../oci/layer/entry";
import { digestOf } from "../oci/digest";
import { ArchiveError } from "./format";
import { formatSums } from "./sums";

/**
 * One thing that an archive has at a path. Exactly one of `source`, `content` and `symlink` says
 * what it is.
 */
export interface ArchiveFile {
  /** Path in the archive, e.g. `bin/hello`. With a folder as source: the path for its content. */
  path: string;
  /**
   * File or folder on disk, relative to the root directory and inside it. A folder is taken whole.
   */
  source?: string;
  /**
   * Digest that the content of a file as source must have, where it is known before the file is
   * there.
   */
  digest?: string;
  /** Content of a file, as UTF-8. */
  content?: string;
  /** Target of a symbolic link. */
  symlink?: string;
  /**
   * Octal mode, e.g. `"0755"`. Default: 0755 for a file that anybody may execute on disk, otherwise
   * 0644.
   */
  mode?: string;
}

/** One entry of an archive: a file or a symbolic link, with everything that decides its bytes. */
export type ArchiveEntry = LayerEntry;

/** How the entries of an archive are arranged. */
export interface ArchiveShape {
  /** Folder that contains everything. Default: none; the archive is flat. */
  root?: string;
  /** Name of a sums file over the files of the archive, e.g. `SHA256SUMS`. Default: none. */
  checksums?: string;
}

/**
 * Turns declared content into sorted entries; see `LayerCache.resolve`, which remembers digests of
 * files.
 */
export type ResolveSources = (files: readonly LayerFile[], field: string) => Promise<LayerEntry[]>;

/**
 * The entries of an archive, sorted by path. There are files and symbolic links only: folders come
 * with what is in them.
 *
 * @throws ArchiveError for the first declaration that cannot be.
 */
export async function archiveEntries(
  files: readonly ArchiveFile[],
  shape: ArchiveShape,
  resolve: ResolveSources,
): Promise<ArchiveEntry[]> {
  for (const [position, { path }] of files.entries()) checkPath(path, `entries[${position}].path`);
  if (shape.root !== undefined) checkPath(shape.root, "root");
  if (shape.checksums !== undefined) checkPath(shape.checksums, "checksums");
  const declared = files.map(({ path, ...rest }): LayerFile => ({ to: `/${path}`, ...rest }));
  let resolved: LayerEntry[];
  try {
    resolved = await resolve(declared, "entries");
  } catch (error) {
    if (!(error instanceof LayerContentError)) throw error;
    const field = error.field.replace(/\.to$/, ".path");
    throw new ArchiveError(field, error.message.slice(error.field.length + 2));
  }
  const content = resolved.filter(({ type }) => type !== "directory");
  if (content.length === 0)
    throw new ArchiveError("entries", "there is no file in them: an archive needs at least one");
  const entries = shape.checksums === undefined ? content : [...content, sumsEntry(content, shape.checksums)];
  return entries
    .map((entry) => (shape.root === undefined ? entry : { ...entry, path: `/${shape.root}${entry.path}` }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

function sumsEntry(entries: readonly ArchiveEntry[], name: string): ArchiveEntry {
  const path = `/${name}`;
  if (entries.some((entry) => entry.path === path)) {
    throw new ArchiveError(
      "checksums",
      `${JSON.stringify(name)} is an entry of the archive already; give another name`,
    );
  }
  const summed = entries.flatMap(({ path: file, digest }) =>
    digest === undefined ? [] : [{ name: file.slice(1), digest }],
  );
  const bytes = Buffer.from(formatSums(summed), "utf8");
  return {
    path,
    type: "file",
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: bytes.length,
    digest: digestOf(bytes),
    content: { bytes },
  };
}

/**
 * Paths that every unpacker puts inside the folder it is told: relative, without `..`, and with `/`
 * only.
 *
 * @throws ArchiveError
 */
export function checkPath(path: string, field: string): void {
  const parts = path.split("/");
  const reason =
    path === ""
      ? "is empty"
      : path.startsWith("/") || /^[A-Za-z]:/.test(path)
        ? "is absolute"
        : parts.some((part) => part === ".." || part === "." || part === "")
          ? `has an empty, a "." or a ".." component`
          : path.includes("\\") || /\p{Cc}/u.test(path)
            ? "has a backslash or a control character"
            : undefined;
  if (reason !== undefined) {
    throw new ArchiveError(field, `${JSON.stringify(path)} ${reason} (a valid example: "bin/hello")`);
  }
}
