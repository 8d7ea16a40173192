import type { StatusRow } from "./release-status";

/** Annotations of one kind that GitHub shows of a step. */
const mostAnnotations = 10;

/**
 * Warnings of GitHub Actions, which it shows at the run (GitHub, "Workflow commands"). Where there are more than it shows, the
 * last one says how many.
 *
 * @param unseen how many more there are that could not be looked at
 */
export function statusAnnotations(rows: readonly StatusRow[], unseen: number): string {
  const most = mostAnnotations - (unseen === 0 ? 0 : 1);
  const shown = rows.length > most ? rows.slice(0, most - 1) : rows;
  const lines = shown.map(({ kind, place, name, state, reason }) =>
    warning(`${state}: ${kind} ${name}`, [place, reason].filter((text) => text !== "").join(": ") || name),
  );
  const more = rows.length - shown.length;
  return [
    ...lines,
    ...(more === 0 ? [] : [warning("more", `${more} more are not as they should be`)]),
    ...(unseen === 0 ? [] : [warning("unknown", `${unseen} could not be looked at`)]),
  ]
    .map((line) => `${line}\n`)
    .join("");
}

function warning(title: string, message: string): string {
  return `::warning title=${property(title)}::${data(message)}`;
}

/** Escapes of the runner: `%`, line ends, and what separates properties. */
function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
