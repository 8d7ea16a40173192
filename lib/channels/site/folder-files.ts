import { lstat, readdir } from "node:fs/promises";
import * as path from "node:path";
import { isMissingFile, isTemporaryName } from "../../machine/atomic-file";
import type { HostedFile } from "./site-host";

/**
 * All files of a folder that is served, sorted by path; none without a folder. What begins with a dot,
 * files that are just being written, and links are left out: no web server is asked for them.
 *
 * @param folder absolute
 * @param digestOf digest of a file by its absolute path
 */
export async function folderFiles(
  folder: string,
  digestOf: (absolute: string) => Promise<string>,
): Promise<HostedFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if (isMissingFile(error)) return [];
    throw error;
  });
  const found: HostedFile[] = [];
  for (const entry of entries) {
    const absolute = path.join(entry.parentPath, entry.name);
    const file = path.relative(folder, absolute).split(path.sep).join("/");
    const isHidden = file.split("/").some((part) => part.startsWith("."));
    if (!entry.isFile() || isHidden || isTemporaryName(entry.name)) continue;
    found.push({ path: file, digest: await digestOf(absolute), size: (await lstat(absolute)).size });
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}
