import { comment, commentStyle, isMarkdown } from "./comments";
import { linesOf, withPlainEnds } from "./lines";

/** What a file says that Slipway writes whole. */
const mark = "Written by Slipway. Edit the declaration, not this file.";

/** Lines that have to be the first ones of a file: of shells, XML, and Dockerfiles (their parser directives). */
const first = /^(#!|<\?xml\b|# *(syntax|escape|check) *=)/;

/** A text with the comment by which Slipway knows the file as its own; without where such a file has no comments. */
export function withMark(file: string, text: string): string {
  const style = commentStyle(file);
  if (style === undefined) return text;
  const lines = linesOf(text);
  const before = isMarkdown(file) ? frontMatter(lines.map((line) => line.text)) : undefined;
  const count = before ?? lines.findIndex((line) => !first.test(line.text));
  const at = count < 0 ? text.length : (lines[count]?.at ?? text.length);
  const gap = isMarkdown(file) ? "\n\n" : "\n";
  return `${text.slice(0, at)}${comment(style, mark)}${gap}${text.slice(at)}`;
}

/** Whether a file says that Slipway has written it. */
export function hasMark(file: string, text: string): boolean {
  const style = commentStyle(file);
  return style !== undefined && linesOf(text).some((line) => line.text === comment(style, mark));
}

/** A text with the line ends of what is there now: a checkout can have those of Windows. */
export function withEndsOf(present: string | undefined, text: string): string {
  const isWindows = /^[^\n]*\r\n/.test(present ?? "");
  return isWindows ? withPlainEnds(text).replaceAll("\n", "\r\n") : text;
}

/** Number of lines of the front matter, which is the first thing of a page. */
function frontMatter(lines: readonly string[]): number | undefined {
  if (lines[0] !== "---") return undefined;
  const end = lines.indexOf("---", 1);
  return end < 0 ? undefined : end + 1;
}
