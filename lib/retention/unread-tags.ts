import type { RetentionQuestion } from "./question";
import { kindOfTag, movesByRule, subjectOfTag, type TagKind } from "./tag-kind";

/** Kinds of tags whose age is that of what they point to. */
const agesWithContent: ReadonlySet<TagKind["kind"]> = new Set(["branch", "channel", "pullRequest"]);

/**
 * Tags that have to be asked for what they point to before anything can be said, those that do not move first: an answer
 * about the others is out of date sooner. Names and days alone tell whether any tag goes; only then do the others matter, for
 * they may point to the same. Lists of referrers are not among them, but where all has to be looked at: see
 * {@link unreadLists}.
 *
 * @param isAnyGoing whether anything goes, by what is known so far
 */
export function unreadTags(
  { contents, names, rule, isFinal }: RetentionQuestion,
  isAnyGoing: boolean,
): string[] {
  const unknown = contents.listed
    .filter((tag) => !contents.tags.has(tag))
    .map((tag) => ({ tag, kind: kindOfTag(tag, names).kind }))
    .sort((a, b) => Number(movesByRule(a.kind)) - Number(movesByRule(b.kind)));
  const isAnyOther = rule.untagged !== undefined || isAnyGoing;
  const wanted = (kind: TagKind["kind"]) =>
    [isFinal, agesWithContent.has(kind), isAnyOther && kind !== "referrers"].includes(true);
  return unknown.filter(({ kind }) => wanted(kind)).map(({ tag }) => tag);
}

/**
 * Lists of referrers that have to be asked for: those of what goes, and all where one is of something that nothing is known to
 * lead to, for another list may.
 *
 * @param going digests that go
 * @param tied digests that a tag leads to; undefined where nothing untied is looked for
 */
export function unreadLists(
  { contents }: Pick<RetentionQuestion, "contents">,
  going: ReadonlySet<string>,
  tied: ReadonlySet<string> | undefined,
): string[] {
  const lists = contents.listed.flatMap((tag) => {
    const subject = subjectOfTag(tag);
    return subject === undefined ? [] : [{ tag, subject }];
  });
  const unknown = lists.filter(({ tag }) => !contents.tags.has(tag));
  const isUntied = tied !== undefined && lists.some(({ subject }) => !tied.has(subject));
  return unknown.filter(({ subject }) => isUntied || going.has(subject)).map(({ tag }) => tag);
}
