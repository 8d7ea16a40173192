import { lstat, readdir, rename, rm, stat } from "node:fs/promises";
import * as path from "node:path";
import { isMissingFile } from "./atomic-file";

/** Something in a cache, which can be made again. */
export interface CachedItem {
  /** In bytes. */
  readonly size: number;
  /** When it was last used, in milliseconds since 1970; Infinity while it is written. */
  readonly used: number;
  readonly remove: () => Promise<void>;
}

/**
 * Removes what was not used for longest until the rest takes no more than a limit. Returns the
 * number of bytes freed.
 *
 * @param limit in bytes
 * @param inUseSince what was used since then stays, in milliseconds since 1970
 */
export async function removeLeastUsed(
  items: readonly CachedItem[],
  limit: number,
  inUseSince: number,
): Promise<number> {
  let total = items.reduce((sum, { size }) => sum + size, 0);
  let freed = 0;
  for (const { size, used, remove } of [...items].sort((a, b) => a.used - b.used)) {
    if (total <= limit || used >= inUseSince) break;
    await remove();
    total -= size;
    freed += size;
  }
  return freed;
}

/**
 * The folders in a folder, of which the time of modification says when each was last used. Those
 * that are hidden are being written, or removed.
 *
 * @param discarded how the name of a hidden folder begins that its owner removes some day: a folder
 * is taken away as a whole, so that nobody finds half of it
 */
export async function cachedFolders(directory: string, discarded: `.${string}`): Promise<CachedItem[]> {
  const names = (await readdir(directory).catch(noneIfMissing)).filter((name) => !name.startsWith("."));
  const items = await Promise.all(
    names.map(async (name): Promise<CachedItem[]> => {
      const folder = path.join(directory, name);
      const found = await stat(folder).catch(undefinedIfMissing);
      if (!found?.isDirectory()) return [];
      const remove = () => removeWhole(folder, path.join(directory, `${discarded}${name}`));
      return [{ size: await bytesIn(folder), used: found.mtimeMs, remove }];
    }),
  );
  return items.flat();
}

/** Another process may be removing the same. */
async function removeWhole(folder: string, aside: string): Promise<void> {
  await rm(aside, { recursive: true, force: true });
  await rename(folder, aside).catch(undefinedIfMissing);
  await rm(aside, { recursive: true, force: true });
}

async function bytesIn(folder: string): Promise<number> {
  let bytes = 0;
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(noneIfMissing);
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    bytes += (await lstat(path.join(entry.parentPath, entry.name)).catch(undefinedIfMissing))?.size ?? 0;
  }
  return bytes;
}

function noneIfMissing(error: unknown): never[] {
  if (isMissingFile(error)) return [];
  throw error;
}

function undefinedIfMissing(error: unknown): undefined {
  if (isMissingFile(error)) return undefined;
  throw error;
}
