import { markdownText } from "../text/markdown";
import { markdownTable } from "../text/markdown-table";
import { plainTable } from "../text/plain-table";
import { prometheusGauge } from "../text/prometheus";
import { shortDigests } from "./changed-values";
import type { ReleaseStatus, StatusRow } from "./release-status";
import { servedStates, type ServedState } from "./served-state";

/** States of what nobody can say more about yet. */
const openStates: readonly ServedState[] = ["unknown", "awaiting", "staged"];

const columns = ["kind", "place", "name", "declared", "served", "state", "next step"] as const;

function cells(row: StatusRow): string[] {
  const { kind, place, name, declared, served, state, since, reason } = row;
  const waits = since === undefined ? "" : `since ${since}`;
  const next = [waits, reason].filter((text) => text !== "").join("; ");
  return [kind, place, name, shortDigests(declared), shortDigests(served), state, oneLine(next)];
}

/** A table for a terminal, and a sum. */
export function statusText(status: ReleaseStatus): string {
  const rows = status.rows.map(cells);
  const table = plainTable(columns, rows);
  const errors = status.errors.map((error) => `error: ${error}`);
  return [...(rows.length === 0 ? [] : [table]), ...errors, statusSum(status)].join("\n\n") + "\n";
}

/** The same as a table of Markdown. */
export function statusMarkdown(status: ReleaseStatus): string {
  const table = statusTable(status.rows);
  const errors = status.errors.map((error) => `- error: ${markdownText(oneLine(error))}`);
  const parts = [statusSum(status), ...(status.rows.length === 0 ? [] : [table])];
  return `${[...parts, ...(errors.length === 0 ? [] : [errors.join("\n")])].join("\n\n")}\n`;
}

/** Rows as a table of Markdown. Words of others are no markup in it. */
export function statusTable(rows: readonly StatusRow[]): string {
  return markdownTable(
    columns,
    rows.map((row) => cells(row).map((cell) => markdownText(cell))),
  );
}

/** How many are in each state, the worst first. */
export function statusSum({ rows }: Pick<ReleaseStatus, "rows">): string {
  if (rows.length === 0) return "Nothing is published.";
  return `${rows.length} published: ${stateCounts(rows)}`;
}

/** E.g. `2 missing, 1 drifted`, the worst first. */
export function stateCounts(rows: readonly Pick<StatusRow, "state">[]): string {
  const counts = servedStates.flatMap((state) => {
    const count = rows.filter((row) => row.state === state).length;
    return count === 0 ? [] : [`${count} ${state}`];
  });
  return counts.join(", ");
}

/**
 * A report of JUnit, as CI systems show it: bad states fail, open ones are skipped.
 *
 * @param bad states that fail
 */
export function statusJunit(status: ReleaseStatus, bad: readonly ServedState[]): string {
  const failed = status.rows.filter(({ state }) => bad.includes(state)).length;
  const isOpen = ({ state }: StatusRow) => !bad.includes(state) && openStates.includes(state);
  const skipped = status.rows.filter(isOpen).length;
  const cases = status.rows.map((row) => {
    const { kind, place, name, state, reason } = row;
    const said = xml([state, oneLine(reason)].filter((text) => text !== "").join(": "));
    const inside = bad.includes(state)
      ? `<failure message="${said}"/>`
      : isOpen(row)
        ? `<skipped message="${said}"/>`
        : "";
    return `  <testcase classname="${xml([kind, place].filter((text) => text !== "").join(" "))}" name="${xml(name)}">${inside}</testcase>`;
  });
  const errors = status.errors.map(
    (error) =>
      `  <testcase classname="status" name="run"><error message="${xml(oneLine(error))}"/></testcase>`,
  );
  const total = status.rows.length + errors.length;
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    `<testsuite name="slipway status" tests="${total}" failures="${failed}" errors="${errors.length}" skipped="${skipped}">\n` +
    `${[...cases, ...errors].map((line) => `${line}\n`).join("")}</testsuite>\n`
  );
}

/** Metrics in the text format of Prometheus (exposition formats, version 0.0.4). */
export function statusPrometheus({ rows, errors }: ReleaseStatus): string {
  return [
    ...prometheusGauge(
      "slipway_published_state",
      "What is published, with the state that it was found in.",
      rows.map(({ kind, place, name, state }) => [{ kind, place, name, state }, 1]),
    ),
    ...prometheusGauge(
      "slipway_published",
      "How many are in each state.",
      servedStates.map((state) => [{ state }, rows.filter((row) => row.state === state).length]),
    ),
    ...prometheusGauge("slipway_status_errors", "Errors that kept Slipway from looking at all.", [
      [{}, errors.length],
    ]),
    "",
  ].join("\n");
}

function xml(text: string): string {
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replaceAll(/[&<>"]/g, (character) => entities[character] ?? character);
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}
