import { lstat, rm, rmdir } from "node:fs/promises";
import * as path from "node:path";
import { isMissingFile } from "../../lib/machine/atomic-file";
import type { ResourceContext } from "./context";
import type { Services } from "./services";

/** Observed where something else than a file is at a path. */
const noFile = "not a file";

/** A file that was placed in the project, with the digest that it got. */
export interface PlacedContent {
  readonly path: string;
  readonly digest: string;
}

/** Digest of the file at a path of the project; undefined where there is nothing. */
export async function placedDigest(services: Services, file: string): Promise<string | undefined> {
  const absolute = path.resolve(services.project, file);
  const found = await lstat(absolute).catch((error: unknown) => {
    if (isMissingFile(error) || (error as NodeJS.ErrnoException).code === "ENOTDIR") return undefined;
    throw error;
  });
  if (!found) return undefined;
  return found.isFile() ? services.fileDigest(absolute) : noFile;
}

/**
 * Removes files that were placed and are not declared any more, and the folders that become empty.
 * What somebody has changed since stays, and so does what another resource makes at the same path.
 */
export async function removePlaced(services: Services, files: readonly PlacedContent[]): Promise<void> {
  for (const file of files) {
    if (services.made.find(file.path) !== undefined) continue;
    if ((await placedDigest(services, file.path)) !== file.digest) continue;
    const absolute = path.resolve(services.project, file.path);
    await rm(absolute, { force: true });
    await removeEmptyFolders(services.project, path.dirname(absolute));
  }
}

/** Removes the files of a resource that leaves the program. */
export async function removeOwn(context: ResourceContext, files: readonly PlacedContent[]): Promise<void> {
  context.services.made.declare(context.urn, []);
  await removePlaced(context.services, files);
}

async function removeEmptyFolders(project: string, folder: string): Promise<void> {
  for (let at = folder; at.startsWith(`${project}${path.sep}`); at = path.dirname(at)) {
    // One that still has something in it stays, and so do those around it.
    if (
      !(await rmdir(at).then(
        () => true,
        () => false,
      ))
    )
      return;
  }
}
