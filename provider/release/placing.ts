import { lstat } from "node:fs/promises";
import * as path from "node:path";
import { isMissingFile } from "../../lib/machine/atomic-file";
import type { Services } from "../run/services";

/** Observed where something else than a file is at a path. */
const noFile = "not a file";

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
