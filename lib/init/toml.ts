/** A value of a text in TOML, as far as the files of packages need it. */
export interface TomlValue {
  /** Table that it is in, e.g. `project`; a table of a list has its number: `bin.0`. */
  readonly table: string;
  readonly key: string;
  /** A list has texts alone; other items are left out. Numbers and dates are as they are written. */
  readonly value: string | boolean | readonly string[];
  /** From 1. */
  readonly line: number;
}

/** A text in TOML; what is not understood is named by its line and passed over. */
export interface Toml {
  readonly values: readonly TomlValue[];
  readonly unread: readonly number[];
}

const key = String.raw`(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*'))*`;
const tablePattern = new RegExp(String.raw`^\s*(\[\[?)\s*(${key})\s*\]\]?\s*(?:#.*)?$`);
const pairPattern = new RegExp(String.raw`^\s*(${key})\s*=\s*(.*)$`);
const scalarPattern = /^("(?:[^"\\]|\\.)*"|'[^']*'|[^\s,\]}#"'[{]+)\s*/;

/**
 * Reads tables, texts, truth values and lists of texts; an inline table is read as a table is.
 *
 * Source: toml.io/en/v1.0.0.
 */
export function readToml(text: string): Toml {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  const values: TomlValue[] = [];
  const unread: number[] = [];
  const counts = new Map<string, number>();
  let table = "";
  for (let index = 0; index < lines.length; index++) {
    const content = lines[index] ?? "";
    const line = index + 1;
    if (/^\s*(#.*)?$/.test(content)) continue;
    const [, brackets, named = ""] = tablePattern.exec(content) ?? [];
    if (brackets !== undefined) {
      const name = bareKey(named);
      const count = counts.get(name) ?? 0;
      if (brackets === "[[") counts.set(name, count + 1);
      table = brackets === "[[" ? `${name}.${count}` : name;
      continue;
    }
    const [, written, rest = ""] = pairPattern.exec(content) ?? [];
    if (written === undefined) {
      unread.push(line);
      continue;
    }
    const { whole, next } = wholeValue(rest, lines, index);
    index = next;
    const found = valuesOf(table, bareKey(written), whole, line);
    if (found === undefined) unread.push(line);
    else values.push(...found);
  }
  return { values, unread };
}

/** A value to its end: lists and long texts go over several lines. */
function wholeValue(rest: string, lines: readonly string[], start: number): { whole: string; next: number } {
  const mark = /^("""|''')/.exec(rest)?.[1];
  let whole = rest;
  let next = start;
  const isWhole = () => (mark === undefined ? isClosed(whole) : whole.indexOf(mark, 3) >= 0);
  while (!isWhole() && next + 1 < lines.length) {
    next++;
    whole += `\n${lines[next] ?? ""}`;
  }
  return { whole, next };
}

/** Whether each bracket outside of a text has its end. */
function isClosed(text: string): boolean {
  const bare = withoutTexts(text);
  const count = (pattern: RegExp) => bare.match(pattern)?.length ?? 0;
  return count(/[[{]/g) <= count(/[\]}]/g);
}

function withoutTexts(text: string): string {
  return text.replace(/"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|#[^\n]*/g, "");
}

function valuesOf(table: string, name: string, text: string, line: number): TomlValue[] | undefined {
  const long = /^(?:"""|''')\n?([^]*?)(?:"""|''')/.exec(text)?.[1];
  if (long !== undefined) return [{ table, key: name, value: long, line }];
  if (text.startsWith("{")) return inlineTable(join(table, name), text, line);
  if (text.startsWith("[")) return [{ table, key: name, value: textsOf(text), line }];
  const [scalar, written] = scalarPattern.exec(text) ?? [];
  if (scalar === undefined || written === undefined) return undefined;
  const value = scalarOf(written);
  return [{ table, key: name, value, line }];
}

function inlineTable(table: string, text: string, line: number): TomlValue[] {
  const pair = new RegExp(
    String.raw`(${key})\s*=\s*("(?:[^"\\\n]|\\.)*"|'[^'\n]*'|\[[^\]]*\]|[^\s,}]+)`,
    "g",
  );
  return [...text.matchAll(pair)].map(([, name = "", written = ""]) => ({
    table,
    key: bareKey(name),
    value: written.startsWith("[") ? textsOf(written) : scalarOf(written),
    line,
  }));
}

function textsOf(list: string): string[] {
  const texts = list.matchAll(/"((?:[^"\\\n]|\\.)*)"|'([^'\n]*)'|#[^\n]*/g);
  return [...texts].flatMap(([, basic, literal]) =>
    basic === undefined ? (literal ?? []) : unescaped(basic),
  );
}

function scalarOf(written: string): string | boolean {
  if (written === "true" || written === "false") return written === "true";
  if (written.startsWith("'")) return written.slice(1, -1);
  return written.startsWith('"') ? unescaped(written.slice(1, -1)) : written;
}

function unescaped(text: string): string {
  return text
    .replace(/\\(["\\])/g, "$1")
    .replace(/\\t/g, "\t")
    .replace(/\\n/g, "\n");
}

function bareKey(written: string): string {
  return written.replace(/["']|\s*(\.)\s*/g, "$1").trim();
}

function join(table: string, name: string): string {
  return table === "" ? name : `${table}.${name}`;
}

/** A text of a table; undefined where it is none. */
export function tomlText(
  { values }: Toml,
  table: string,
  name: string,
): { value: string; line: number } | undefined {
  const found = values.find((one) => one.table === table && one.key === name);
  return typeof found?.value === "string" ? { value: found.value, line: found.line } : undefined;
}
