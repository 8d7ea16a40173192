import { defined } from "../objects/defined";

/** What the heading of a section says. */
export interface SectionHeading {
  /** Version as it is written, without brackets and the name of a package; undefined for "Unreleased". */
  version?: string;
  /** Date as `YYYY-MM-DD`, where there is one. */
  date?: string;
  /** Whether the version was withdrawn. */
  yanked: boolean;
}

/** A section of a change log, and where it is. Lines count from 0. */
export interface PlacedSection extends SectionHeading {
  /** Line of the heading. */
  line: number;
  /** Line after the heading. */
  bodyStart: number;
  /** Line after the body: without link definitions and blank lines at its end. */
  bodyEnd: number;
  /** Line after the section. */
  end: number;
  /** Text below the heading, without blank lines at its ends. */
  body: string;
  /** Link definitions that the body uses and does not have, as they are written. */
  definitions: readonly string[];
}

/** At least two numbers, so that a heading may begin with one: `1.2`, `v1.2.3-rc.1`, `2026.01.31`. */
const version = String.raw`v?\d+(?:\.\d+)+(?:[-+~.][0-9A-Za-z.+~-]*)?`;

/** `1.2.3`, `[1.2.3]`, `Version 1.2.3:`, `cli/v1.2.3`, `@scope/name@1.2.3`. */
const leading = new RegExp(
  String.raw`^(?:(?:version|release)\s+)?\[?(?:[^\s\]]*[@/])?(${version})\]?[:,]?(?=\s|\(|$)`,
  "i",
);

/** `Name 1.2.3 (2026-01-31)`, as towncrier writes it: the date tells it from a sentence. */
const named = new RegExp(String.raw`^\S+\s+(${version})\s+\(?\d{4}[-./]\d{2}[-./]\d{2}\)?$`, "i");

const unreleased = /^\[?unreleased\]?(?=\s|$)/i;
const datePattern = /(?<!\d)(\d{4})[-./](\d{2})[-./](\d{2})(?!\d)/;

/**
 * Reads the heading of a section, as Keep a Changelog, release-please, semantic-release,
 * conventional-changelog, changesets, cargo-release, git-cliff and towncrier write it. Undefined
 * for one that begins with no version: it is a part of a section.
 *
 * @param text of the heading, without its marks and the addresses of its links
 */
export function sectionHeading(text: string): SectionHeading | undefined {
  const heading = text.trim();
  const found = leading.exec(heading) ?? named.exec(heading);
  if (!found && !unreleased.test(heading)) return undefined;
  const rest = found ? heading.slice(heading.indexOf(found[1] ?? "") + (found[1] ?? "").length) : "";
  const [, year, month, day] = datePattern.exec(rest) ?? [];
  return defined({
    version: found?.[1],
    date: year === undefined ? undefined : `${year}-${month}-${day}`,
    yanked: /\[YANKED\]/i.test(rest),
  });
}
