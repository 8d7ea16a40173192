import type { Repository } from "../oci/repository";
import { compareVersionTags, highestStable, type VersionTag } from "../oci/version-tag";

/**
 * The version that keeps an alias from `own`: the highest stable one in its range, where it is higher and published.
 *
 * @param within empty for all versions, `1` or `1.2`
 */
export async function higherVersion(
  repository: Repository,
  own: VersionTag,
  within: string,
): Promise<{ tag: string; digest: string } | undefined> {
  const highest = highestStable(await repository.listTags(), within);
  if (!highest || compareVersionTags(highest, own) <= 0) return undefined;
  const held = await repository.headManifest(highest.tag);
  return held && { tag: highest.tag, digest: held.digest };
}
