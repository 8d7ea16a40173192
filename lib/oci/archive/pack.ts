import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { LayerEntry } from "../layer/entry";
import { tarEnd, tarHeader, tarPadding } from "../layer/tar-header";
import { temporaryName } from "../../machine/atomic-file";

/** A file to be packed. */
export interface PackedFile {
  /** Path in the archive, e.g. `blobs/sha256/…`. */
  path: string;
  /** In bytes. */
  size: number;
  /** The content, exactly `size` bytes of it. */
  content: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/**
 * Writes files and their directories as a tar archive: sorted by path, of owner 0:0, of the time 0,
 * so that equal content gives equal bytes. The archive is there complete or not at all; one that
 * was there stays until then.
 *
 * @param beforeRename called once everything is written, before it is seen; where it fails nothing
 * changes
 * @returns size of the archive in bytes
 * @throws RangeError for content of another size; else the error of the content or of the file
 * system
 */
export async function packTar(
  path: string,
  files: readonly PackedFile[],
  beforeRename: () => Promise<void>,
): Promise<number> {
  const temporary = temporaryName(path);
  try {
    const archive = await open(temporary, "wx");
    let size = 0;
    const write = async (bytes: Uint8Array): Promise<void> => {
      // Unlike write(), this goes on after a short write.
      await archive.writeFile(bytes);
      size += bytes.length;
    };
    try {
      for (const entry of sortedEntries(files)) {
        await write(tarHeader(header(entry), 0));
        if (!entry.file) continue;
        const start = size;
        for await (const part of entry.file.content()) await write(part);
        if (size - start !== entry.file.size) {
          throw new RangeError(`${entry.path} has ${size - start} bytes, not ${entry.file.size}`);
        }
        await write(tarPadding(entry.file.size));
      }
      await write(tarEnd);
      await archive.datasync();
    } finally {
      await archive.close();
    }
    await beforeRename();
    await rename(temporary, path);
    return size;
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** A file, or a directory where there is no `file`. */
interface PackedEntry {
  path: string;
  file?: PackedFile;
}

function sortedEntries(files: readonly PackedFile[]): PackedEntry[] {
  const directories = new Set<string>();
  for (const { path } of files) {
    for (let parent = dirname(path); parent !== "."; parent = dirname(parent)) directories.add(parent);
  }
  const entries: PackedEntry[] = [
    ...[...directories].map((path) => ({ path })),
    ...files.map((file) => ({ path: file.path, file })),
  ];
  return entries.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

function header({ path, file }: PackedEntry): LayerEntry {
  const common = { path: `/${path}`, uid: 0, gid: 0 };
  return file
    ? { ...common, type: "file", mode: 0o644, size: file.size }
    : { ...common, type: "directory", mode: 0o755, size: 0 };
}
