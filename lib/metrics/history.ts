import * as z from "zod";
import { isAligned, withLook, type Series } from "../history/series";
import type { MetricsReport } from "./report";
import { keyOf, metricKinds, type MetricRow } from "./row";

/** For how long what was found is not asked for again, in milliseconds: services count once a day at most. */
const freshMs = 3_600_000;

/** Kinds whose numbers follow from other facts of a release, and are no series. */
const derived: readonly MetricRow["metric"][] = ["size", "age"];

const time = z.iso.datetime();
const value = z.union([
  z.strictObject({ value: z.union([z.number(), z.record(z.string(), z.number())]), of: z.string() }),
  z.strictObject({ notAvailable: z.string() }),
]);

const report = z.strictObject({
  at: time,
  use: z.strictObject({ pulls: value, versions: value, platforms: value, errors: value, feedback: value }),
  rows: z.array(
    z.strictObject({
      metric: z.enum(metricKinds),
      of: z.string(),
      version: z.string(),
      platform: z.string(),
      period: z.string(),
      value: z.number().optional(),
      reason: z.string(),
      change: z.number().optional(),
      since: z.string().optional(),
    }),
  ),
});

const history = z
  .strictObject({
    schemaVersion: z.literal(1),
    times: z.array(time),
    series: z.record(z.string(), z.array(z.number().nullable())),
    latest: report.optional(),
  })
  .refine(isAligned);

/** What was found over time, for a file: numbers by {@link keyOf}, null where one was not available. */
export interface MetricsHistory extends Series<number> {
  /** What was found last. */
  readonly latest?: MetricsReport | undefined;
}

export const emptyHistory: MetricsHistory = { times: [], series: {} };

/** Reads a file of {@link MetricsHistory}. @throws Error for what is none */
export function parseHistory(text: string): MetricsHistory {
  const { schemaVersion: _schemaVersion, ...read } = history.parse(JSON.parse(text));
  return read;
}

export function historyText(written: MetricsHistory): string {
  return `${JSON.stringify({ schemaVersion: 1, ...written }, undefined, 1)}\n`;
}

/** What was found last, where that is not an hour ago; a time that is yet to come is of another clock. */
export function freshReport({ latest }: MetricsHistory, now: Date): MetricsReport | undefined {
  if (!latest) return undefined;
  const age = now.getTime() - Date.parse(latest.at);
  return age >= 0 && age < freshMs ? latest : undefined;
}

/** The report with how much has changed since the last look that had a number. */
export function withChanges(found: MetricsReport, { times, series }: MetricsHistory): MetricsReport {
  const rows = found.rows.map((row): MetricRow => {
    if (row.value === undefined || derived.includes(row.metric)) return row;
    const numbers = series[keyOf(row)] ?? [];
    const last = numbers.findLastIndex((number) => number !== null);
    const [before, since] = [numbers[last], times[last]];
    return typeof before !== "number" ? row : { ...row, change: row.value - before, since };
  });
  return { ...found, rows };
}

/**
 * The history with what was found, and without its oldest looks.
 *
 * @param keep looks that stay, at least one
 */
export function withReport(former: MetricsHistory, found: MetricsReport, keep: number): MetricsHistory {
  const now = new Map(
    found.rows
      .filter(({ metric }) => !derived.includes(metric))
      .map((row) => [keyOf(row), row.value ?? null]),
  );
  return { ...withLook(former, found.at, now, keep), latest: found };
}
