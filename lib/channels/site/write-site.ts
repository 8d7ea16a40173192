import { rm } from "node:fs/promises";
import * as path from "node:path";
import { placeFile } from "../../release/place-file";

/** A file of a folder that a static host serves. */
export interface SiteFile {
  /** Path in the folder, with `/`. */
  readonly path: string;
  readonly digest: string;
  /** A file on disk, absolute, or the bytes themselves. */
  readonly content: { readonly path: string } | { readonly bytes: Uint8Array };
}

/** What is written to a folder, in this order. */
export interface SiteChange {
  /** Files whose name belongs to their content for good: packages, and indexes under their digest. */
  readonly fixed: readonly SiteFile[];
  /** Files that clients ask for by name, those that others are named in last. */
  readonly pointers: readonly SiteFile[];
}

/** A published file that would get other content. */
export class PublishedFileError extends Error {
  override readonly name = "PublishedFileError";

  constructor(
    readonly file: string,
    readonly published: string,
    readonly declared: string,
  ) {
    super(
      `${file} is published as ${published}, and this program makes ${declared}. What a published version holds does ` +
        "not change: give the change a version, or the package a revision",
    );
  }
}

/**
 * Refuses a change that would give a published file other content. Nothing is written.
 *
 * @param digestAt digest of a file by its absolute path; undefined where there is none
 * @throws PublishedFileError
 */
export async function refuseOtherContent(
  folder: string,
  fixed: readonly SiteFile[],
  digestAt: (absolute: string) => Promise<string | undefined>,
): Promise<void> {
  for (const { path: file, digest } of fixed) {
    const found = await digestAt(path.join(folder, file));
    if (found !== undefined && found !== digest) throw new PublishedFileError(file, found, digest);
  }
}

/**
 * Writes files to a folder that is served meanwhile: each appears whole, what has its name for good
 * before what names it. A run that was cut off leaves what clients had, and the next one goes on.
 *
 * @param digestAt digest of a file by its absolute path; undefined where there is none
 * @throws PublishedFileError before anything is written
 */
export async function writeSite(
  folder: string,
  { fixed, pointers }: SiteChange,
  digestAt: (absolute: string) => Promise<string | undefined>,
): Promise<void> {
  await refuseOtherContent(folder, fixed, digestAt);
  for (const { path: file, digest, content } of [...fixed, ...pointers]) {
    const absolute = path.join(folder, file);
    if ((await digestAt(absolute)) === digest) continue;
    await placeFile(absolute, content, digest);
  }
}

/** Removes files of a folder by their paths in it. */
export async function removeFromSite(folder: string, files: readonly string[]): Promise<void> {
  for (const file of files) await rm(path.join(folder, file), { force: true });
}
