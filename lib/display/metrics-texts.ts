import { isTold, type MetricsReport, type NamedValue, type UseSummary } from "../metrics/report";
import type { MetricKind, MetricRow } from "../metrics/row";
import { durationText } from "../text/duration";
import { markdownText } from "../text/markdown";
import { markdownTable } from "../text/markdown-table";
import { plainTable } from "../text/plain-table";
import { prometheusGauge } from "../text/prometheus";
import { shownBytes } from "./byte-sizes";

/** What the five values are called. */
const useNames: Readonly<Record<keyof UseSummary, string>> = {
  pulls: "pull count",
  versions: "per-version use",
  platforms: "per-platform use",
  errors: "error rate",
  feedback: "user feedback",
};

const useHead = ["use", "value", "of"];
const rowHead = ["metric", "of", "version", "platform", "period", "value", "change"];

/** Tables for a terminal. */
export function metricsText(report: MetricsReport): string {
  const use = plainTable(useHead, useRows(report));
  const rows = plainTable(rowHead, report.rows.map(cells));
  return `${[use, rows, `Read at ${report.at}.`].join("\n\n")}\n`;
}

/** The same in Markdown. Words of others are no markup in it. */
export function metricsMarkdown(report: MetricsReport): string {
  const table = (head: string[], rows: string[][]) =>
    markdownTable(
      head,
      rows.map((row) => row.map((cell) => markdownText(cell))),
    );
  return `${[table(useHead, useRows(report)), table(rowHead, report.rows.map(cells)), `Read at ${report.at}.`].join("\n\n")}\n`;
}

function useRows({ use }: MetricsReport): string[][] {
  return Object.entries(useNames).map(([key, name]) => {
    const value = use[key as keyof UseSummary];
    const isShare = key === "errors";
    return "notAvailable" in value
      ? [name, "not available", oneLine(value.notAvailable)]
      : [name, namedText(value.value, isShare), oneLine(value.of)];
  });
}

function namedText(value: Exclude<NamedValue, { notAvailable: string }>["value"], isShare: boolean): string {
  const shown = (number: number) => (isShare ? percent(number) : String(number));
  if (typeof value === "number") return shown(value);
  return Object.entries(value)
    .map(([name, number]) => `${name} ${shown(number)}`)
    .join(", ");
}

function cells(row: MetricRow): string[] {
  const { metric, of, version, platform, period } = row;
  const what = [metric, of, version, platform, period].map(oneLine);
  if (!isTold(row)) return [...what, "not available", oneLine(row.reason)];
  return [...what, valueText(metric, row.value), changeText(row)];
}

function valueText(metric: MetricKind, value: number): string {
  if (metric === "size") return shownBytes(value);
  if (metric === "age") return durationText(value * 1000);
  return metric === "failures" ? percent(value) : String(value);
}

function changeText({ metric, change, since }: MetricRow): string {
  if (change === undefined || since === undefined) return "";
  if (change === 0) return `as in ${since}`;
  return `${change > 0 ? "+" : "-"}${valueText(metric, Math.abs(change))} since ${since}`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** Names of gauges, and what they are, by kind. */
const gauges: Readonly<Record<MetricKind, readonly [name: string, help: string]>> = {
  pulls: ["slipway_pulls", "Pulls of a repository since it was made."],
  actions: ["slipway_repository_actions", "Pulls and pushes of a repository together."],
  stars: ["slipway_stars", "Stars of a repository."],
  downloads: ["slipway_downloads", "Downloads of files of a release, or of a package."],
  failures: ["slipway_ci_failure_ratio", "Share of the runs of CI that failed."],
  feedback: ["slipway_feedback_issues", "Open issues with a label."],
  size: ["slipway_image_size_bytes", "Size of an image as transferred."],
  age: ["slipway_version_age_seconds", "Time since a version was published."],
};

/** Metrics in the text format of Prometheus. */
export function metricsPrometheus({ at, rows }: MetricsReport): string {
  const labels = ({ of, version, platform, period }: MetricRow) => ({ of, version, platform, period });
  const missing = rows.filter((row) => !isTold(row));
  return [
    ...Object.entries(gauges).flatMap(([metric, [name, help]]) => {
      const told = rows.filter((row) => row.metric === metric).filter(isTold);
      return told.length === 0
        ? []
        : prometheusGauge(
            name,
            help,
            told.map((row) => [labels(row), row.value]),
          );
    }),
    ...prometheusGauge(
      "slipway_metric_unavailable",
      "What nobody tells.",
      missing.map((row) => [{ metric: row.metric, ...labels(row) }, 1]),
    ),
    ...prometheusGauge("slipway_metrics_read_timestamp_seconds", "When services were asked.", [
      [{}, Date.parse(at) / 1000],
    ]),
    "",
  ].join("\n");
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}
