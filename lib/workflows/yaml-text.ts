/** A value of a workflow as data. */
export type YamlValue =
  | string
  | number
  | boolean
  | readonly YamlValue[]
  | { readonly [key: string]: YamlValue | undefined }
  | Commented;

/** A word with a comment behind it, such as a commit and the version that it is. */
export class Commented {
  constructor(
    readonly text: string,
    readonly comment: string,
  ) {}
}

/** Words that are no text where they stand alone (YAML 1.1 and 1.2). */
const notText = /^(?:true|false|yes|no|on|off|y|n|null|~)$/i;

/** Texts that need no quotes: what begins like a word, a path or an expression of GitHub. */
const plain = /^(?:[A-Za-z_/]|\.[./]|\.$|\$\{\{)[ -~]*$/;

/**
 * Writes data as YAML in blocks, in the order that it has. The library that reads YAML is the provider's, and its
 * writer has no place for the version beside a pinned commit.
 */
export function yamlText(value: { readonly [key: string]: YamlValue | undefined }): string {
  return `${mapLines(value).join("\n")}\n`;
}

function mapLines(map: { readonly [key: string]: YamlValue | undefined }): string[] {
  return Object.entries(map).flatMap(([key, value]) => (value === undefined ? [] : entryLines(key, value)));
}

function entryLines(key: string, value: YamlValue): string[] {
  const name = `${scalar(key)}:`;
  const [first = "", ...rest] = valueLines(value);
  // What is a value in one line, or a block of text, begins beside its name.
  const isBeside = typeof value !== "object" || value instanceof Commented || isEmpty(value);
  return isBeside ? [`${name} ${first}`, ...rest] : [name, indented(first), ...rest.map(indented)];
}

function valueLines(value: YamlValue): string[] {
  if (typeof value !== "object") return textLines(value);
  if (value instanceof Commented) return [`${scalar(value.text)} # ${value.comment}`];
  if (isList(value)) return value.length === 0 ? ["[]"] : value.flatMap(itemLines);
  return isEmpty(value) ? ["{}"] : mapLines(value);
}

function itemLines(value: YamlValue): string[] {
  const lines = valueLines(value);
  // The lines of a block are indented already.
  const isText = typeof value !== "object";
  return lines.map((line, index) => (index === 0 ? `- ${line}` : isText ? line : indented(line)));
}

/** A text of several lines is a block, whose lines stay as they are. */
function textLines(value: string | number | boolean): string[] {
  if (typeof value !== "string" || !/^[!-~][\t -~]*(?:\n[\t -~]*)*[!-~]\n$/.test(value))
    return [scalar(value)];
  return ["|", ...value.slice(0, -1).split("\n").map(indented)];
}

function isEmpty(value: Exclude<YamlValue, string | number | boolean | Commented>): boolean {
  return Object.values(value).every((one) => one === undefined);
}

function scalar(value: string | number | boolean): string {
  if (typeof value !== "string") return String(value);
  const isPlain = plain.test(value) && !notText.test(value) && !/: |:$| #|\s$/.test(value);
  return isPlain || value === "on" ? value : JSON.stringify(value);
}

function indented(line: string): string {
  return line === "" ? "" : `  ${line}`;
}

function isList(value: object): value is readonly YamlValue[] {
  return Array.isArray(value);
}
