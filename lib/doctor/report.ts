import { markdownText } from "../text/markdown";
import { markdownTable } from "../text/markdown-table";
import { statuses, type Finding, type Status } from "./finding";

/** How each status is written in a table. */
const words: Readonly<Record<Status, string>> = {
  failure: "FAIL",
  warning: "warn",
  "not asked": "-",
  ok: "ok",
};

/** Cells that are longer than this do not make their column wider, in characters. */
const widestColumn = 48;

/** The worst status that ends a run well, by the option that says so. */
export type FailOn = "failure" | "warning";

/** Whether something of it is to stop a release. */
export function isRefused(findings: readonly Finding[], failOn: FailOn): boolean {
  return findings.some(({ status }) => status === "failure" || status === failOn);
}

/** How many there are of each status, e.g. `1 failure, 2 warnings, 3 not asked, 12 ok`. */
export function sumOf(findings: readonly Finding[]): string {
  const parts = statuses.flatMap((status) => {
    const count = findings.filter((one) => one.status === status).length;
    if (count === 0) return [];
    const isCounted = status === "failure" || status === "warning";
    return [`${count} ${status}${isCounted && count > 1 ? "s" : ""}`];
  });
  return parts.length === 0 ? "nothing was asked" : parts.join(", ");
}

/** A table for a terminal, with what to do below each line that needs it. */
export function doctorText(findings: readonly Finding[]): string {
  const rows = findings.map(({ status, check, about }) => [words[status], check, about] as const);
  const widths = [0, 1, 2].map((column) =>
    Math.max(0, ...rows.map((row) => (row[column] ?? "").length).filter((length) => length <= widestColumn)),
  );
  const lines = findings.flatMap((finding, index) => {
    const cells = (rows[index] ?? []).map((cell, column) => cell.padEnd(widths[column] ?? 0));
    const line = `${cells.join("  ")}  ${finding.text}`.trimEnd();
    return finding.remedy === undefined ? [line] : [line, `      → ${finding.remedy}`];
  });
  return [...lines, "", sumOf(findings)].join("\n").trimStart();
}

/** The same as Markdown of GitHub and GitLab. Words of others are no markup in it. */
export function doctorMarkdown(findings: readonly Finding[]): string {
  const rows = findings.map(({ status, check, about, text, remedy }) => {
    const found = remedy === undefined ? text : `${text} → ${remedy}`;
    return [words[status], check, about, found].map((cell) => markdownText(cell));
  });
  const table = markdownTable(["", "check", "about", "found"], rows);
  return ["### Before a release", "", table, "", `**${sumOf(findings)}**`, ""].join("\n");
}
