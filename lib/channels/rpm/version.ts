import { ChannelError } from "../artifact";
import { upstreamVersion } from "../linux/upstream-version";

/** rpm-version(7), without the caret, which is for snapshots; a hyphen begins the release. */
const versionPattern = /^\d[A-Za-z0-9._+~]*$/;
const releasePattern = /^[A-Za-z0-9._+~]+$/;

/**
 * The version of a package for a version of a release; see `upstreamVersion`.
 *
 * Source: rpm-version(7).
 *
 * @param version of the release
 * @throws ChannelError
 */
export function rpmVersion(version: string): string {
  const upstream = upstreamVersion(version);
  if (versionPattern.test(upstream)) return upstream;
  throw new ChannelError(
    "version",
    `${JSON.stringify(version)} is not a version of a package of rpm: it begins with a digit and has letters, digits ` +
      'and ._+~ only (a valid example: "1.2.0")',
  );
}

/**
 * The release of a package, which rpm always wants.
 *
 * @param revision of the package, for the same version packaged anew. Default: `1`
 * @throws ChannelError
 */
export function rpmRelease(revision = "1"): string {
  if (releasePattern.test(revision)) return revision;
  throw new ChannelError(
    "revision",
    `${JSON.stringify(revision)} has other characters than letters, digits and ._+~ (a valid example: "2")`,
  );
}
