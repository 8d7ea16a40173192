import { nearest } from "../text/nearest";
import { DocumentError } from "./document-error";

/**
 * `{name}` in a text, as declarations have it everywhere; `{images.hello.digest}` is one too. What others mean by
 * braces stays: `${name}`, `{{ name }}`, `{ "a": 1 }`. `\{name}` is `{name}` itself.
 */
const placeholder = /(\\)?(?<![${]\\?)\{([A-Za-z][A-Za-z0-9_]*(?:[.-][A-Za-z0-9_]+)*)\}(?!\})/g;

/** Names that a text has, each once, with the line that has it first. */
export function placeholdersOf(text: string): Map<string, number> {
  const names = new Map<string, number>();
  for (const { 1: escape, 2: name = "", index } of text.matchAll(placeholder)) {
    if (escape !== undefined || names.has(name)) continue;
    names.set(name, 1 + (text.slice(0, index).match(/\n/g)?.length ?? 0));
  }
  return names;
}

/**
 * Returns why a text cannot be filled, as the rest of a sentence; undefined where it can.
 *
 * @param known names that have a value
 */
export function unknownPlaceholder(text: string, known: readonly string[]): string | undefined {
  for (const [name, line] of placeholdersOf(text)) {
    if (known.includes(name)) continue;
    const match = nearest(name, known);
    const hint = match === undefined ? "" : `; did you mean {${match}}?`;
    const names = known.map((one) => `{${one}}`).join(", ");
    return (
      `line ${line}: nothing takes the place of {${name}}${hint}${hint.endsWith("?") ? "" : ";"} the names here are ` +
      `${names}, and \\{${name}} is the word itself`
    );
  }
  return undefined;
}

/**
 * A text with the values of its names.
 *
 * @param where for the message, e.g. the path of the template
 * @throws DocumentError naming the line of a name without a value
 */
export function fillPlaceholders(
  where: string,
  text: string,
  values: Readonly<Record<string, string>>,
): string {
  const problem = unknownPlaceholder(text, Object.keys(values));
  if (problem !== undefined) throw new DocumentError(`${where}, ${problem}`);
  return text.replace(placeholder, (whole, escape: string | undefined, name: string) =>
    escape === undefined ? (values[name] ?? whole) : whole.slice(1),
  );
}
