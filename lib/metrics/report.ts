import type { MetricKind, MetricRow } from "./row";

/** A value, with what it is of; or why there is none. */
export type NamedValue =
  | { readonly value: number | Readonly<Record<string, number>>; readonly of: string }
  | { readonly notAvailable: string };

/** How a distribution is used, in five values. */
export interface UseSummary {
  /** Pulls of the images, in all registries that tell them. */
  readonly pulls: NamedValue;
  /** Downloads by version. */
  readonly versions: NamedValue;
  /** Downloads by platform. */
  readonly platforms: NamedValue;
  /** Share of the runs of CI that failed. */
  readonly errors: NamedValue;
  /** Open issues by label. */
  readonly feedback: NamedValue;
}

/** What was found in one look. */
export interface MetricsReport {
  /** When, as an ISO 8601 time in UTC. */
  readonly at: string;
  readonly use: UseSummary;
  readonly rows: readonly MetricRow[];
}

/** Puts rows together to a report. */
export function reportOf(at: Date, rows: readonly MetricRow[]): MetricsReport {
  return {
    at: at.toISOString(),
    use: {
      pulls: pulls(rows),
      versions: byVersion(rows),
      platforms: byPlatform(rows),
      errors: each(rows, "failures", "runs of CI that failed", "no repository of GitHub is known"),
      feedback: each(rows, "feedback", "open issues", "no label is declared (metrics.feedback)"),
    },
    rows,
  };
}

/** Reasons that are repeated for one value. */
const shownReasons = 3;

function pulls(rows: readonly MetricRow[]): NamedValue {
  const all = rows.filter(({ metric }) => metric === "pulls");
  const told = all.filter(isTold);
  if (told.length === 0) return { notAvailable: reasonsOf(all, "no image is published") };
  const of = `${told.length} of ${all.length} repositories, since they were made`;
  return { value: told.reduce((sum, { value }) => sum + value, 0), of };
}

/** One source alone: its numbers are over other times than those of the next. */
function byVersion(rows: readonly MetricRow[]): NamedValue {
  const downloads = rows.filter(({ metric }) => metric === "downloads");
  for (const [period, of] of [
    ["", "files of releases, since they were published"],
    ["7 days", "packages of npm, in 7 days"],
  ] as const) {
    const told = downloads.filter(isTold).filter((row) => row.version !== "" && row.period === period);
    const versions = [...new Set(told.map(({ version }) => version))];
    if (versions.length === 0) continue;
    const counts = versions.map((version) => {
      const ofIt = told.filter((row) => row.version === version);
      const programs = ofIt.filter(({ platform }) => platform !== "");
      return [version, sumOf(programs.length > 0 ? programs : ofIt)] as const;
    });
    return { value: Object.fromEntries(counts), of };
  }
  const usual = "no registry tells pulls by version, and nothing else is counted by version";
  return { notAvailable: reasonsOf(downloads, usual) };
}

function byPlatform(rows: readonly MetricRow[]): NamedValue {
  const downloads = rows.filter(({ metric }) => metric === "downloads");
  for (const [period, of] of [
    ["", "files of releases, since they were published"],
    ["30 days", "packages of npm, in 30 days"],
    ["180 days", "packages of PyPI, in 180 days"],
  ] as const) {
    const told = downloads.filter(isTold).filter((row) => row.platform !== "" && row.period === period);
    const platforms = [...new Set(told.map(({ platform }) => platform))];
    if (platforms.length === 0) continue;
    const counts = platforms.map(
      (platform) => [platform, sumOf(told.filter((row) => row.platform === platform))] as const,
    );
    return { value: Object.fromEntries(counts), of };
  }
  const usual = "no registry tells pulls by platform, and nothing else is counted by platform";
  return { notAvailable: reasonsOf(downloads, usual) };
}

function each(rows: readonly MetricRow[], metric: MetricKind, of: string, usual: string): NamedValue {
  const all = rows.filter((row) => row.metric === metric);
  const told = all.filter(isTold);
  if (told.length === 0) return { notAvailable: reasonsOf(all, usual) };
  const [first] = told;
  const period = first?.period ? `, in ${first.period}` : "";
  if (told.length === 1 && first) return { value: first.value, of: `${of}: ${first.of}${period}` };
  return { value: Object.fromEntries(told.map((row) => [row.of, row.value])), of: `${of}${period}` };
}

/** Returns whether a row has a value. */
export function isTold(row: MetricRow): row is MetricRow & { readonly value: number } {
  return row.value !== undefined;
}

function sumOf(rows: readonly (MetricRow & { readonly value: number })[]): number {
  return rows.reduce((sum, { value }) => sum + value, 0);
}

function reasonsOf(rows: readonly MetricRow[], usual: string): string {
  const reasons = [...new Set(rows.flatMap((row) => (isTold(row) ? [] : `${row.of}: ${row.reason}`)))];
  if (reasons.length === 0) return usual;
  const more = reasons.length - shownReasons;
  return [...reasons.slice(0, shownReasons), ...(more > 0 ? [`and ${more} more`] : [])].join("; ");
}
