import { isSameVersion } from "./version";
import { parseFileName } from "./distribution-file";
import { projectKey } from "./name";
import type { IndexRules } from "./index-rules";
import type { ListedFile } from "./index-page";

/** A file that is to be in an index. */
export interface DesiredFile {
  readonly name: string;
  /** `sha256:HEX`. */
  readonly digest: string;
}

/** What is to be done for a version. */
export interface ReleasePlan {
  /** Names of files that are there, as declared. */
  readonly kept: readonly string[];
  /** Names of files to be uploaded, in the order of the declaration. */
  readonly missing: readonly string[];
  /** Why nothing of it may be done, in sentences; empty where it may. */
  readonly refusals: readonly string[];
}

const dayMs = 86_400_000;

/** The files of one version among those of a project. */
export function filesOfVersion(files: readonly ListedFile[], project: string, version: string): ListedFile[] {
  return files.filter(({ name }) => {
    try {
      const named = parseFileName(name);
      return projectKey(named.project) === projectKey(project) && isSameVersion(named.version, version);
    } catch {
      return false;
    }
  });
}

/**
 * Compares what an index has of a version with what it is to have.
 *
 * @param listed files of the version in the index, with their digests
 * @param place the index, for messages
 */
export function planRelease(
  desired: readonly DesiredFile[],
  listed: readonly ListedFile[],
  { openDays }: IndexRules,
  place: string,
  now: Date = new Date(),
): ReleasePlan {
  const found = new Map(listed.map((file) => [file.name, file]));
  const refusals: string[] = [];
  for (const { name, digest } of desired) {
    const there = found.get(name)?.digest;
    if (there !== undefined && there !== digest) refusals.push(otherBytes(name, place, there, digest));
  }
  const missing = desired.filter(({ name }) => !found.has(name)).map(({ name }) => name);
  const closed = closedSince(listed, openDays);
  if (missing.length > 0 && closed !== undefined && now > closed) {
    refusals.push(
      `${place} takes no further file for this version since ${closed.toISOString().slice(0, 10)}, ${openDays} days after ` +
        `its first one, and ${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} not there: publish a new version ` +
        "with all of its files",
    );
  }
  const kept = desired.map(({ name }) => name).filter((name) => found.has(name));
  return { kept, missing, refusals };
}

/** Why a file is not uploaded: the index has it with another content. */
export function otherBytes(name: string, place: string, there: string, digest: string): string {
  return (
    `${place} has ${name} with the digest ${there}, and this program has it with ${digest}: a published file does ` +
    "not change. Publish a new version, or build the very file that was published"
  );
}

function closedSince(listed: readonly ListedFile[], openDays: number | undefined): Date | undefined {
  const times = listed.flatMap(({ uploadedAt }) =>
    uploadedAt === undefined ? [] : [Date.parse(uploadedAt)],
  );
  if (openDays === undefined || times.length === 0) return undefined;
  return new Date(Math.min(...times) + openDays * dayMs);
}
