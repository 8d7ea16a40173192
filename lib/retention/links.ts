import type { RepositoryContents } from "./contents";
import { subjectOfTag } from "./tag-kind";

/** What a manifest leads to. */
export interface Links {
  readonly children: readonly string[];
  /** Tags that belong to it by their name, with what they point to. */
  readonly named: readonly (readonly [tag: string, digest: string])[];
  /** What the registry lists as referring to it. */
  readonly referrers: readonly string[];
  readonly subject: string | undefined;
}

/** What leads where in a repository. */
export class RepositoryLinks {
  private readonly named = new Map<string, (readonly [string, string])[]>();
  /** Digests that are known to be indexes, or must be looked at. */
  private readonly indexes = new Set<string>();
  /** Digests of lists of referrers, which are the subject of nothing. */
  readonly lists = new Set<string>();

  constructor(private readonly contents: RepositoryContents) {
    for (const [tag, digest] of contents.tags) {
      const subject = subjectOfTag(tag);
      if (subject === undefined) continue;
      this.named.set(subject, [...(this.named.get(subject) ?? []), [tag, digest]]);
      // In cosign's older scheme the tag is that of a signature itself.
      if (/^sha256-[a-f0-9]{64}$/.test(tag)) this.lists.add(digest);
    }
    for (const { children } of contents.manifests.values()) {
      for (const { digest, isIndex } of children) if (isIndex) this.indexes.add(digest);
    }
  }

  of(digest: string): Links {
    const manifest = this.contents.manifests.get(digest);
    return {
      children: manifest?.children.map((child) => child.digest) ?? [],
      named: this.named.get(digest) ?? [],
      referrers: this.contents.referrers.get(digest) ?? [],
      subject: manifest?.subject,
    };
  }

  /** Whether a manifest leads on and was not read. */
  isUnread(digest: string): boolean {
    return this.indexes.has(digest) && !this.isKnown(digest);
  }

  /** Whether a manifest was read, or is not there. */
  isKnown(digest: string): boolean {
    return this.contents.manifests.has(digest) || this.contents.absent.has(digest);
  }

  /**
   * All that is needed of what is given: content, what refers to it, and what it refers to, the given ones too.
   *
   * @param unread takes what has to be read before that is known
   */
  needed(roots: Iterable<string>, unread: Set<string>): Set<string> {
    return closure(roots, (digest) => {
      const { children, named, referrers, subject } = this.of(digest);
      if (this.isUnread(digest)) unread.add(digest);
      // What somebody refers to may be an index.
      if (subject !== undefined && !this.isKnown(subject)) unread.add(subject);
      return [...children, ...named.map(([, list]) => list), ...referrers, ...(subject ? [subject] : [])];
    });
  }

  /** All that has no other use than what is given, the given ones too. */
  below(roots: Iterable<string>, needed: ReadonlySet<string>): Set<string> {
    return closure(roots, (digest) => {
      const { children, named, referrers } = this.of(digest);
      return [...children, ...named.map(([, list]) => list), ...referrers].filter((one) => !needed.has(one));
    });
  }
}

function closure(roots: Iterable<string>, next: (digest: string) => readonly string[]): Set<string> {
  const found = new Set(roots);
  // A set goes on over what is added to it meanwhile.
  for (const digest of found) for (const further of next(digest)) found.add(further);
  return found;
}
