/** A text in YAML; a plain one may mean a number, a truth value or nothing. */
export interface YamlScalar {
  readonly text: string;
  readonly isPlain: boolean;
}

export type YamlValue = YamlScalar | readonly YamlValue[] | ReadonlyMap<string, YamlValue>;

/** What cannot be read, and in which line. */
export class YamlError extends Error {
  override readonly name = "YamlError";

  constructor(
    /** Line, from 1. */
    readonly line: number,
    readonly reason: string,
  ) {
    super(`line ${line}: ${reason}`);
  }
}

/** Deeper than anybody writes by hand. */
const maximumDepth = 50;

/**
 * Reads the YAML that people write in a `Chart.yaml`: mappings, lists, texts in all forms, comments.
 * Anchors, tags, several documents, and keys that are no names are refused rather than read in
 * another way than Helm reads them.
 *
 * Source: yaml.org/spec/1.2.2.
 *
 * @throws YamlError
 */
export function readYaml(text: string): ReadonlyMap<string, YamlValue> {
  return new YamlReader(text).document();
}

/** Returns whether a plain scalar is nothing. */
export function isNull(value: YamlValue | undefined): boolean {
  return (
    value !== undefined && isScalar(value) && value.isPlain && /^(?:~|null|Null|NULL|)$/.test(value.text)
  );
}

export function isScalar(value: YamlValue): value is YamlScalar {
  return !Array.isArray(value) && !(value instanceof Map);
}

/** Source: yaml.org/type, int, float, bool and timestamp; YAML 1.2, 10.3.2. */
const notText: readonly RegExp[] = [
  /^[-+]?\d[\d_]*$/,
  /^[-+]?(?:\d[\d_]*)?\.[\d_]*(?:e[-+]?\d+)?$/i,
  /^[-+]?\d[\d_]*e[-+]?\d+$/i,
  /^[-+]?0[xob][\da-f_]+$/i,
  /^[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?$/,
  /^\d{4}-\d{1,2}-\d{1,2}(?:[t ].*)?$/i,
  /^(?:[-+]?\.inf|\.nan|y|n|yes|no|on|off|true|false)$/i,
];

/**
 * Returns whether a plain scalar may be no text to a reader of YAML 1.1 or 1.2: a number, a truth
 * value, or a date.
 */
export function isAmbiguous({ text, isPlain }: YamlScalar): boolean {
  return isPlain && notText.some((pattern) => pattern.test(text));
}

interface Line {
  readonly number: number;
  readonly indent: number;
  readonly text: string;
}

class YamlReader {
  private readonly lines: string[];
  private position = 0;

  constructor(text: string) {
    this.lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  }

  document(): ReadonlyMap<string, YamlValue> {
    const first = this.peek();
    if (first?.text === "---") this.position += 1;
    const start = this.peek();
    if (start === undefined) throw new YamlError(1, "the file is empty");
    const value = this.block(start, 0);
    const rest = this.peek();
    if (rest !== undefined)
      throw new YamlError(rest.number, `${JSON.stringify(rest.text)} is not expected here`);
    if (!(value instanceof Map))
      throw new YamlError(start.number, "fields are expected, such as `name: hello`");
    return value as ReadonlyMap<string, YamlValue>;
  }

  /** The next line with something in it. */
  private peek(): Line | undefined {
    for (; this.position < this.lines.length; this.position += 1) {
      const line = this.lines[this.position] ?? "";
      const [indentation = ""] = /^\s*/.exec(line) ?? [];
      const text = line.slice(indentation.length).trimEnd();
      if (text === "" || text.startsWith("#")) continue;
      if (indentation.includes("\t"))
        throw new YamlError(this.position + 1, "is indented by a tab: use spaces");
      return { number: this.position + 1, indent: indentation.length, text };
    }
    return undefined;
  }

  private block(line: Line, depth: number): YamlValue {
    if (depth > maximumDepth) throw new YamlError(line.number, `is nested more than ${maximumDepth} deep`);
    if (isItem(line.text)) return this.sequence(line.indent, depth);
    if (keyOf(line) !== undefined) return this.mapping(line.indent, depth);
    this.position += 1;
    return this.inline(line.text, line, line.indent - 1);
  }

  private mapping(indent: number, depth: number): ReadonlyMap<string, YamlValue> {
    const fields = new Map<string, YamlValue>();
    for (let line = this.peek(); line !== undefined && line.indent >= indent; line = this.peek()) {
      const found = line.indent === indent ? keyOf(line) : undefined;
      if (found === undefined)
        throw new YamlError(line.number, `${JSON.stringify(line.text)} is not expected here`);
      if (fields.has(found.key)) throw new YamlError(line.number, `the field ${found.key} is listed twice`);
      this.position += 1;
      fields.set(found.key, this.valueOf(found.rest, line, depth, true));
    }
    return fields;
  }

  private sequence(indent: number, depth: number): readonly YamlValue[] {
    const items: YamlValue[] = [];
    for (let line = this.peek(); line?.indent === indent && isItem(line.text); line = this.peek()) {
      const rest = line.text.slice(1).trimStart();
      const offset = line.indent + line.text.length - rest.length;
      if (isItem(rest) || keyOf({ ...line, text: rest }) !== undefined) {
        this.lines[this.position] = `${" ".repeat(offset)}${rest}`;
        items.push(this.block({ ...line, indent: offset, text: rest }, depth + 1));
      } else {
        this.position += 1;
        items.push(this.valueOf(rest, line, depth, false));
      }
    }
    return items;
  }

  /** @param ofKey whether a list may stand as deep as what it belongs to */
  private valueOf(rest: string, line: Line, depth: number, ofKey: boolean): YamlValue {
    if (rest !== "" && !rest.startsWith("#")) return this.inline(rest, line, line.indent);
    const next = this.peek();
    const isBelow =
      next !== undefined &&
      (next.indent > line.indent || (ofKey && next.indent === line.indent && isItem(next.text)));
    return isBelow ? this.block(next, depth + 1) : { text: "", isPlain: true };
  }

  private inline(text: string, line: Line, parentIndent: number): YamlValue {
    const first = text[0] ?? "";
    if (first === "|" || first === ">") return this.blockText(text, line, parentIndent);
    if (first === "[" || first === "{") return this.flow(text, line);
    if (first === '"' || first === "'") {
      const { value, end } = quoted(text, 0, line.number);
      expectEnd(text.slice(end), line.number);
      return { text: value, isPlain: false };
    }
    return this.plain(text, line, parentIndent);
  }

  private plain(text: string, line: Line, parentIndent: number): YamlScalar {
    const parts = [plainText(text, line.number)];
    const hasComment = parts[0] !== text;
    for (
      let next = this.peek();
      !hasComment && next !== undefined && next.indent > parentIndent;
      next = this.peek()
    ) {
      if (this.lines[this.position - 1]?.trim() === "") {
        throw new YamlError(next.number, "a text with an empty line in it is expected behind `|`");
      }
      parts.push(plainText(next.text, next.number));
      this.position += 1;
    }
    return { text: parts.join(" "), isPlain: true };
  }

  private flow(text: string, line: Line): YamlValue {
    let whole = text;
    for (;;) {
      const { value, end } = flowValue(whole, 0, line.number, 0);
      if (value !== undefined) {
        expectEnd(whole.slice(end), line.number);
        return value;
      }
      const next = this.peek();
      if (next === undefined) throw new YamlError(line.number, `${JSON.stringify(text)} has no end`);
      whole = `${whole.replace(/\s+#.*$/, "")} ${next.text}`;
      this.position += 1;
    }
  }

  private blockText(header: string, line: Line, parentIndent: number): YamlScalar {
    const [, style, chomp] = /^([|>])([+-]?)\s*(?:#.*)?$/.exec(header) ?? [];
    if (style === undefined)
      throw new YamlError(line.number, `${JSON.stringify(header)}: |, |-, > or >- is expected`);
    const raw: string[] = [];
    let indent: number | undefined;
    for (; this.position < this.lines.length; this.position += 1) {
      const text = this.lines[this.position] ?? "";
      const depth = text.length - text.trimStart().length;
      if (text.trim() === "") {
        raw.push("");
        continue;
      }
      if (depth <= parentIndent || (indent !== undefined && depth < indent)) break;
      indent ??= depth;
      raw.push(text.slice(indent));
    }
    const end = raw.findLastIndex((one) => one !== "") + 1;
    const content = style === "|" ? raw.slice(0, end).join("\n") : folded(raw.slice(0, end));
    const tail = chomp === "-" || end === 0 ? "" : chomp === "+" ? "\n".repeat(raw.length - end + 1) : "\n";
    return { text: `${content}${tail}`, isPlain: false };
  }
}

/**
 * Lines of a folded text as one: a line break between two is a space, empty lines are line breaks, and
 * lines that are indented stay as they are.
 */
function folded(lines: readonly string[]): string {
  let text = lines[0] ?? "";
  for (let at = 1; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    let empty = 0;
    while (lines[at - 1 - empty] === "" && at - 1 - empty > 0) empty += 1;
    if (line === "") continue;
    const before = lines[at - 1 - empty] ?? "";
    const keeps = /^\s/.test(line) || /^\s/.test(before);
    text += keeps ? "\n".repeat(empty + 1) : empty === 0 ? " " : "\n".repeat(empty);
    text += line;
  }
  return text;
}

function isItem(text: string): boolean {
  return text === "-" || text.startsWith("- ");
}

function keyOf({ text, number }: Line): { key: string; rest: string } | undefined {
  if (text.startsWith('"') || text.startsWith("'")) {
    const { value, end } = quoted(text, 0, number);
    const after = /^\s*:(?:\s+|$)(.*)$/.exec(text.slice(end));
    return after ? { key: value, rest: after[1] ?? "" } : undefined;
  }
  const [, key, rest] = /^([A-Za-z0-9_./][A-Za-z0-9_./ -]*?)\s*:(?:\s+(.*))?$/.exec(text) ?? [];
  return key === undefined ? undefined : { key, rest: rest ?? "" };
}

function plainText(text: string, line: number): string {
  if (/^[&*!%@`|>?\]},]/.test(text)) {
    throw new YamlError(
      line,
      `${JSON.stringify(text)} begins with a sign that has a meaning in YAML: quote the text`,
    );
  }
  const value = text.replace(/\s+#.*$/, "").trimEnd();
  if (/:(?:\s|$)/.test(value))
    throw new YamlError(line, `${JSON.stringify(value)} has a colon in it: quote the text`);
  return value;
}

function expectEnd(rest: string, line: number): void {
  if (/^\s*$|^\s+#/.test(rest)) return;
  throw new YamlError(line, `${JSON.stringify(rest.trim())} is not expected here`);
}

const escapes: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  '"': '"',
  "\\": "\\",
  "/": "/",
};

function quoted(text: string, start: number, line: number): { value: string; end: number } {
  const quote = text[start];
  let value = "";
  for (let at = start + 1; at < text.length; at += 1) {
    const character = text[at] ?? "";
    if (character === quote) {
      if (quote !== "'" || text[at + 1] !== "'") return { value, end: at + 1 };
      at += 1;
    } else if (character === "\\" && quote === '"') {
      const next = text[at + 1] ?? "";
      const hex = next === "u" ? 4 : next === "x" ? 2 : 0;
      const digits = text.slice(at + 2, at + 2 + hex);
      const meant = hex > 0 && /^[0-9a-fA-F]+$/.test(digits) && digits.length === hex;
      const plain = meant ? String.fromCharCode(Number.parseInt(digits, 16)) : escapes[next];
      if (plain === undefined) throw new YamlError(line, `\\${next} in a quoted text is not read`);
      value += plain;
      at += 1 + hex;
      continue;
    }
    value += character;
  }
  throw new YamlError(line, `a quoted text ends in its line: ${JSON.stringify(text.slice(start))} does not`);
}

/** Undefined: it goes on in the next line. */
function flowValue(
  text: string,
  start: number,
  line: number,
  depth: number,
): { value: YamlValue | undefined; end: number } {
  if (depth > maximumDepth) throw new YamlError(line, `is nested more than ${maximumDepth} deep`);
  const open = text[start];
  if (open !== "[" && open !== "{") return flowScalar(text, start, line);
  const close = open === "[" ? "]" : "}";
  const items: YamlValue[] = [];
  const fields = new Map<string, YamlValue>();
  let at = start + 1;
  const skip = () => {
    while (text[at] === " ") at += 1;
  };
  const unfinished = { value: undefined, end: at };
  for (;;) {
    skip();
    if (at >= text.length) return unfinished;
    if (text[at] === close) return { value: open === "[" ? items : fields, end: at + 1 };
    const one = flowValue(text, at, line, depth + 1);
    if (one.value === undefined) return unfinished;
    at = one.end;
    skip();
    if (open === "{") {
      if (at >= text.length) return unfinished;
      if (text[at] !== ":" || !isScalar(one.value))
        throw new YamlError(line, `\`key: value\` is expected in { }`);
      at += 1;
      skip();
      const value = flowValue(text, at, line, depth + 1);
      if (value.value === undefined) return unfinished;
      if (fields.has(one.value.text))
        throw new YamlError(line, `the field ${one.value.text} is listed twice`);
      fields.set(one.value.text, value.value);
      at = value.end;
      skip();
    } else items.push(one.value);
    if (at >= text.length) return unfinished;
    if (text[at] === ",") at += 1;
    else if (text[at] !== close)
      throw new YamlError(line, `"," or "${close}" is expected before ${JSON.stringify(text.slice(at))}`);
  }
}

function flowScalar(
  text: string,
  start: number,
  line: number,
): { value: YamlValue | undefined; end: number } {
  if (text[start] === '"' || text[start] === "'") {
    const { value, end } = quoted(text, start, line);
    return { value: { text: value, isPlain: false }, end };
  }
  const [found = ""] = /^(?:[^,[\]{}:]|:(?=[^\s,[\]{}]))*/.exec(text.slice(start)) ?? [];
  if (start + found.length >= text.length) return { value: undefined, end: start };
  return { value: { text: plainText(found.trim(), line), isPlain: true }, end: start + found.length };
}
