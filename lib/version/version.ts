import { compare, parse } from "semver";

/**
 * A version of a release, parsed: `1.2.3` or `v1.2.3`, or a pre-release (`v1.2.3-rc.1`) as semantic
 * versioning writes it. A revision (`v1.2.3-1`, or the date of a rebuild: `v1.2.3-20260131`) is
 * written as a pre-release is; only who made it knows that it is newer than its version, and as
 * stable. {@link parseRevision} reads what is known to be one.
 */
export interface Version {
  /** As it was written. */
  readonly text: string;
  /** `major.minor.patch` and pre-release, without `v`, revision and build metadata. */
  readonly version: string;
  readonly major: number;
  readonly minor: number;
  /** Identifiers of the pre-release; empty for none. */
  readonly prerelease: readonly (string | number)[];
  /**
   * Build metadata (semver.org, 10), e.g. `["abc"]` of `1.2.3+abc`. It cannot stand in a tag of an
   * image.
   */
  readonly build: readonly string[];
  /** Number of the revision: that of a package, or the date of a rebuild as `YYYYMMDD`. */
  readonly revision?: number;
  /** Whether it is a release proper or a revision of one: not a pre-release. */
  readonly stable: boolean;
}

const versionPattern = /^v?(\d\S*)$/;
const revisionPattern = /^(v?\d+\.\d+\.\d+)-(0|[1-9]\d*)$/;
const endPattern = /(?:^|[^0-9.])(\d+\.\d+\.\d+.*)$/s;
const calendarPattern = /^v?(\d{2}|\d{4})\.(\d{1,8})(?:\.(\d{1,14}))?(-[0-9A-Za-z.-]+)?$/;
const calendarEndPattern = /(?:^|[^0-9.])((?:19|20)\d{2}\.\d{1,2}(?:\.\d+)?(?:-.*)?)$/s;

/** Returns the version that a text is, or undefined if it is none. */
export function parseVersion(text: string): Version | undefined {
  const written = versionPattern.exec(text)?.[1];
  const parsed = written === undefined ? undefined : parse(written);
  if (!parsed) return undefined;
  const { version, major, minor, prerelease, build } = parsed;
  return { text, version, major, minor, prerelease, build, stable: prerelease.length === 0 };
}

/**
 * The same, where a number after a version is known to be its revision: `1.2.3-20260131` is 1.2.3,
 * built again.
 */
export function parseRevision(text: string): Version | undefined {
  const [, version = "", revision] = revisionPattern.exec(text) ?? [];
  const parsed = revision === undefined ? undefined : parseVersion(version);
  return parsed ? { ...parsed, text, revision: Number(revision) } : parseVersion(text);
}

/**
 * Returns the calendar version that a text is (calver.org): a year of two or four digits, then one
 * or two numbers, which may begin with a zero, as in `2022.04.1` and `22.04`; undefined for none. Its
 * `version` is without those zeros, and always has three numbers.
 */
export function parseCalendarVersion(text: string): Version | undefined {
  const [, year = "", second, third = "0", suffix = ""] = calendarPattern.exec(text) ?? [];
  const numbers = [year, second, third].map(Number);
  const parsed = second === undefined ? undefined : parseVersion(`${numbers.join(".")}${suffix}`);
  return parsed && { ...parsed, text };
}

/**
 * Returns the version that a tag ends with, e.g. that of `mlos-distro-v1.2.3` or `2022.04.1`, or
 * undefined if there is none.
 */
export function versionOfTag(tag: string): Version | undefined {
  const text = endPattern.exec(tag)?.[1];
  const version = text === undefined ? undefined : parseVersion(text);
  if (version) return version;
  const calendar = calendarEndPattern.exec(tag)?.[1];
  return calendar === undefined ? undefined : parseCalendarVersion(calendar);
}

/**
 * What stands before the version that a tag ends with, e.g. `cli/` of `cli/v1.2.3`, which names a
 * component; empty for a version alone, and undefined where there is no version.
 */
export function prefixOfTag(tag: string): string | undefined {
  const version = versionOfTag(tag);
  return version && tag.slice(0, tag.length - version.text.length).replace(/v$/, "");
}

/**
 * Orders by version, and a revision after what it revises. Build metadata does not count
 * (semver.org, 11).
 */
export function compareVersions(a: Version, b: Version): number {
  return compare(a.version, b.version) || (a.revision ?? -1) - (b.revision ?? -1);
}

/** Returns whether a stable version is of a line: a major (`1`) or minor (`1.2`) version, or empty for any. */
export function isStableWithin({ stable, version }: Version, within: string): boolean {
  return stable && (within === "" || version.startsWith(`${within}.`));
}

/** Returns the tag that ends with the highest stable version, or undefined if none does. */
export function newestStableTag(tags: readonly string[]): string | undefined {
  return tags
    .flatMap((tag) => ({ tag, version: versionOfTag(tag) }))
    .flatMap(({ tag, version }) => (version?.stable ? [{ tag, version }] : []))
    .sort((a, b) => compareVersions(b.version, a.version) || compareText(a.tag, b.tag))[0]?.tag;
}

/** Returns a version without the `v` before it: `v1.2.3` and `1.2.3` are the same version. */
export function bareVersion(text: string): string {
  return text.replace(/^v(?=\d)/, "");
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
