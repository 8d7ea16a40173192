import { compare, parse } from "semver";

/**
 * A version of a release, parsed: `1.2.3` or `v1.2.3`, a pre-release (`v1.2.3-rc.1`) as semantic
 * versioning writes it, or the rebuild of a version with its date (`v1.2.3-20260131`). A build date
 * stands where semantic versioning has a pre-release, so eight digits there are a date: a rebuild
 * is newer than its version, and as stable.
 */
export interface Version {
  /** As it was written. */
  readonly text: string;
  /** `major.minor.patch` and pre-release, without `v`, date of a rebuild and build metadata. */
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
  /** Date of the rebuild, as `YYYYMMDD`. */
  readonly rebuilt?: string;
  /** Whether it is a release proper or the rebuild of one: not a pre-release. */
  readonly stable: boolean;
}

const versionPattern = /^v?(\d\S*)$/;
const rebuildPattern = /^(\d+\.\d+\.\d+)-(\d{8})$/;
const endPattern = /(?:^|[^0-9.])(\d+\.\d+\.\d+.*)$/s;

/** Returns the version that a text is, or undefined if it is none. */
export function parseVersion(text: string): Version | undefined {
  const written = versionPattern.exec(text)?.[1];
  if (written === undefined) return undefined;
  const [, rebuiltVersion, rebuilt] = rebuildPattern.exec(written) ?? [];
  const parsed = parse(rebuiltVersion ?? written);
  if (!parsed) return undefined;
  const { version, major, minor, prerelease, build } = parsed;
  const own = { text, version, major, minor, prerelease, build, stable: prerelease.length === 0 };
  return rebuilt === undefined ? own : { ...own, rebuilt };
}

/**
 * Returns the version that a tag ends with, e.g. that of `mlos-distro-v1.2.3`, or undefined if
 * there is none.
 */
export function versionOfTag(tag: string): Version | undefined {
  const text = endPattern.exec(tag)?.[1];
  return text === undefined ? undefined : parseVersion(text);
}

/**
 * Orders by version, and a rebuild after what it rebuilds. Build metadata does not count
 * (semver.org, 11).
 */
export function compareVersions(a: Version, b: Version): number {
  return compare(a.version, b.version) || compareText(a.rebuilt ?? "", b.rebuilt ?? "");
}

/**
 * Returns the highest stable version among tags.
 *
 * @param within line that it has to be of: a major (`1`) or minor (`1.2`) version, or empty for any
 */
export function highestStable(tags: readonly string[], within: string): Version | undefined {
  return tags
    .flatMap((tag) => parseVersion(tag) ?? [])
    .filter(({ stable, version }) => stable && (within === "" || version.startsWith(`${within}.`)))
    .sort(compareVersions)
    .at(-1);
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
