import { compare, parse, type SemVer } from "semver";

/** The semantic version in a tag, whatever stands before it, e.g. `v1.2.3` or `mlos-distro-v1.2.3`; undefined: none. */
export function versionOfTag(tag: string): SemVer | undefined {
  const text = /(?:^|[^0-9.])(\d+\.\d+\.\d+.*)$/s.exec(tag)?.[1];
  return (text === undefined ? undefined : parse(text)) ?? undefined;
}

/** Whether a tag is that of a stable release: it has a version, and that is no pre-release. */
export function isStableTag(tag: string): boolean {
  return versionOfTag(tag)?.prerelease.length === 0;
}

/** The tag of the highest stable version; undefined where there is none. */
export function newestStable(tags: readonly string[]): string | undefined {
  return tags
    .filter(isStableTag)
    .sort((a, b) => compare(versionOfTag(b) as SemVer, versionOfTag(a) as SemVer) || (a < b ? -1 : 1))[0];
}
