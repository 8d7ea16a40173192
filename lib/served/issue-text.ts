import { createHash } from "node:crypto";
import type { StatusRow } from "../display/release-status";
import { stateCounts, statusTable } from "../display/status-texts";
import { markdownText } from "../text/markdown";
import { badRows, type StatusReport } from "./status-report";

/** Characters of an issue's table: GitHub takes 65536 for the whole text. */
const longestTable = 40_000;

/** Characters of a reason in it. */
const longestReason = 500;

/** Rows that an issue is known to be about, so that it is not closed while one of them cannot be looked at. */
const mostKeys = 1_000;

/** Title and text of an issue. */
export interface IssueText {
  readonly title: string;
  readonly body: string;
}

/** What tells the issue about a subject from all others; nobody sees it. */
export function issueMark(subject: string): string {
  return `<!-- slipway-status:${digest(subject)} -->`;
}

/**
 * The issue about what is bad; undefined where nothing is.
 *
 * @param former text of the issue so far: what it was about and nobody can look at now stays in it
 */
export function issueText(report: StatusReport, former: string): IssueText | undefined {
  const bad = badRows(report);
  if (bad.length === 0) return undefined;
  const unseen = unresolved(report, former);
  const { subject, status } = report;
  const parts = [
    issueMark(subject),
    keysComment([...bad.map(keyOf), ...unseen]),
    `Of ${status.rows.length} things that ${markdownText(subject)} has published, ${bad.length} ${bad.length === 1 ? "is" : "are"} not as it should be:`,
    table(bad),
    ...(unseen.length === 0
      ? []
      : [`${unseen.length} more that were named here could not be looked at this time.`]),
    howItGoesOn,
  ];
  return { title: `Published and not served: ${stateCounts(bad)} (${subject})`, body: parts.join("\n\n") };
}

const howItGoesOn =
  "`slipway status` keeps this issue up to date, and closes it when all of it is served. What is written here by hand is " +
  "lost; comments stay.";

/** The issue when nothing is bad any more. */
export function closingText({ subject, status }: StatusReport): IssueText {
  return {
    title: `Published and served (${subject})`,
    body: [
      issueMark(subject),
      keysComment([]),
      `All that was named here is served: ${status.rows.length} things that ${markdownText(subject)} has published were looked at.`,
      howItGoesOn,
    ].join("\n\n"),
  };
}

/** Keys of what an issue is about and what was neither found good nor bad. */
export function unresolved(report: StatusReport, former: string): string[] {
  const { status, isWhole, bad } = report;
  const states = new Map(status.rows.map((row) => [keyOf(row), row.state]));
  return keysIn(former).filter((key) => {
    const state = states.get(key);
    // What is published no more is not there; where the look broke off nobody knows.
    if (state === undefined) return !isWhole;
    return state === "unknown" && !bad.includes("unknown");
  });
}

function table(rows: readonly StatusRow[]): string {
  const short = rows.map((row) => ({ ...row, reason: cut(row.reason) }));
  for (let shown = short.length; ; shown = Math.floor(shown / 2)) {
    const text = statusTable(short.slice(0, shown));
    if (text.length > longestTable && shown > 1) continue;
    return shown === short.length ? text : `${text}\n\n… and ${short.length - shown} more.`;
  }
}

function cut(text: string): string {
  return text.length <= longestReason ? text : `${text.slice(0, longestReason)}…`;
}

function keyOf({ kind, place, name }: StatusRow): string {
  return digest(JSON.stringify([kind, place, name]));
}

function keysComment(keys: readonly string[]): string {
  return `<!-- about:${[...new Set(keys)].slice(0, mostKeys).join(",")} -->`;
}

function keysIn(body: string): string[] {
  const [, keys = ""] = /<!-- about:([0-9a-f,]*) -->/.exec(body) ?? [];
  return keys.split(",").filter((key) => key !== "");
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}
