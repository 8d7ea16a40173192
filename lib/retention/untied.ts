import { dayBefore } from "../text/declared-duration";
import type { RepositoryLinks } from "./links";
import type { RetentionQuestion } from "./question";
import { seenSince } from "./seen";
import { subjectOfTag } from "./tag-kind";

/** What nothing leads to. */
interface UntiedRoot {
  /** The tag that belongs to a digest which is not there, or a digest. */
  readonly name: string;
  readonly tags: readonly string[];
  readonly digests: readonly string[];
  readonly reason: string;
}

/** What nothing leads to, and what becomes of it. */
export interface UntiedRoots {
  readonly going: readonly UntiedRoot[];
  /** What stays, and why. */
  readonly kept: readonly (readonly [name: string, reason: string])[];
  /** Digests that have to be looked for first. */
  readonly unread: ReadonlySet<string>;
  /** Names whose age counts from now on. */
  readonly looked: ReadonlySet<string>;
}

/**
 * Manifests that nothing leads to, as far as they can be known: registries do not list them. Their own referrers name
 * them by a tag, or a tag pointed to them before. And what refers to something that is not there.
 *
 * @param tied digests that a tag leads to, whether it goes or stays
 */
export function untiedRoots(
  question: RetentionQuestion,
  links: RepositoryLinks,
  tied: ReadonlySet<string>,
): UntiedRoots {
  const { contents, rule, seen, on, only } = question;
  const going = new Map<string, UntiedRoot>();
  const kept = new Map<string, string>();
  const unread = new Set<string>();
  const looked = new Set<string>();
  const after = rule.untagged?.after;
  const decide = (root: Omit<UntiedRoot, "reason">, what: string) => {
    const { name } = root;
    looked.add(name);
    const since = seenSince(seen, name) ?? on;
    if (after === undefined || since >= dayBefore(on, after)) {
      kept.set(name, `${what}, and is known since ${since}`);
    } else if (only && !only.has(name)) kept.set(name, "it was not announced by the plan");
    else going.set(name, { ...root, reason: `${what}, known since ${since}, older than ${after}` });
  };
  const untagged = (digest: string) => {
    const subject = links.of(digest).subject;
    if (subject !== undefined && !links.isKnown(subject)) unread.add(subject);
    else if (subject !== undefined && !contents.absent.has(subject))
      kept.set(digest, `it refers to ${subject}`);
    else decide({ name: digest, tags: [], digests: [digest] }, "nothing leads to it");
  };
  for (const [tag, list] of contents.tags) {
    const subject = subjectOfTag(tag);
    if (subject === undefined || tied.has(subject)) continue;
    if (after === undefined) kept.set(tag, "no rule is about what nothing leads to");
    else if (!links.isKnown(subject)) unread.add(subject);
    else if (!contents.absent.has(subject)) untagged(subject);
    else decide({ name: tag, tags: [tag], digests: [list] }, `it is of ${subject}, which is not there`);
  }
  for (const digest of Object.keys(seen)) {
    if (after === undefined || !digest.startsWith("sha256:") || tied.has(digest)) continue;
    if (!links.isKnown(digest)) unread.add(digest);
    else if (!contents.absent.has(digest)) untagged(digest);
  }
  return { going: [...going.values()], kept: [...kept], unread, looked };
}
