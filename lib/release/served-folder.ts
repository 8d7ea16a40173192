import { readdir } from "node:fs/promises";
import * as path from "node:path";
import { existingPath } from "../machine/existing-path";
import { recordName, releaseFolders, releasesFolder } from "./layout";

const ownFolders: ReadonlySet<string> = new Set(Object.values(releaseFolders));

/**
 * The folder of releases that a file would be put into past a release, relative to the project's
 * folder; undefined where it would be in none. Such a folder is one below which a release has its
 * record, and one with the layout of releases: a first release is yet to come there.
 *
 * @param project absolute folder
 * @param file path of the file, there or not, relative to the project's folder
 */
export async function servedFolderOf(project: string, file: string): Promise<string | undefined> {
  const absolute = path.resolve(project, file);
  // What is placed takes the place of a link; the folders before it may be links to anywhere.
  const [root, folder] = await Promise.all([existingPath(project), existingPath(path.dirname(absolute))]);
  const segments = path.relative(root, path.join(folder, path.basename(absolute))).split(path.sep);
  for (const [index, segment] of segments.entries()) {
    // Some file systems do not tell capital letters from small ones.
    if (segment.toLowerCase() !== releasesFolder || index === segments.length - 1) continue;
    const served = segments.slice(0, index + 1).join("/");
    const isOwn = ownFolders.has(segments[index + 1]?.toLowerCase() ?? "");
    if (isOwn || (await hasRecord(path.resolve(root, served)))) return served;
  }
  return undefined;
}

/** Tags with slashes are folders in folders. */
async function hasRecord(releases: string): Promise<boolean> {
  const records = path.join(releases, releaseFolders.records);
  const found = await readdir(records, { recursive: true }).catch(() => []);
  return found.some((name) => path.basename(name) === recordName);
}
