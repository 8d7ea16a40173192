import { compareVersions, parseVersion } from "../../version/version";

/** Tag that a version has until all packages of its release are there: nobody installs by it. */
export const hiddenTag = "slipway-incomplete";

/** The tag that a version belongs under: what `npm install NAME` takes, or what is asked for. */
export function tagOf(version: string): string {
  return parseVersion(version)?.stable === false ? "next" : "latest";
}

/** Returns whether a tag moves to a version: up, and never down. */
export function movesTo(version: string, current: string | undefined): boolean {
  const [own, there] = [parseVersion(version), parseVersion(current ?? "")];
  if (!own || !there) return true;
  // A registry gives the first version `latest` whatever was asked for: a stable one takes it.
  if (own.stable && !there.stable) return true;
  return compareVersions(own, there) > 0;
}
