import { createdOf } from "../../lib/oci/image/created";
import type { Repository } from "../../lib/oci/repository";
import type { NewestBuild } from "../../lib/release/overdue";
import { dayOf, writtenDay } from "../../lib/text/day";
import type { Version } from "../../lib/version/version";
import type { DeclaredTag } from "../../resources/definitions/declared-tag";
import { competing, isExcepted, rebuildsOf, type Alias } from "../tags/alias-holder";

/**
 * Finds the newest stable version that a repository has, or is about to get, and when it was built. Undefined where
 * there is none.
 *
 * @param own tags that this run publishes
 * @param publishedAt when a tag was published, as this stack has noted it
 */
export async function newestBuild(
  repository: Repository,
  own: readonly DeclaredTag[],
  publishedAt: (reference: string) => string | undefined,
  now: Date,
): Promise<NewestBuild | undefined> {
  const there = await repository.listTags();
  const fixed = own.filter(({ moves }) => moves === "never").map(({ tag }) => tag);
  const newest = newestTag([...new Set([...there, ...fixed])], own);
  if (newest === undefined) return undefined;
  const tag = newest.text;
  const at = { repository: repository.name, tag };
  // What is not there yet is built now.
  if (!there.includes(tag)) return { ...at, built: dayOf(now) };
  const rebuilt = dayOfRevision(newest.revision);
  if (rebuilt !== undefined) return { ...at, built: rebuilt };
  const noted = publishedAt(`${repository.name}:${tag}`);
  if (noted !== undefined) return { ...at, built: noted.slice(0, 10) };
  const created = await createdOf(repository, tag);
  return { ...at, built: created && dayOf(created) };
}

/** Versions are read as the aliases of this run read them; without any, as semantic or else calendar ones. */
function newestTag(tags: readonly string[], own: readonly DeclaredTag[]): Version | undefined {
  const aliases = own.filter(({ moves }) => moves === "highest");
  const whole = aliases.find(({ within = "" }) => within === "") ?? aliases[0];
  const declared: Alias | undefined = whole && { ...whole, within: "" };
  const ways: Alias[] = declared ? [declared] : [{ tag: "latest" }, { tag: "latest", calendar: true }];
  for (const alias of ways) {
    const compared = tags.filter((tag) => !isExcepted(tag, alias));
    const [version] = competing(compared, alias);
    if (version === undefined) continue;
    const hasRebuilds = !alias.revisions && !alias.calendar;
    const rebuilds = hasRebuilds ? rebuildsOf(version, compared, alias) : [];
    return rebuilds.find(({ revision }) => dayOfRevision(revision) !== undefined) ?? version;
  }
  return undefined;
}

/** Day that the number of a revision is, where it is one. */
function dayOfRevision(revision: number | undefined): string | undefined {
  return writtenDay(String(revision));
}
