import { ChangelogError, parseChangelog, refuseControls, releaseUnreleased, sectionLines } from "./changelog";
import { withoutBlankEnds } from "../text/blank-lines";
import { bareVersion } from "../version/version";

/** Kinds of changes, in the order that Keep a Changelog lists them in. */
export const changeKinds = ["added", "changed", "deprecated", "removed", "fixed", "security"] as const;

/** Entries of a section by kind, each without the dash before it. */
export type DeclaredChanges = Partial<Record<(typeof changeKinds)[number], readonly string[]>>;

/** Changes of a version that a change log must list. */
export interface DeclaredSection {
  /** With or without `v`. */
  version: string;
  /** Date of a section that is not there yet, as `YYYY-MM-DD`. */
  date: string;
  changes: DeclaredChanges;
}

/** How a change log begins that nobody has written yet. */
const beginning = `# Changelog

The format is that of [Keep a Changelog](https://keepachangelog.com/en/1.1.0/).

## [Unreleased]
`;

/**
 * A change log with the section of a version: made from what is under "Unreleased" where it is not
 * there, with its date; and with every declared entry in it. What else is there stays: a second
 * time nothing changes.
 *
 * @param text of the change log; undefined where there is none
 * @throws ChangelogError for a version of which nothing is said, a section with control characters,
 * and a change log that cannot be read
 */
export function declareSection(text: string | undefined, declared: DeclaredSection): string {
  const { version, date, changes } = declared;
  const from = text ?? beginning;
  const unreleased = parseChangelog(from).find((section) => section.version === undefined);
  const present = sectionLines(from, version) !== undefined;
  const entries = changeKinds.some((kind) => (changes[kind] ?? []).length > 0);
  if (!present && !entries && (unreleased?.body ?? "") === "") {
    throw new ChangelogError(
      `no changes are listed for ${version}: declare changes (a valid example: { changed: ` +
        '["…"] }), or write them under "Unreleased"',
    );
  }
  refuseControls(from, present ? version : "Unreleased");
  const released = present ? from : withSection(from, unreleased?.body ?? "", version, date);
  return withEntries(released, version, changes);
}

function withSection(text: string, unreleased: string, version: string, date: string): string {
  if (unreleased !== "") return releaseUnreleased(text, version, date);
  const { lines, end } = split(text);
  const [first] = parseChangelog(text);
  const name = first && (first.version ?? "Unreleased");
  const place = name === undefined ? undefined : sectionLines(text, name);
  // Below an empty "Unreleased", above the newest version, or at the end.
  const at =
    place === undefined ? lines.length : first?.version === undefined ? place.bodyEnd : place.heading;
  const before = trimmedEnd(lines.slice(0, at));
  const after = lines.slice(at);
  while (after[0]?.trim() === "") after.shift();
  return [...before, "", `## [${bareVersion(version)}] - ${date}`, "", ...after].join(end);
}

function withEntries(text: string, version: string, changes: DeclaredChanges): string {
  const { lines, end } = split(text);
  const place = sectionLines(text, version);
  if (!place) throw new ChangelogError(`the change log has no section for ${version}`);
  let body = lines.slice(place.bodyStart, place.bodyEnd);
  const before = body.join("\n");
  for (const kind of changeKinds) body = withGroup(body, kind, changes[kind] ?? []);
  if (body.join("\n") === before) return text;
  const after = lines.slice(place.bodyEnd);
  while (after[0]?.trim() === "") after.shift();
  const made = [...lines.slice(0, place.bodyStart), "", ...trimmed(body), ...(after.length > 0 ? [""] : [])];
  return [...made, ...after, ...(after.length > 0 ? [] : [""])].join(end);
}

/**
 * The body of a section with all entries in the group of their kind, which is made where it is
 * missing.
 */
function withGroup(body: readonly string[], kind: string, entries: readonly string[]): string[] {
  const missing = entries.filter((entry) => !hasEntry(body, entry)).flatMap(entryLines);
  if (missing.length === 0) return [...body];
  const title = `### ${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;
  const heading = body.findIndex((line) => line.trim().toLowerCase() === title.toLowerCase());
  if (heading < 0)
    return [...trimmed(body), ...(trimmed(body).length > 0 ? [""] : []), title, "", ...missing];
  const next = body.findIndex((line, index) => index > heading && /^#{1,3}\s/.test(line));
  const groupEnd = next < 0 ? body.length : next;
  const group = trimmedEnd(body.slice(0, groupEnd));
  const first = group.length === heading + 1 ? [""] : [];
  return [...group, ...first, ...missing, ...(next < 0 ? [] : ["", ...body.slice(groupEnd)])];
}

function entryLines(entry: string): string[] {
  return entry.split("\n").map((line, index) => (index === 0 ? `- ${line}` : line === "" ? "" : `  ${line}`));
}

function hasEntry(body: readonly string[], entry: string): boolean {
  const wanted = entryLines(entry);
  return body.some((_line, start) =>
    wanted.every((line, index) => (body[start + index] ?? "").replace(/^\*/, "-").trimEnd() === line),
  );
}

function split(text: string): { lines: string[]; end: string } {
  return { lines: text.split(/\r?\n/), end: text.includes("\r\n") ? "\r\n" : "\n" };
}

function trimmed(lines: readonly string[]): string[] {
  const { start, end } = withoutBlankEnds(lines);
  return lines.slice(start, end);
}

function trimmedEnd(lines: readonly string[]): string[] {
  return lines.slice(0, withoutBlankEnds(lines).end);
}
