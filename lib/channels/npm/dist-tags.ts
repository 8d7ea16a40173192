import { validRange } from "semver";
import { compareVersions, parseVersion } from "../../version/version";

/** Tag that a version has until all packages of its release are there: nobody installs by it. */
export const hiddenTag = "slipway-incomplete";

/** Tag of stable versions, which `npm install NAME` takes. */
const stableTag = "latest";

/** Tag that a pre-release belongs under where none is declared. */
const defaultPrereleaseTag = "next";

/** The tag that a version belongs under: what `npm install NAME` takes, or what is asked for. */
export function tagOf(version: string, prereleaseTag: string = defaultPrereleaseTag): string {
  return parseVersion(version)?.stable === false ? prereleaseTag : stableTag;
}

/** @throws Error for what cannot be the tag of pre-releases: npm would read it as a version, or all would get them */
export function checkPrereleaseTag(tag: string): void {
  const isFree = tag !== stableTag && tag !== hiddenTag;
  if (isFree && /^[a-z][a-z0-9-]*$/.test(tag) && validRange(tag) === null) return;
  throw new Error(
    `${JSON.stringify(tag)} is not a tag for pre-releases: lower-case letters, digits and hyphens that are no version, and not ` +
      `${stableTag}, are expected (a valid example: "beta")`,
  );
}

/** Returns whether a tag moves to a version: up, and never down. */
export function movesTo(version: string, current: string | undefined): boolean {
  const [own, there] = [parseVersion(version), parseVersion(current ?? "")];
  if (!own || !there) return true;
  // A registry gives the first version `latest` whatever was asked for: a stable one takes it.
  if (own.stable && !there.stable) return true;
  return compareVersions(own, there) > 0;
}
