import { parse } from "semver";
import { bareVersion } from "../../version/version";
import { ChannelError } from "../artifact";

/**
 * The version of a release as npm has it, without a `v`.
 *
 * @throws ChannelError for what is no semantic version, or has build metadata, which npm drops
 */
export function npmVersionOf(version: string): string {
  const bare = bareVersion(version);
  if (parse(bare)?.version === bare) return bare;
  throw new ChannelError(
    "version",
    `${JSON.stringify(version)} is not a version of a package of npm: a semantic version without build metadata is expected ` +
      '(valid examples: "1.2.0", "1.2.0-rc.1"); version gives it another one',
  );
}
