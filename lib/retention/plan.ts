import type { RepositoryContents } from "./contents";
import { RepositoryLinks } from "./links";
import { nameOfVersion, publishedDays } from "./published-days";
import type { RetentionQuestion } from "./question";
import { remainsOfVersions } from "./remains";
import { removalOrder, type RemovalStep } from "./removal-order";
import { noteSeen } from "./seen";
import { kindOfTag } from "./tag-kind";
import { tagVerdicts } from "./tag-verdicts";
import { unreadLists, unreadTags } from "./unread-tags";
import { untiedRoots } from "./untied";

/** What has to be asked for. */
export interface Unread {
  readonly tags: readonly string[];
  readonly manifests: readonly string[];
  /** Digests whose referrers the registry is asked for. */
  readonly referrers: readonly string[];
}

/** What would go, and why the rest stays. */
export interface RetentionPlan {
  /** Why each of them goes: tags, and digests that nothing leads to. */
  readonly due: Readonly<Record<string, string>>;
  /** The deletions, in their order. */
  readonly steps: readonly RemovalStep[];
  /** Why each of the other tags stays, and what nothing leads to. */
  readonly kept: Readonly<Record<string, string>>;
  /** What has to be asked for before the answer is whole. */
  readonly unread: Unread;
  /** Since when things are known, for the next time. */
  readonly seen: Readonly<Record<string, string>>;
}

/**
 * What would go from a repository on a day, and why. Nothing is asked for and nothing changed: what the answer needs
 * beyond what is given is in `unread`, and nothing goes before it is empty.
 */
export function planRetention(question: RetentionQuestion): RetentionPlan {
  const { contents, seen, names } = question;
  const nothing = { due: {}, steps: [], kept: {}, seen };
  const nothingUnread: Unread = { tags: [], manifests: [], referrers: [] };
  if (contents.incomplete.length > 0) return { ...nothing, unread: nothingUnread };
  const verdicts = tagVerdicts(question);
  const remains = remainsOfVersions(question);
  const hasRemains = [...remains.keys()].some((digest) => contents.manifests.has(digest));
  const tags = unreadTags(question, hasRemains || [...verdicts.values()].some(({ goes }) => goes));
  if (tags.length > 0) return { ...nothing, unread: { ...nothingUnread, tags } };
  const isUntiedAsked = question.rule.untagged !== undefined;
  const links = new RepositoryLinks(contents);
  const unread = new Set<string>();
  const going = [...verdicts].filter(([, { goes }]) => goes).map(([tag]) => tag);
  const needed = links.needed(neededRoots(question, going, remains), unread);
  const tagged = going.map((tag) => contents.tags.get(tag) ?? "").filter((digest) => !needed.has(digest));
  const left = [...remains.keys()].filter((digest) => !needed.has(digest) && !contents.absent.has(digest));
  for (const digest of left) if (!links.isKnown(digest)) unread.add(digest);
  const goingLeft = left.filter((digest) => question.only?.has(digest) ?? true);
  const ofTags = links.below([...tagged, ...left], needed);
  const tied = new Set([...needed, ...ofTags]);
  const untied = untiedRoots(question, links, tied);
  for (const digest of untied.unread) unread.add(digest);
  const untiedTags = untied.going.flatMap(({ tags }) => tags);
  const roots = [...tagged, ...goingLeft, ...untied.going.flatMap(({ digests }) => digests)];
  const listed = links.below(roots, needed);
  const others = links.needed(wronglyListed(contents, links, listed, unread), unread);
  const manifests = others.size === 0 ? listed : links.below(roots, new Set([...needed, ...others]));
  for (const digest of manifests) {
    if (contents.absent.has(digest)) manifests.delete(digest);
    else if (links.isUnread(digest)) unread.add(digest);
  }
  const goingTags = new Set([...going, ...untiedTags]);
  for (const digest of manifests) for (const [tag] of links.of(digest).named) goingTags.add(tag);
  // Whatever was found out above: what a tag points to that stays is not deleted.
  for (const [tag, digest] of contents.tags) if (!goingTags.has(tag)) manifests.delete(digest);
  const days = publishedDays(question.published);
  const isDated = (tag: string) => {
    const kind = kindOfTag(tag, names);
    return "version" in kind && days.has(nameOfVersion(kind.version));
  };
  // What follows a version goes before it: without it nobody could tell any more that it is to go.
  const isFollower = (tag: string) => ["alias", "commit"].includes(kindOfTag(tag, names).kind);
  const inOrder = going.toSorted((a, b) => Number(isFollower(b)) - Number(isFollower(a)));
  const isAsked = (digest: string) => contents.referrers.has(digest) || links.lists.has(digest);
  const plan = {
    kept: Object.fromEntries([
      ...[...verdicts].filter(([, { goes }]) => !goes).map(([tag, { reason }]) => [tag, reason] as const),
      ...untied.kept,
    ]),
    unread: {
      tags: unreadLists(question, manifests, isUntiedAsked ? tied : undefined),
      manifests: [...unread].filter((digest) => !links.isKnown(digest)),
      referrers: contents.hasReferrersApi ? [...manifests].filter((digest) => !isAsked(digest)) : [],
    },
    seen: noteSeen(question, [...untied.looked], isDated),
  };
  if (isUnread(plan.unread)) return { ...plan, due: {}, steps: [] };
  return {
    ...plan,
    due: Object.fromEntries([
      ...going.map((tag) => [tag, verdicts.get(tag)?.reason ?? ""] as const),
      ...goingLeft.map((digest) => [digest, remains.get(digest) ?? ""] as const),
      ...untied.going.map(({ name, reason }) => [name, reason] as const),
    ]),
    steps: removalOrder(contents, links, [...inOrder, ...untiedTags], manifests),
  };
}

/** Whether anything has to be asked for. */
export function isUnread({ tags, manifests, referrers }: Unread): boolean {
  return tags.length + manifests.length + referrers.length > 0;
}

/**
 * What stays whatever refers to it: what other tags point to, what is declared, and what published versions consist of
 * that do not go.
 */
function neededRoots(
  { contents, needs, published, names, seen }: RetentionQuestion,
  going: readonly string[],
  remains: ReadonlyMap<string, string>,
): Set<string> {
  const gone = new Set(going);
  const roots = new Set([...needs].filter((name) => name.startsWith("sha256:")));
  const goingDigests = new Set<string>();
  for (const [tag, digest] of contents.tags) {
    if (gone.has(tag)) goingDigests.add(digest);
    else if (kindOfTag(tag, names).kind !== "referrers") roots.add(digest);
  }
  // What was published and has lost its tag is put back from here.
  const former = new Set(Object.keys(seen).filter((name) => name.startsWith("sha256:")));
  for (const { digests } of Object.values(published)) {
    for (const digest of digests) {
      if (!goingDigests.has(digest) && !former.has(digest) && !remains.has(digest)) roots.add(digest);
    }
  }
  return roots;
}

/**
 * What a list names as referring to something, and which says otherwise of itself: others may have written the list. A
 * registry that lists referrers by itself knows better, and is asked about what only such a list names.
 */
function wronglyListed(
  contents: RepositoryContents,
  links: RepositoryLinks,
  manifests: ReadonlySet<string>,
  unread: Set<string>,
): string[] {
  if (!contents.hasReferrersApi) return [];
  const told = new Set([...contents.referrers.values()].flat());
  return [...manifests].flatMap((subject) =>
    links
      .of(subject)
      .named.filter(([, list]) => links.lists.has(list))
      .flatMap(([, list]) => links.of(list).children)
      .filter((referrer) => manifests.has(referrer) && !told.has(referrer))
      .filter((referrer) => {
        if (!links.isKnown(referrer)) unread.add(referrer);
        const manifest = contents.manifests.get(referrer);
        return manifest !== undefined && manifest.subject !== subject;
      }),
  );
}
