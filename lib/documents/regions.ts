import { nearest } from "../text/nearest";
import { comment, commentIn, commentStyle, isMarkdown, type CommentStyle } from "./comments";
import { DocumentError } from "./document-error";
import { linesOf, withPlainEnds, type Line } from "./lines";

/** Names of regions. */
export const regionName = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** What stands between the markers of a file, and where. */
export interface Region {
  /** Number of the line with the marker of its beginning. */
  readonly line: number;
  /** Offsets of what stands between the markers. */
  readonly from: number;
  readonly to: number;
  /** White space before the marker, which each line of the region has too. */
  readonly indent: string;
  /** How lines end there. */
  readonly lineEnd: string;
}

type Marker = { readonly kind: "begin" | "end"; readonly name: string };

/**
 * The regions of a file by name. In Markdown, what stands in a fence of code is no marker.
 *
 * @throws DocumentError for a file that can have none, and for a marker that is doubled, crossed, unclosed or
 * misspelled, with its line
 */
export function regionsOf(file: string, text: string): Map<string, Region> {
  const style = styleOf(file);
  const regions = new Map<string, Region>();
  let open: { name: string; number: number; line: Line } | undefined;
  let fence: string | undefined;
  const refuse = (number: number, reason: string): never => {
    throw new DocumentError(`${file}, line ${number}: ${reason}`);
  };
  for (const [index, line] of linesOf(text).entries()) {
    const number = index + 1;
    // What stands in a region is Slipway's: whatever somebody did to it, the end is found.
    if (open === undefined && isMarkdown(file)) {
      const before = fence;
      fence = fenceAfter(fence, line.text);
      if (before !== undefined || fence !== undefined) continue;
    }
    const marker = markerIn(style, line.text, (reason) => refuse(number, reason));
    if (marker === undefined) continue;
    const { kind, name } = marker;
    if (kind === "begin") {
      if (open !== undefined)
        refuse(
          number,
          `region ${quoted(name)} begins within ${quoted(open.name)}, which begins in line ${open.number}`,
        );
      const former = regions.get(name);
      if (former !== undefined)
        refuse(number, `region ${quoted(name)} begins twice: in line ${former.line} too`);
      open = { name, number, line };
      continue;
    }
    if (open === undefined) return refuse(number, `region ${quoted(name)} ends, and has not begun`);
    if (open.name !== name)
      refuse(
        number,
        `region ${quoted(name)} ends within ${quoted(open.name)}, which begins in line ${open.number}`,
      );
    const { text: begin, end: lineEnd, at } = open.line;
    regions.set(name, {
      line: open.number,
      from: at + begin.length + lineEnd.length,
      to: line.at,
      indent: /^\uFEFF?([ \t]*)/.exec(begin)?.[1] ?? "",
      lineEnd,
    });
    open = undefined;
  }
  if (open !== undefined) {
    const end = comment(style, `slipway:end ${open.name}`);
    refuse(
      open.number,
      `region ${quoted(open.name)} begins, and does not end: put the line ${end} where it does`,
    );
  }
  return regions;
}

/**
 * The region of a name.
 *
 * @throws DocumentError where it is not there, with the lines that it takes
 */
export function regionOf(file: string, text: string, name: string): Region {
  const regions = regionsOf(file, text);
  const region = regions.get(name);
  if (region !== undefined) return region;
  const match = nearest(name, [...regions.keys()]);
  const hint =
    match === undefined ? "." : `; did you mean ${quoted(match)}, in line ${regions.get(match)?.line}?`;
  const style = styleOf(file);
  const [begin, end] = (["begin", "end"] as const).map((kind) => comment(style, `slipway:${kind} ${name}`));
  const advice = `Put these two lines where it is to stand: ${begin} and ${end}`;
  throw new DocumentError(`${file} has no region ${quoted(name)}${hint} ${advice}`);
}

/** What stands in a region, without indentation and empty lines around it. */
export function textOfRegion(text: string, { from, to, indent }: Region): string {
  const lines = withPlainEnds(text.slice(from, to)).split("\n");
  return trimmed(
    lines.map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line)).join("\n"),
  );
}

/**
 * A file with another text in a region: everything outside of it stays to the byte. Lines end as that of the marker
 * does, and are indented as it is; in Markdown there is an empty line to each marker, as formatters put it.
 *
 * @throws DocumentError for a text that has markers of its own
 */
export function withRegion(file: string, text: string, region: Region, content: string): string {
  const style = styleOf(file);
  const lines = trimmed(withPlainEnds(content)).split("\n");
  for (const line of lines) {
    if (/^slipway:(begin|end)\b/.test(commentIn(style, line) ?? ""))
      throw new DocumentError(`${file}: the text of a region has a marker of its own: ${line.trim()}`);
  }
  const { from, to, indent, lineEnd } = region;
  const isEmpty = lines.length === 1 && lines[0] === "";
  const around = isMarkdown(file) && !isEmpty ? [""] : [];
  const body = isEmpty
    ? []
    : [...around, ...lines.map((line) => (line === "" ? "" : indent + line)), ...around];
  return text.slice(0, from) + body.map((line) => line + lineEnd).join("") + text.slice(to);
}

/** A text as a region has it: without empty lines around it. */
export function trimmed(text: string): string {
  return withPlainEnds(text)
    .replace(/^(?:[ \t]*\n)+/, "")
    .trimEnd();
}

function styleOf(file: string): CommentStyle {
  const style = commentStyle(file);
  if (style !== undefined) return style;
  throw new DocumentError(
    `${file} can have no regions: their markers are comments, and how they are written in such a file is not known ` +
      "(a valid example: README.md)",
  );
}

function markerIn(style: CommentStyle, line: string, refuse: (reason: string) => never): Marker | undefined {
  const text = commentIn(style, line.replace(/^\uFEFF/, ""));
  if (text === undefined || !/^slipway:(begin|end)\b/.test(text)) return undefined;
  const [, kind = "", name = ""] = /^slipway:(begin|end)\s+(\S+)$/.exec(text) ?? [];
  if (!regionName.test(name)) {
    const example = comment(style, "slipway:begin install");
    return refuse(
      `${quoted(line.trim())} is no marker: it has one name, of letters, digits and ._- (a valid example: ${example})`,
    );
  }
  return { kind: kind === "begin" ? "begin" : "end", name };
}

/** The fence of code that is open after a line (CommonMark 0.31.2, section 4.5). */
function fenceAfter(open: string | undefined, line: string): string | undefined {
  const [, ticks = "", info = ""] = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
  if (ticks === "") return open;
  if (open === undefined) return ticks.startsWith("`") && info.includes("`") ? undefined : ticks;
  const closes = ticks[0] === open[0] && ticks.length >= open.length && info.trim() === "";
  return closes ? undefined : open;
}

function quoted(name: string): string {
  return JSON.stringify(name);
}
