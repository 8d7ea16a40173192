import { readFile } from "node:fs/promises";
import * as path from "node:path";
import * as z from "zod";
import { isMissingFile } from "../../lib/machine/atomic-file";
import { defined } from "../../lib/objects/defined";
import { formatReference, parseReference } from "../../lib/oci/reference";
import { InputError } from "../../resources/definitions/input-findings";
import type { LockUse } from "../../resources/definitions/image-lock";
import { day, digest } from "../../resources/definitions/shapes";

/** A lock file: digests of images by reference. */

const lockFile = z.strictObject({
  version: z.literal(1),
  /** Day on which all digests were those of the registries; absent where none was noted. */
  refreshed: day.optional(),
  images: z.record(z.string(), digest),
});

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

/** What a lock file says. */
export interface Lock {
  readonly images: LockedDigests;
  /** Day on which all digests were those of the registries, as `YYYY-MM-DD`; undefined where none was noted. */
  readonly refreshed?: string | undefined;
}

/** Text of a lock file: sorted, one image a line, so that a change is one line of a diff. */
export function formatLock(images: LockedDigests, refreshed?: string): string {
  const entries = Object.entries(images)
    .map(([reference, value]): [string, string] => [lockKey(reference), value])
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const lock = defined({ version: 1, refreshed, images: Object.fromEntries(entries) });
  return `${JSON.stringify(lock, undefined, 2)}\n`;
}

/**
 * Reads the digests of a lock; none where there is no file yet, and where it is to be renewed.
 *
 * @param project absolute folder of the project
 * @throws InputError naming the file, where it cannot be read
 */
export async function readLock(project: string, lock: LockUse | undefined): Promise<LockedDigests> {
  if (lock === undefined || lock.refresh === true) return {};
  return (await readLockFile(project, lock.file))?.images ?? {};
}

/**
 * Reads a lock file; undefined where there is none.
 *
 * @param project absolute folder of the project
 * @throws InputError naming the file, where it cannot be read
 */
export async function readLockFile(project: string, file: string): Promise<Lock | undefined> {
  try {
    const { images, refreshed } = lockFile.parse(
      JSON.parse(await readFile(path.resolve(project, file), "utf8")),
    );
    return {
      images: Object.fromEntries(Object.entries(images).map(([key, value]) => [lockKey(key), value])),
      refreshed,
    };
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    const reason =
      error instanceof z.ZodError
        ? error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ")
        : (error as Error).message;
    throw new InputError([
      {
        property: "lock.file",
        reason:
          `${JSON.stringify(file)} is not a lock of images: ${reason} ` +
          `(restore it from the version control, or delete it to lock what the registries have now)`,
      },
    ]);
  }
}

/** The message that something newer is held back. */
export function sayPending(lock: LockUse, reference: string, locked: string, now: string): string {
  return (
    `pending rebuild: ${reference} is locked at ${locked}, and its registry has ${now} now. ` +
    `To take it, remove its line from ${lock.file}; \`npx slipway refresh\` takes all`
  );
}
