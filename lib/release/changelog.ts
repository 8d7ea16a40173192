import { defined } from "../objects/defined";
import { controlProblem } from "../text/controls";
import { bareVersion } from "../version/version";
import type { PlacedSection, SectionHeading } from "./changelog-heading";
import { placedSections } from "./changelog-sections";

/** Change logs: a section for each version, the newest first, and "Unreleased" on top. */

/** A section of a change log. */
export interface ChangelogSection extends SectionHeading {
  /** Text below the heading, without blank lines at its ends. */
  body: string;
}

/** A change log that cannot be read, or lacks what is asked for. */
export class ChangelogError extends Error {
  override readonly name = "ChangelogError";
}

/**
 * Reads the sections of a change log, in order.
 *
 * @throws ChangelogError for a version that is listed twice
 */
export function parseChangelog(text: string): ChangelogSection[] {
  return sectionsOf(text).map(({ version, date, yanked, body }) => defined({ version, date, yanked, body }));
}

/**
 * Notes of a version: what its section says, with the definitions of the links in it.
 *
 * @param version with or without `v`
 * @throws ChangelogError where there is no such section, or nothing in it
 */
export function releaseNotes(text: string, version: string): string {
  const sections = sectionsOf(text);
  const found = sectionOf(sections, version);
  if (!found) {
    const known = sections.flatMap((section) => section.version ?? []).slice(0, 5);
    throw new ChangelogError(
      "the change log has no section for " +
        `${version}${known.length > 0 ? ` (it has ${known.join(", ")})` : ""}${alike(text, version)}: ` +
        `add one (a valid example: "## [${bareVersion(version)}] - 2026-01-31")`,
    );
  }
  if (found.body === "")
    throw new ChangelogError(`the section of ${version} in the change log is empty: list what changed`);
  return [found.body, ...(found.definitions.length > 0 ? ["", ...found.definitions] : [])].join("\n");
}

/** Names lines that somebody may have meant as the heading of a version. */
function alike(text: string, version: string): string {
  const escaped = bareVersion(version).replace(/[^0-9A-Za-z]/g, "\\$&");
  const pattern = new RegExp(`(?<![0-9.])${escaped}(?![0-9.]|-[0-9A-Za-z])`);
  const isMarked = (line: string) => /^\s*[#>*_<=[]|^\s*v?\d/.test(line) && line.length < longestHeading;
  const found = text
    .split(/\r?\n/)
    .flatMap((line, index) => (isMarked(line) && pattern.test(line) ? [{ line, index }] : []))
    .slice(0, 3);
  if (found.length === 0) return "";
  const quoted = found.map(({ line, index }) => `line ${index + 1} (${JSON.stringify(line.trim())})`);
  return `; ${quoted.join(" and ")} ${found.length === 1 ? "names" : "name"} it, and begins no section`;
}

/** Longest line that is taken for a heading, in characters. */
const longestHeading = 200;

/** @throws ChangelogError for a version that is listed twice */
function sectionsOf(text: string): PlacedSection[] {
  const sections = placedSections(text);
  const names = new Set<string>();
  for (const { version = "Unreleased" } of sections) {
    if (names.has(version)) {
      throw new ChangelogError(`the change log has two sections ${JSON.stringify(version)}: join them`);
    }
    names.add(version);
  }
  return sections;
}

/**
 * The section of a version. A package's revision (`1.2.0-1` in a change log of Debian's) is of its
 * version, where no other section is.
 */
function sectionOf(sections: readonly PlacedSection[], version: string): PlacedSection | undefined {
  const wanted = bareVersion(version);
  const named = sections.find((section) => bareVersion(section.version ?? "Unreleased") === wanted);
  if (named) return named;
  const revisions = sections.filter((section) => section.version?.replace(/-[^-]*$/, "") === wanted);
  const [only] = revisions;
  return revisions.length === 1 && only && /-\d[^-]*$/.test(only.version ?? "") ? only : undefined;
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
  const sections = sectionsOf(text);
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
  const rest = lines.slice(unreleased.bodyStart);
  while (rest[0]?.trim() === "") rest.shift();
  const heading = ["", `## [${bareVersion(version)}] - ${date}`, ""];
  return [...lines.slice(0, unreleased.bodyStart), ...heading, ...rest].join(end);
}

/**
 * Returns where the section of a version is: the line of its heading, the first one of its body, and
 * the one after its body, without the link definitions and blank lines that follow it; all from 0.
 * Undefined where there is none.
 *
 * @param version with or without `v`, or `Unreleased`
 */
export function sectionLines(
  text: string,
  version: string,
): { heading: number; bodyStart: number; bodyEnd: number } | undefined {
  const found = sectionOf(sectionsOf(text), version);
  return found && { heading: found.line, bodyStart: found.bodyStart, bodyEnd: found.bodyEnd };
}
