import { defined } from "../objects/defined";
import { withoutBlankEnds } from "../text/blank-lines";
import type { PlacedSection } from "./changelog-heading";

/** How a format of plain text begins a section. */
interface PlainFormat {
  /** Returns version and date of a line that begins a section. */
  readonly begins: (line: string) => { version: string; date?: string } | undefined;
  /** Lines of a body as they are shown. */
  readonly bodyOf: (lines: readonly string[]) => { lines: readonly string[]; date?: string };
}

/**
 * `NEWS` as GNU packages write it: `* Noteworthy changes in release 9.4 (2023-08-29) [stable]`.
 *
 * Source: GNU Coding Standards, "NEWS File".
 */
const gnuNews: PlainFormat = {
  begins: (line) => {
    const [, version, date] =
      /^\* (?:(?:\w+ )?changes in (?:release |version )?|(?:release|version) )v?(\d+(?:\.\d+)+[^\s:,()]*)(?:.*?(\d{4}-\d{2}-\d{2}))?/i.exec(
        line,
      ) ?? [];
    return version === undefined ? undefined : defined({ version, date });
  },
  bodyOf: (lines) => ({ lines }),
};

/**
 * Debian's: `hello (1.2.0-1) unstable; urgency=medium`, changes two blanks in, ` -- Name <address>  date`.
 *
 * Source: Debian Policy 4.7, 4.4 "debian/changelog"; deb-changelog(5).
 */
const debian: PlainFormat = {
  begins: (line) => {
    const [, version] =
      /^[a-z0-9][a-z0-9+.-]* \((?:\d+:)?([^()\s]+)\)(?: [a-zA-Z0-9-]+)+;\s*\w+=/.exec(line) ?? [];
    return version === undefined ? undefined : { version };
  },
  bodyOf: (lines) => {
    const trailer = lines.findIndex((line) => line.startsWith(" -- "));
    const written = new Date(/>\s{2}(.+)$/.exec(lines[trailer] ?? "")?.[1] ?? "");
    return defined({
      lines: (trailer < 0 ? lines : lines.slice(0, trailer)).map((line) => line.replace(/^ {2}/, "")),
      date: Number.isNaN(written.getTime()) ? undefined : written.toISOString().slice(0, 10),
    });
  },
};

/** The sections of a change log in plain text; undefined for one that is none. */
export function plainSections(lines: readonly string[]): PlacedSection[] | undefined {
  const first = lines.find((line) => line.trim() !== "") ?? "";
  if (debian.begins(first)) return sectionsOf(lines, debian);
  const isMarkdown = lines.some((line) => /^#{1,6}\s+\[?v?\d+\.\d/i.test(line));
  if (isMarkdown || !lines.some((line) => gnuNews.begins(line))) return undefined;
  return sectionsOf(lines, gnuNews);
}

function sectionsOf(lines: readonly string[], format: PlainFormat): PlacedSection[] {
  const starts = lines.flatMap((text, line) => {
    const begun = format.begins(text);
    return begun ? [{ ...begun, line }] : [];
  });
  return starts.map(({ line, ...begun }, index) => {
    const end = starts[index + 1]?.line ?? lines.length;
    const { lines: body, date = begun.date } = format.bodyOf(lines.slice(line + 1, end));
    const { start, end: length } = withoutBlankEnds(body);
    return defined({
      version: begun.version,
      date,
      yanked: false,
      line,
      bodyStart: line + 1,
      bodyEnd: line + 1 + length,
      end,
      body: body.slice(start, length).join("\n"),
      definitions: [],
    });
  });
}
