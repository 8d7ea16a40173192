import type { Repository } from "../../lib/oci/repository";
import { compareVersions, highestStable, type Version } from "../../lib/version/version";

/** A published version and its digest. */
export interface AliasHolder {
  tag: string;
  digest: string;
}

/**
 * Finds the versions that keep aliases, for the tags of one resource: the repository's tags are
 * listed once.
 */
export class AliasHolders {
  private tags: Promise<string[]> | undefined;
  private readonly digests = new Map<string, Promise<string | undefined>>();

  constructor(private readonly repository: Repository) {}

  /**
   * The version that keeps an alias from `own`: the highest stable one in its range, where it is
   * higher and published.
   *
   * @param within empty for all versions, `1` or `1.2`
   */
  async above(own: Version, within: string): Promise<AliasHolder | undefined> {
    this.tags ??= this.repository.listTags();
    const highest = highestStable(await this.tags, within);
    if (!highest || compareVersions(highest, own) <= 0) return undefined;
    const digest = await this.digestOf(highest.text);
    return digest === undefined ? undefined : { tag: highest.text, digest };
  }

  private digestOf(tag: string): Promise<string | undefined> {
    const known = this.digests.get(tag) ?? this.repository.headManifest(tag).then((found) => found?.digest);
    this.digests.set(tag, known);
    return known;
  }
}
