/**
 * What is counted or measured.
 *
 * - `pulls`: of a repository, since it was made
 * - `actions`: of a repository, pulls and pushes together
 * - `stars`: of a repository
 * - `downloads`: of files of a release, or of a package
 * - `size`: of an image as transferred, in bytes
 * - `age`: since a version was published, in seconds
 * - `failures`: share of the runs of CI that failed, from 0 to 1
 * - `feedback`: open issues with a label
 */
export const metricKinds = [
  "pulls",
  "actions",
  "stars",
  "downloads",
  "failures",
  "feedback",
  "size",
  "age",
] as const;

export type MetricKind = (typeof metricKinds)[number];

/** One number, or why there is none. */
export interface MetricRow {
  readonly metric: MetricKind;
  /** Repository, package, workflow or label; with the host or the service where it has one. */
  readonly of: string;
  /** Empty for all versions together. */
  readonly version: string;
  /** As `linux/amd64`, or a system alone; empty for all together, and for what names none. */
  readonly platform: string;
  /** What it is counted over, as `7 days`; empty for all the time. */
  readonly period: string;
  /** Undefined where it is not available. */
  readonly value?: number | undefined;
  /** Why it is not available; empty where it is. */
  readonly reason: string;
  /** How much more it is than {@link since}. */
  readonly change?: number | undefined;
  /** What it is compared with: a former version, or the time of a former look. */
  readonly since?: string | undefined;
}

/** A number of something, for all versions and platforms and all the time unless `more` says otherwise. */
export function row(
  metric: MetricKind,
  of: string,
  value: number,
  more: Partial<Pick<MetricRow, "version" | "platform" | "period">> = {},
): MetricRow {
  return { metric, of, version: "", platform: "", period: "", ...more, value, reason: "" };
}

/** A number that is not available. */
export function notAvailable(metric: MetricKind, of: string, reason: string): MetricRow {
  return { metric, of, version: "", platform: "", period: "", reason };
}

/** What a row is about, as a text: no two rows of a report have the same. */
export function keyOf({ metric, of, version, platform, period }: MetricRow): string {
  return JSON.stringify([metric, of, version, platform, period]);
}

/** What {@link keyOf} made a text of; undefined for another text. */
export function parseKey(
  key: string,
): Pick<MetricRow, "metric" | "of" | "version" | "platform" | "period"> | undefined {
  const parts: unknown = parsed(key);
  if (!Array.isArray(parts) || parts.length !== 5 || !parts.every((part) => typeof part === "string"))
    return undefined;
  const [kind, of = "", version = "", platform = "", period = ""] = parts;
  const metric = metricKinds.find((known) => known === kind);
  return metric && { metric, of, version, platform, period };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
