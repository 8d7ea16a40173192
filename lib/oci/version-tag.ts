import { compare, parse, prerelease } from "semver";

/**
 * Versions written as tags: `v1.2.3` or `1.2.3`, pre-releases as semantic versioning writes them, and the rebuild of a
 * version with its date, `v1.2.3-20260131`. A build date is written where semantic versioning has a pre-release, so eight
 * digits there are taken as a date: such a tag is newer than its version, not older.
 */
export interface VersionTag {
  tag: string;
  /** Version without `v` and without build date. */
  version: string;
  /** Build date as `YYYYMMDD`, for a rebuild. */
  rebuilt?: string;
  /** Whether it is a release proper: no pre-release, no commit. */
  stable: boolean;
}

const versionPattern = /^v?(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)$/;
const rebuildPattern = /^(\d+\.\d+\.\d+)-(\d{8})$/;

/** Reads a tag as a version, or returns undefined where it is none. */
export function parseVersionTag(tag: string): VersionTag | undefined {
  const text = versionPattern.exec(tag)?.[1];
  if (text === undefined) return undefined;
  const [, version, rebuilt] = rebuildPattern.exec(text) ?? [];
  if (version !== undefined && rebuilt !== undefined) return { tag, version, rebuilt, stable: true };
  const parsed = parse(text);
  return parsed ? { tag, version: parsed.version, stable: prerelease(parsed) === null } : undefined;
}

/** Orders by version, and a rebuild after what it rebuilds. */
export function compareVersionTags(a: VersionTag, b: VersionTag): number {
  return compare(a.version, b.version) || (a.rebuilt ?? "").localeCompare(b.rebuilt ?? "");
}

/**
 * The highest stable version among tags, of all or of those within a major (`1`) or minor (`1.2`) version.
 *
 * @param within empty for all
 */
export function highestStable(tags: readonly string[], within: string): VersionTag | undefined {
  return tags
    .flatMap((tag) => parseVersionTag(tag) ?? [])
    .filter((candidate) => candidate.stable && (within === "" || candidate.version.startsWith(`${within}.`)))
    .sort(compareVersionTags)
    .at(-1);
}
