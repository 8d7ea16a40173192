import { ChannelError } from "../artifact";
import { upstreamVersion } from "../linux/upstream-version";

/** Debian policy 5.6.12: no colon, for there is no epoch, and no hyphen, which begins a revision. */
const upstreamPattern = /^\d[A-Za-z0-9.+~]*$/;
const revisionPattern = /^[A-Za-z0-9.+~]+$/;

/**
 * The version of a Debian package for a version of a release: `v1.2.0` is `1.2.0`, and a pre-release
 * such as `1.2.0-rc.1` is `1.2.0~rc.1`, which dpkg orders before `1.2.0`. Hyphens in a pre-release
 * are dots, because dpkg takes what follows the last one for a revision. Build metadata stays.
 *
 * Source: Debian policy 5.6.12, "Version".
 *
 * @param version of the release
 * @param revision of the package, for the same version packaged anew. Default: none
 * @throws ChannelError
 */
export function debianVersion(version: string, revision?: string): string {
  const upstream = upstreamVersion(version);
  if (!upstreamPattern.test(upstream)) {
    throw new ChannelError(
      "version",
      `${JSON.stringify(version)} is not a version of a Debian package: it begins with a digit and has letters, digits ` +
        'and .+~ only (a valid example: "1.2.0")',
    );
  }
  if (revision === undefined) return upstream;
  if (!revisionPattern.test(revision)) {
    throw new ChannelError(
      "revision",
      `${JSON.stringify(revision)} has other characters than letters, digits and .+~ (a valid example: "2")`,
    );
  }
  return `${upstream}-${revision}`;
}
