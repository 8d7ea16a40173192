import { readdir, readFile } from "node:fs/promises";
import * as path from "node:path";
import { isMissingFile } from "../machine/atomic-file";
import { digestOf } from "../oci/digest";
import { placeFile } from "../release/place-file";
import type { RenderedFile } from "./render-page";

/** Name of the file by which a folder with pages is known; it is the first that is written. */
const mark = "page.schema.json";

/** A folder that has something else. */
export class ForeignFolderError extends Error {
  override readonly name = "ForeignFolderError";
}

/**
 * Refuses a folder that has files and no pages: it is somebody else's.
 *
 * @param folder absolute
 * @throws ForeignFolderError
 */
export async function refuseForeignFolder(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: unknown): string[] => {
    if (isMissingFile(error)) return [];
    throw error;
  });
  if (names.length === 0 || names.includes(mark)) return;
  throw new ForeignFolderError(`${folder} has files, and none of a release page: name a folder of its own`);
}

/**
 * Writes pages to a folder, which may be served meanwhile: each appears whole, those that link to others after them. What is as
 * it was is not written; what is there of versions that are told no more stays.
 *
 * @param folder absolute
 * @returns paths of the files that were written
 */
export async function writePage(folder: string, files: readonly RenderedFile[]): Promise<string[]> {
  const written: string[] = [];
  for (const { path: file, bytes } of files) {
    const absolute = path.join(folder, file);
    const digest = digestOf(bytes);
    if ((await digestIn(absolute)) === digest) continue;
    await placeFile(absolute, { bytes }, digest);
    written.push(file);
  }
  return written;
}

/** Digest of a file; undefined where there is none. */
async function digestIn(absolute: string): Promise<string | undefined> {
  try {
    return digestOf(await readFile(absolute));
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw error;
  }
}
