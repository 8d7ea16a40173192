import type { RetentionQuestion } from "./question";
import { kindOfTag } from "./tag-kind";

/** Tags that move: what they pointed to before has no tag of its own then. */
const moving: ReadonlySet<string> = new Set(["branch", "channel", "pullRequest"]);

/** Tags whose day is nowhere but in what was seen. */
const dayless: ReadonlySet<string> = new Set(["version", "prerelease", "rebuild", "commit"]);

/**
 * Since when a tag or digest is known; undefined for what was not seen before.
 *
 * @param digest what a tag points to now: one that has moved since is as new as that
 */
export function seenSince(
  seen: Readonly<Record<string, string>>,
  name: string,
  digest?: string,
): string | undefined {
  const [since, former] = seen[name]?.split(" ") ?? [];
  return former === undefined || digest === undefined || former === digest ? since : undefined;
}

/** The digest that a moving tag was seen with. */
function seenDigest(seen: Readonly<Record<string, string>>, tag: string): string | undefined {
  return seen[tag]?.split(" ")[1];
}

/**
 * Notes since when tags are known whose age nothing else tells, by tag: `2026-01-31`, for those that move with the digest
 * after it; what such a tag pointed to before, by digest; and what belongs to a digest that is not there. A registry does
 * not say how old a tag is, so it is never older than this.
 *
 * @param untied tags and digests that nothing leads to, as far as they are looked for
 * @param isDated whether the day of a version is known
 */
export function noteSeen(
  { contents, names, seen, rule, on }: RetentionQuestion,
  untied: readonly string[],
  isDated: (tag: string) => boolean,
): Record<string, string> {
  const noted: Record<string, string> = {};
  const tagged = new Set(contents.tags.values());
  const keepDigest = (digest: string, since: string) => {
    if (rule.untagged && !tagged.has(digest) && !contents.absent.has(digest)) noted[digest] ??= since;
  };
  for (const [name, since] of Object.entries(seen)) {
    if (name.startsWith("sha256:")) keepDigest(name, since);
    const digest = seenDigest(seen, name);
    // The tag has moved, or it is gone.
    if (digest !== undefined && contents.tags.get(name) !== digest) keepDigest(digest, on);
  }
  for (const tag of contents.listed) {
    const digest = contents.tags.get(tag);
    const { kind } = kindOfTag(tag, names);
    if (moving.has(kind) && digest !== undefined) {
      noted[tag] = seenDigest(seen, tag) === digest ? (seen[tag] ?? "") : `${on} ${digest}`;
    } else if (dayless.has(kind) && !isDated(tag)) {
      noted[tag] = seenSince(seen, tag) ?? on;
    }
  }
  for (const name of untied) noted[name] ??= seenSince(seen, name) ?? on;
  return Object.fromEntries(Object.entries(noted).sort(([a], [b]) => (a < b ? -1 : 1)));
}
