import type { PackageFile } from "./package-file";

/** A version that a registry has taken, and that nobody can install before somebody approves it. */
export interface StagedVersion {
  /** By which it is approved and rejected. */
  readonly id: string;
  readonly version: string;
  /** SHA-1 of the tarball in hexadecimal digits. */
  readonly shasum: string;
}

/** A page of the list of what is staged. */
export interface StagedPage {
  readonly items: readonly StagedVersion[];
  /** How many there are on all pages. */
  readonly total: number;
}

/** UUIDs, which people paste into a shell. */
const idPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Reads a page of the list, as far as it is about a package.
 *
 * @throws Error for what is none
 */
export function readStagedPage(parsed: unknown, name: string): StagedPage {
  const { items, total } = (parsed ?? {}) as Record<string, unknown>;
  if (!Array.isArray(items) || typeof total !== "number") throw new Error("it is no list of staged versions");
  const own = items.flatMap((item: unknown) => {
    const { id, packageName, version, shasum } = (item ?? {}) as Record<string, unknown>;
    if (packageName !== name) return [];
    if (typeof version !== "string" || typeof shasum !== "string") throw new Error("an entry has no version");
    return [{ id: checkStageId(id), version, shasum }];
  });
  return { items: own, total };
}

/** @throws Error for what is no ID of a staged version */
export function checkStageId(id: unknown): string {
  if (typeof id === "string" && idPattern.test(id)) return id;
  throw new Error("an entry has no ID");
}

/** Why a version is not staged: another one of that number waits already. */
export function otherStaged({ name, version }: PackageFile, place: string, { id }: StagedVersion): string {
  return (
    `${place} has ${name}@${version} on the stage already, with other bytes than this program has: reject that one ` +
    `(npm stage reject ${id}), or publish a new version`
  );
}
