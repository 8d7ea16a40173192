import type { Repository } from "../../lib/oci/repository";
import { compareVersions } from "../../lib/version/version";
import type { DeclaredTag } from "../../resources/definitions/declared-tag";
import { competing, isExcepted } from "./alias-holder";
import { versionOf } from "./tag-rules";

/** A list of tags that left out the version which has an alias. */
export class SkippedVersionError extends Error {
  override readonly name = "SkippedVersionError";
}

/**
 * A second look at a repository's list of tags before an alias leaves a digest that this program
 * did not give it. Lists that come in pages have been seen to leave tags out while others are
 * deleted, and without a higher version in the list an alias would go back.
 */
export class SkippedVersions {
  private tags: Promise<string[]> | undefined;

  /** @param place repository, for messages */
  constructor(
    private readonly repository: Repository,
    private readonly place: string,
  ) {}

  /**
   * Refuses to take an alias from a higher version that the first list did not name.
   *
   * @param digest what the alias points to
   * @throws SkippedVersionError
   */
  async refuse(alias: DeclaredTag, digest: string): Promise<void> {
    const own = versionOf(alias);
    if (!own) return;
    this.tags ??= this.repository.listTags();
    const tags = (await this.tags).filter((tag) => !isExcepted(tag, alias));
    for (const version of competing(tags, alias)) {
      if (compareVersions(version, own) <= 0) return;
      if ((await this.repository.headManifest(version.text))?.digest !== digest) continue;
      throw new SkippedVersionError(
        `${this.place}:${alias.tag} is that of ${version.text} (${digest}), which the registry did not ` +
          `list at first: it stays there. Run again.`,
      );
    }
  }
}
