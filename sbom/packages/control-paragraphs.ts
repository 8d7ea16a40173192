import { linesOf } from "./lines";

/**
 * Paragraphs of `Field: value` lines, separated by empty lines; lines that begin with a blank go on with the field
 * before. Field names in lower case.
 *
 * Source: Debian policy, "Syntax of control files"; the headers of Python's metadata are of the same form (RFC 5322).
 */
export function* controlParagraphs(text: string): Generator<ReadonlyMap<string, string>, void, undefined> {
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
      if (field !== "") current.set(field, `${current.get(field) ?? ""}\n${line.trim()}`);
      continue;
    }
    const colon = line.indexOf(":");
    if (colon <= 0) continue;
    field = line.slice(0, colon).toLowerCase();
    // Only the first of repeated fields is looked at.
    if (current.has(field)) field = "";
    else current.set(field, line.slice(colon + 1).trim());
  }
  if (current) yield current;
}
