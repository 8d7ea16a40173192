import { linesOf } from "./lines";

/**
 * Paragraphs of `Field: value` lines, separated by empty lines; lines that begin with a blank go on
 * with the field before. Only the fields that are asked for are kept, and of their further lines
 * that there are some: other people choose how many there are of both.
 *
 * @param wanted names of fields in lower case
 *
 * Source: Debian policy, "Syntax of control files"; the headers of Python's metadata are of the
 * same form (RFC 5322).
 */
export function* controlParagraphs(
  text: string,
  wanted: ReadonlySet<string>,
): Generator<ReadonlyMap<string, string>, void, undefined> {
  let current: Map<string, string> | undefined;
  let field = "";
  for (const line of linesOf(text)) {
    if (line.trim() === "") {
      if (current) yield current;
      current = undefined;
      continue;
    }
    if (!current) {
      current = new Map();
      field = "";
    }
    if (/^[ \t]/.test(line)) {
      const value = current.get(field);
      if (value !== undefined && !value.includes("\n")) current.set(field, `${value}\n${line.trim()}`);
      continue;
    }
    const colon = line.indexOf(":");
    if (colon <= 0) continue;
    field = line.slice(0, colon).toLowerCase();
    // Only the first of repeated fields is looked at.
    if (!wanted.has(field) || current.has(field)) field = "";
    else current.set(field, line.slice(colon + 1).trim());
  }
  if (current) yield current;
}
