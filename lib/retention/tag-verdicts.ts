import { isStableWithin } from "../version/version";
import { countVerdicts, type Counted } from "./count-verdicts";
import { nameOfVersion, publishedDays } from "./published-days";
import type { RetentionQuestion } from "./question";
import type { CountRule } from "./rule";
import { seenSince } from "./seen";
import { kindOfTag, type TagKind } from "./tag-kind";
import { newestMajors, versionVerdict, type Verdict } from "./versions";

/** A tag, and what it is. What belongs to a digest by its name is not among them. */
interface JudgedTag {
  readonly tag: string;
  /** What it points to; the tag itself where nobody has asked, which no other tag has then. */
  readonly digest: string;
  readonly kind: TagKind;
}

/** What becomes of each tag, but of those that belong to a digest by their name. */
export function tagVerdicts(question: RetentionQuestion): Map<string, Verdict> {
  const { contents, names, needs, only } = question;
  const tags = contents.listed.flatMap((tag): JudgedTag[] => {
    const kind = kindOfTag(tag, names);
    return kind.kind === "referrers" ? [] : [{ tag, digest: contents.tags.get(tag) ?? tag, kind }];
  });
  const verdicts = new Map([...versionVerdicts(question, tags), ...countedVerdicts(question, tags)]);
  for (const { tag, kind } of tags) {
    if (kind.kind === "channel") verdicts.set(tag, stays("it moves with what is built"));
    if (kind.kind === "other") verdicts.set(tag, stays("no rule for tags gives it"));
    if (needs.has(tag)) verdicts.set(tag, stays("it is declared"));
    else if (only && !only.has(tag) && verdicts.get(tag)?.goes)
      verdicts.set(tag, stays("it was not announced by the plan"));
  }
  bindTogether(question, tags, verdicts);
  return verdicts;
}

function stays(reason: string): Verdict {
  return { goes: false, reason };
}

function versionVerdicts(
  { rule, notices, on, published, seen, needs, names }: RetentionQuestion,
  tags: readonly JudgedTag[],
): Map<string, Verdict> {
  const versions = tags.flatMap(({ tag, kind }) => ("version" in kind ? [{ tag, ...kind }] : []));
  const { versions: versionRule } = rule;
  // A preview knows the version that is about to be published.
  const declared = [...needs].map((name) => kindOfTag(name, names));
  const all = [...versions, ...declared].flatMap((one) => ("version" in one ? one.version : []));
  const majors = newestMajors(all, versionRule?.majors ?? 0);
  const days = publishedDays(published);
  const verdicts = new Map<string, Verdict>();
  const counted = new Map<string, { rule: CountRule; tags: Counted[] }>();
  for (const { tag, kind, version } of versions) {
    const day = days.get(nameOfVersion(version)) ?? seenSince(seen, tag);
    const verdict = versionRule
      ? versionVerdict(version, day, majors, { rule: versionRule, notices, on })
      : stays("no rule is about versions");
    verdicts.set(tag, verdict);
    const own = kind === "prerelease" ? rule.prereleases : kind === "rebuild" ? rule.rebuilds : undefined;
    // What goes with its version needs no count.
    if (own === undefined || verdict.goes) continue;
    const group = kind === "rebuild" ? version.version : "";
    const others = counted.get(group)?.tags ?? [];
    counted.set(group, { rule: own, tags: [...others, { name: tag, day }] });
  }
  for (const { rule: own, tags: group } of counted.values()) {
    for (const [tag, verdict] of countVerdicts(group, own, on)) verdicts.set(tag, verdict);
  }
  return verdicts;
}

function countedVerdicts(
  { rule, seen, on }: RetentionQuestion,
  tags: readonly JudgedTag[],
): Map<string, Verdict> {
  const rules = {
    branch: rule.branches,
    commit: rule.commits,
    date: rule.dates,
    pullRequest: rule.pullRequests,
  } as const;
  const kinds = Object.keys(rules) as (keyof typeof rules)[];
  return new Map(
    kinds.flatMap((wanted) => {
      const counted = tags.flatMap(({ tag, digest, kind }) => {
        if (kind.kind !== wanted) return [];
        return [{ name: tag, day: kind.kind === "date" ? kind.day : seenSince(seen, tag, digest) }];
      });
      return [...countVerdicts(counted, rules[wanted], on)];
    }),
  );
}

/**
 * What has one digest stays or goes together, as far as versions are concerned: a version that something else points to
 * stays, its commit tags and the aliases of a line go with all that they are of.
 */
function bindTogether(
  { needs, only }: RetentionQuestion,
  tags: readonly JudgedTag[],
  verdicts: Map<string, Verdict>,
): void {
  const goes = (tag: string) => verdicts.get(tag)?.goes === true;
  const mayGo = (tag: string) => !needs.has(tag) && (only?.has(tag) ?? true);
  const byDigest = new Map<string, JudgedTag[]>();
  for (const one of tags) byDigest.set(one.digest, [...(byDigest.get(one.digest) ?? []), one]);
  const lines = linesOf(tags);
  const followers = tags.filter(
    ({ tag, kind }) => mayGo(tag) && !goes(tag) && (kind.kind === "commit" || kind.kind === "alias"),
  );
  const lead = ({ digest, kind, tag }: JudgedTag): string | undefined => {
    const own = (byDigest.get(digest) ?? []).find((one) => "version" in one.kind && goes(one.tag));
    if (own === undefined || kind.kind !== "alias") return own && `it is that of ${own.tag}, which goes`;
    const line = kind.within === "" ? [] : (lines.get(tag) ?? []);
    return line.length > 0 && line.every(goes) ? `all versions of it go` : undefined;
  };
  for (const one of followers) {
    const reason = lead(one);
    if (reason !== undefined) verdicts.set(one.tag, { goes: true, reason });
    else if (one.kind.kind === "alias") verdicts.set(one.tag, stays("it is the alias of versions that stay"));
  }
  // Each round keeps something that the one before let go.
  for (let changed = true; changed;) {
    changed = false;
    for (const { tag, digest, kind } of tags) {
      if (!("version" in kind) || !goes(tag)) continue;
      const other = (byDigest.get(digest) ?? []).find((one) => !goes(one.tag));
      if (other === undefined) continue;
      verdicts.set(tag, stays(`${other.tag} points to the same, and stays`));
      changed = true;
    }
    for (const one of followers) {
      if (!goes(one.tag) || lead(one) !== undefined) continue;
      verdicts.set(one.tag, stays("what it is of stays"));
      changed = true;
    }
  }
}

/** The versions of each alias, by tag. */
function linesOf(tags: readonly JudgedTag[]): Map<string, string[]> {
  const stable = tags.flatMap(({ tag, kind }) => ("version" in kind ? [{ tag, version: kind.version }] : []));
  return new Map(
    tags.flatMap(({ tag, kind }) => {
      if (kind.kind !== "alias") return [];
      const own = stable.filter(({ version }) => isStableWithin(version, kind.within));
      return [[tag, own.map((one) => one.tag)] as const];
    }),
  );
}
