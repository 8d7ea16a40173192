import { bareVersion, parseVersion } from "../../version/version";

/**
 * The version of a release as dpkg and rpm order it: `v1.2.0` is `1.2.0`, and a pre-release such as
 * `1.2.0-rc.1` is `1.2.0~rc.1`, which comes before `1.2.0`. Hyphens in a pre-release are dots,
 * because what follows the last one would be a revision. Build metadata stays. What is no semantic
 * version is as it is, without a `v`.
 *
 * Source: Debian policy 5.6.12, "Version"; rpm-version(7).
 */
export function upstreamVersion(version: string): string {
  const bare = bareVersion(version);
  if (!parseVersion(version)) return bare;
  // What is before the first `+` is the version with its pre-release (semver.org, 10).
  const [main = "", ...build] = bare.split("+");
  const [release = "", ...prerelease] = main.split("-");
  const before = prerelease.length === 0 ? release : `${release}~${prerelease.join(".")}`;
  return build.length === 0 ? before : `${before}+${build.join("+").replaceAll("-", ".")}`;
}
