import { readFile } from "node:fs/promises";
import * as path from "node:path";
import * as z from "zod";
import { isMissingFile } from "../../lib/machine/atomic-file";
import { formatReference, parseReference } from "../../lib/oci/reference";
import { InputError } from "../../resources/definitions/input-findings";
import type { LockUse } from "../../resources/definitions/image-lock";
import { digest } from "../../resources/definitions/shapes";

/** A lock file: digests of images by reference. */

const lockFile = z.strictObject({ version: z.literal(1), images: z.record(z.string(), digest) });

/** Digests by reference, in the form of {@link lockKey}. */
export type LockedDigests = Readonly<Record<string, string>>;

/**
 * A reference as it stands in a lock: whole, so that `redis:7` and `docker.io/library/redis:7` are
 * one.
 */
export function lockKey(reference: string): string {
  const parsed = parseReference(reference);
  return formatReference({ ...parsed, tag: parsed.tag ?? "latest" });
}

/** Text of a lock file: sorted, one image a line, so that a change is one line of a diff. */
export function formatLock(images: LockedDigests): string {
  const entries = Object.entries(images)
    .map(([reference, value]): [string, string] => [lockKey(reference), value])
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `${JSON.stringify({ version: 1, images: Object.fromEntries(entries) }, undefined, 2)}\n`;
}

/**
 * Reads what a lock says; nothing where there is no file yet, and where it is to be renewed.
 *
 * @param project absolute folder of the project
 * @throws InputError naming the file, where it cannot be read
 */
export async function readLock(project: string, lock: LockUse | undefined): Promise<LockedDigests> {
  if (lock === undefined || lock.refresh === true) return {};
  try {
    const { images } = lockFile.parse(JSON.parse(await readFile(path.resolve(project, lock.file), "utf8")));
    return Object.fromEntries(Object.entries(images).map(([key, value]) => [lockKey(key), value]));
  } catch (error) {
    if (isMissingFile(error)) return {};
    const reason =
      error instanceof z.ZodError
        ? error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ")
        : (error as Error).message;
    throw new InputError([
      {
        property: "lock.file",
        reason:
          `${JSON.stringify(lock.file)} is not a lock of images: ${reason} ` +
          `(restore it from the version control, or delete it to lock what the registries have now)`,
      },
    ]);
  }
}

/** The message that something newer is held back. */
export function sayPending(lock: LockUse, reference: string, locked: string, now: string): string {
  return (
    `pending rebuild: ${reference} is locked at ${locked}, and its registry has ${now} now. ` +
    `To take it, remove its line from ${lock.file}, or set lock.refresh for one run`
  );
}
