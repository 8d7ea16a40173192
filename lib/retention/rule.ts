import type { Notice } from "./notice";

/**
 * How much stays of what is made again and again. What is among the newest, or younger than the age, stays; with both
 * only what is neither goes.
 */
export interface CountRule {
  /** How many of the newest stay. */
  readonly keep?: number | undefined;
  /** Age from which on they go, e.g. `30d`. */
  readonly after?: string | undefined;
}

/** Which versions go: older than the age, outside of the newest majors, and announced. */
export interface VersionRule {
  /** How many of the newest major versions stay whole. */
  readonly majors: number;
  /** Age from which on versions go, e.g. `2y`. */
  readonly after: string;
}

/** What may go. What no part of it is about stays. */
export interface RetentionRule {
  readonly versions?: VersionRule | undefined;
  /** Pre-releases; without it they are versions as others are. */
  readonly prereleases?: CountRule | undefined;
  /** Builds of published versions with their dates, counted for each version. */
  readonly rebuilds?: CountRule | undefined;
  readonly branches?: CountRule | undefined;
  readonly commits?: CountRule | undefined;
  /** Dated tags of a channel, such as `nightly-20260131`. */
  readonly dates?: CountRule | undefined;
  readonly pullRequests?: CountRule | undefined;
  /** Manifests that nothing leads to, and what refers to manifests that are gone. */
  readonly untagged?: { readonly after: string } | undefined;
}

/** What a decision about versions is made from. */
export interface VersionFacts {
  readonly rule: VersionRule;
  readonly notices: readonly Pick<Notice, "versions" | "since" | "removal">[];
  /** The day that is asked about. */
  readonly on: string;
}
