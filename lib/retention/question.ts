import type { RepositoryContents } from "./contents";
import type { Notice } from "./notice";
import type { RetentionRule } from "./rule";
import type { TagNames } from "./tag-kind";

/** What is known of a published version. */
export interface PublishedVersionFacts {
  /** Day on which it was published. */
  readonly day: string;
  /** What its tags point to in the repository. */
  readonly digests: readonly string[];
}

/** What would go from a repository on a day? */
export interface RetentionQuestion {
  readonly contents: RepositoryContents;
  /** Names that the rules for tags give. */
  readonly names: readonly TagNames[];
  readonly rule: RetentionRule;
  readonly notices: readonly Pick<Notice, "versions" | "since" | "removal">[];
  /** Published versions, as they were declared. */
  readonly published: Readonly<Record<string, PublishedVersionFacts>>;
  /** Since when tags and digests are known that have no other day; see `noteSeen`. */
  readonly seen: Readonly<Record<string, string>>;
  /** Tags and digests that the declaration needs. */
  readonly needs: ReadonlySet<string>;
  /** The day that is asked about. */
  readonly on: string;
  /** Whether things are deleted by the answer: every tag is asked for then. Default: false, what it needs is. */
  readonly isFinal?: boolean | undefined;
  /** What may go at most, as a plan of before has named it. Default: all that the rule gives up. */
  readonly only?: ReadonlySet<string> | undefined;
}
