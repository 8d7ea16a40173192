import { defined } from "../objects/defined";
import { controlProblem } from "../text/controls";
import { bareVersion } from "../version/version";

/**
 * Change logs as Keep a Changelog 1.1.0 has them: a section for each version, the newest first, and
 * "Unreleased" on top.
 */

/** A section of a change log. */
export interface ChangelogSection {
  /** Version without brackets, as it is written, e.g. `1.2.3`; undefined for "Unreleased". */
  version?: string;
  /** Date as `YYYY-MM-DD`, where there is one. */
  date?: string;
  /** Whether the version was withdrawn. */
  yanked: boolean;
  /** Text below the heading, without blank lines at its ends. */
  body: string;
}

/** A change log that cannot be read, or lacks what is asked for. */
export class ChangelogError extends Error {
  override readonly name = "ChangelogError";
}

/** Of a heading without the blanks at its end. */
const headingPattern = /^##\s+\[?([^\]\s]+)\]?(?:\s+-\s+(\d{4}-\d{2}-\d{2}))?(?:\s*(\[YANKED\]))?$/i;
const linkPattern = /^\[[^\]]+\]:\s+\S+/;

interface PlacedSection extends ChangelogSection {
  /** Line of the heading, from 0. */
  line: number;
}

/**
 * Reads the sections of a change log, in order.
 *
 * @throws ChangelogError for a version that is listed twice
 */
export function parseChangelog(text: string): ChangelogSection[] {
  return placedSections(text).map(({ line: _line, ...section }) => section);
}

/**
 * Notes of a version: what its section says.
 *
 * @param version with or without `v`
 * @throws ChangelogError where there is no such section, or nothing in it
 */
export function releaseNotes(text: string, version: string): string {
  const sections = parseChangelog(text);
  const found = sections.find((section) => bareVersion(section.version ?? "") === bareVersion(version));
  if (!found) {
    const known = sections.flatMap((section) => section.version ?? []).slice(0, 5);
    throw new ChangelogError(
      "the change log has no section for " +
        `${version}${known.length > 0 ? ` (it has ${known.join(", ")})` : ""}: add one (a valid ` +
        `example: "## [${bareVersion(version)}] - 2026-01-31")`,
    );
  }
  if (found.body === "")
    throw new ChangelogError(`the section of ${version} in the change log is empty: list what changed`);
  return found.body;
}

/**
 * Refuses a section with control characters, which nobody sees in an editor and terminals obey.
 *
 * @param version with or without `v`, or `Unreleased`
 * @throws ChangelogError naming the character and its line in the file
 */
export function refuseControls(text: string, version: string): void {
  const place = sectionLines(text, version);
  if (!place) return;
  const section = text.split(/\r?\n/).slice(place.heading, place.bodyEnd).join("\n");
  const problem = controlProblem(section, place.heading + 1);
  if (problem !== undefined) throw new ChangelogError(`the section of ${version} ${problem}`);
}

/**
 * Makes what is under "Unreleased" the section of a version, and leaves an empty "Unreleased" above
 * it. A change log that has the section already stays as it is, so that a second run changes
 * nothing.
 *
 * @param date as `YYYY-MM-DD`
 * @throws ChangelogError where there is no "Unreleased" section, or nothing in it
 */
export function releaseUnreleased(text: string, version: string, date: string): string {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) {
    throw new ChangelogError(`${JSON.stringify(date)} is not a date (a valid example: "2026-01-31")`);
  }
  const sections = placedSections(text);
  if (sections.some((section) => bareVersion(section.version ?? "") === bareVersion(version))) return text;
  const unreleased = sections.find((section) => section.version === undefined);
  if (!unreleased) {
    throw new ChangelogError(
      `the change log has no section "## [Unreleased]", which ${version} is made from`,
    );
  }
  if (unreleased.body === "") {
    throw new ChangelogError(
      `there is nothing under "Unreleased" in the change log: list what changes with ${version}`,
    );
  }
  const end = text.includes("\r\n") ? "\r\n" : "\n";
  const lines = text.split(/\r?\n/);
  const rest = lines.slice(unreleased.line + 1);
  while (rest[0]?.trim() === "") rest.shift();
  const heading = ["", `## [${bareVersion(version)}] - ${date}`, ""];
  return [...lines.slice(0, unreleased.line + 1), ...heading, ...rest].join(end);
}

function placedSections(text: string): PlacedSection[] {
  const lines = text.split(/\r?\n/);
  const sections: PlacedSection[] = [];
  const names = new Set<string>();
  let fence: string | undefined;
  let start = 0;
  const close = (end: number) => {
    const last = sections.at(-1);
    if (last) last.body = bodyOf(lines.slice(start, end));
  };
  for (const [line, content] of lines.entries()) {
    // A heading in an example is none.
    const mark = /^\s*(```+|~~~+)/.exec(content)?.[1];
    if (mark !== undefined)
      fence = fence === undefined ? mark : content.trim().startsWith(fence) ? undefined : fence;
    const heading = fence === undefined ? headingPattern.exec(content.trimEnd()) : undefined;
    const name = heading?.[1];
    if (!heading || name === undefined) continue;
    close(line);
    start = line + 1;
    const unreleased = name.toLowerCase() === "unreleased";
    const key = unreleased ? "unreleased" : name;
    if (names.has(key)) {
      throw new ChangelogError(`the change log has two sections ${JSON.stringify(name)}: join them`);
    }
    names.add(key);
    sections.push(
      defined({
        version: unreleased ? undefined : name,
        date: heading[2],
        yanked: heading[3] !== undefined,
        body: "",
        line,
      }),
    );
  }
  close(lines.length);
  return sections;
}

/**
 * Returns where the section of a version is: the line of its heading, and the line after its body,
 * without the link definitions and blank lines that follow it; both from 0. Undefined where there
 * is none.
 *
 * @param version with or without `v`, or `Unreleased`
 */
export function sectionLines(
  text: string,
  version: string,
): { heading: number; bodyEnd: number } | undefined {
  const sections = placedSections(text);
  const index = sections.findIndex(
    (section) => bareVersion(section.version ?? "Unreleased") === bareVersion(version),
  );
  const found = sections[index];
  if (!found) return undefined;
  const lines = text.split(/\r?\n/).slice(0, sections[index + 1]?.line);
  return { heading: found.line, bodyEnd: found.line + 1 + bodyLength(lines.slice(found.line + 1)) };
}

/**
 * Text of a section: without the link definitions that stand at the end of the file, and blank
 * lines around it.
 */
function bodyOf(lines: readonly string[]): string {
  const end = bodyLength(lines);
  let start = 0;
  while (start < end && lines[start]?.trim() === "") start++;
  return lines.slice(start, end).join("\n");
}

function bodyLength(lines: readonly string[]): number {
  let length = lines.length;
  const isEnd = (line: string) => line.trim() === "" || linkPattern.test(line);
  while (length > 0 && isEnd(lines[length - 1] ?? "")) length--;
  return length;
}
