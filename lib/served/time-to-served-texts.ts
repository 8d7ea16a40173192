import { slowestOf, type TimeToServed } from "./time-to-served";
import { durationText } from "../text/duration";
import { markdownText } from "../text/markdown";
import { markdownTable } from "../text/markdown-table";
import { plainTable } from "../text/plain-table";
import { prometheusGauge } from "../text/prometheus";

const columns = ["channel", "version", "time to served", "usually"];

/** How long channels took, as a table for a terminal and a line that names the slowest. */
export function timesText(times: readonly TimeToServed[]): string {
  if (times.length === 0) return "";
  return `\n${plainTable(columns, times.map(cells))}\n\n${slowestSentence(times, (text) => text)}\n`;
}

/** The same in Markdown. Words of others are no markup in it. */
export function timesMarkdown(times: readonly TimeToServed[]): string {
  if (times.length === 0) return "";
  const rows = times.map((time) => cells(time).map((cell) => markdownText(cell)));
  return `\n${slowestSentence(times, markdownText)}\n\n${markdownTable(columns, rows)}\n`;
}

/** The same in the text format of Prometheus. */
export function timesPrometheus(times: readonly TimeToServed[]): string {
  const lines = prometheusGauge(
    "slipway_time_to_served_seconds",
    "Time from a release to its users getting it, or so far.",
    times.map(({ channel, version, isServed, isAtMost, seconds }) => [
      { channel, version, served: String(isServed), at_most: String(isAtMost) },
      seconds,
    ]),
  );
  return [...lines, ""].join("\n");
}

function cells(time: TimeToServed): string[] {
  const { channel, version, usualSeconds } = time;
  return [channel, version, took(time), usualSeconds === undefined ? "" : durationText(usualSeconds * 1000)];
}

function took({ seconds, isServed, isAtMost }: TimeToServed): string {
  const text = durationText(seconds * 1000);
  if (!isServed) return `not yet, after ${text}`;
  return isAtMost ? `at most ${text}` : text;
}

function slowestSentence(times: readonly TimeToServed[], shown: (text: string) => string): string {
  const slowest = slowestOf(times);
  if (slowest === undefined) return "Each channel had its version when it was looked at first.";
  const { channel, version, seconds, isServed } = slowest;
  const text = durationText(seconds * 1000);
  return isServed
    ? `Slowest: ${shown(channel)}, which served ${shown(version)} after ${text}.`
    : `Slowest: ${shown(channel)}, which does not serve ${shown(version)} yet, after ${text}.`;
}
