import { ChannelError } from "../artifact";

/** What a chart's value can be set to. */
export type ChartValue = string | number | boolean;

/** A field of a YAML file of block mappings. */
interface Place {
  /** Index of the line of its key. */
  readonly line: number;
  /** What stands behind the colon. */
  readonly rest: string;
  /** Lines below it, which are deeper: first index and the one after the last. */
  readonly start: number;
  readonly end: number;
}

/**
 * The names that a path such as `image.digest` goes through; `\.` is a dot in a name, as in `helm
 * --set`.
 */
export function pathNames(path: string): string[] {
  return path.split(/(?<!\\)\./).map((name) => name.replaceAll("\\.", "."));
}

/**
 * A YAML file as its author has written it, of which single values are set: comments, order and
 * everything else stay.
 */
export class ValuesText {
  private readonly lines: string[];

  constructor(
    text: string,
    /** Name of the file, for messages. */
    private readonly file: string,
  ) {
    this.lines = text.replace(/^\uFEFF/, "").split("\n");
  }

  toString(): string {
    return this.lines.join("\n");
  }

  /** Returns whether there is a field. */
  has(names: readonly string[]): boolean {
    return this.find(names) !== undefined;
  }

  /** Names of the fields of a field; undefined where it is a single value. */
  fieldsOf(names: readonly string[], field: string): string[] | undefined {
    const place = this.require(names, field);
    return this.isMapping(place) ? this.keysBetween(place.start, place.end).map(({ key }) => key) : undefined;
  }

  /**
   * Sets a single value.
   *
   * @param field of the declaration, for messages
   * @throws ChannelError where there is no such field, or it is no single value
   */
  set(names: readonly string[], value: ChartValue, field: string): void {
    const place = this.require(names, field);
    const { rest, line } = place;
    const [, written, comment = ""] =
      /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s"'#[\]{}&*!|>%@`][^#]*?|)(\s*|\s+#.*)$/.exec(rest) ?? [];
    const isAlone = this.significant(place.start, place.end) === undefined;
    if (written === undefined || !isAlone) {
      throw this.error(
        field,
        names,
        "is not one value in its line, and cannot be set",
        `${names.at(-1) ?? ""}: ""`,
      );
    }
    const before = this.lines[line] ?? "";
    const ending = before.endsWith("\r") ? "\r" : "";
    const head = before.slice(0, before.length - ending.length - rest.length).trimEnd();
    const text = typeof value === "string" ? JSON.stringify(value) : String(value);
    this.lines[line] = `${head} ${text}${comment.trim() === "" ? "" : comment}${ending}`;
  }

  /** Sets a field at the top, or adds it. */
  setTop(name: string, value: string): void {
    if (this.has([name])) return this.set([name], value, name);
    while (this.lines.at(-1) === "") this.lines.pop();
    this.lines.push(`${name}: ${JSON.stringify(value)}`, "");
  }

  private require(names: readonly string[], field: string): Place {
    const place = this.find(names);
    if (place) return place;
    const parent = names.slice(0, -1);
    const known = this.find(parent);
    const range = parent.length === 0 ? { start: 0, end: this.lines.length } : known;
    const others = range ? this.keysBetween(range.start, range.end).map(({ key }) => key) : [];
    const there =
      others.length > 0
        ? `; ${parent.length === 0 ? "the file" : parent.join(".")} has ${others.join(", ")}`
        : "";
    throw new ChannelError(field, `there is no ${JSON.stringify(names.join("."))} in ${this.file}${there}`);
  }

  private error(field: string, names: readonly string[], reason: string, example: string): ChannelError {
    return new ChannelError(
      field,
      `${JSON.stringify(names.join("."))} in ${this.file} ${reason} (a valid example: ${JSON.stringify(example)})`,
    );
  }

  private find(names: readonly string[]): Place | undefined {
    let range = { start: 0, end: this.lines.length };
    let place: Place | undefined;
    for (const name of names) {
      if (place && !this.isMapping(place)) return undefined;
      place = this.keysBetween(range.start, range.end).find(({ key }) => key === name);
      if (!place) return undefined;
      range = place;
    }
    return place;
  }

  private isMapping({ rest, start, end }: Place): boolean {
    return /^(?:#|$)/.test(rest.trim()) && this.keysBetween(start, end).length > 0;
  }

  /** Fields of the block that some lines are; none where they are a list or a text. */
  private keysBetween(start: number, end: number): (Place & { key: string })[] {
    const first = this.significant(start, end);
    if (first === undefined) return [];
    const indent = indentOf(this.lines[first] ?? "");
    const found: (Place & { key: string })[] = [];
    for (let line = first; line < end;) {
      const text = (this.lines[line] ?? "").replace(/\r$/, "");
      const next = this.nextAtMost(line + 1, end, indent);
      const key = keyOf(text.slice(indent));
      if (isSignificant(text) && indentOf(text) === indent && key) {
        found.push({ key: key.name, rest: key.rest, line, start: line + 1, end: next });
      }
      line = next;
    }
    return found;
  }

  /** The next line with something in it that is not deeper. */
  private nextAtMost(start: number, end: number, indent: number): number {
    for (let line = start; line < end; line += 1) {
      const text = this.lines[line] ?? "";
      if (isSignificant(text) && indentOf(text) <= indent) return line;
    }
    return end;
  }

  private significant(start: number, end: number): number | undefined {
    for (let line = start; line < end; line += 1) if (isSignificant(this.lines[line] ?? "")) return line;
    return undefined;
  }
}

function isSignificant(line: string): boolean {
  return !/^\s*(?:#|$)/.test(line) && line.trimEnd() !== "---";
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

function keyOf(text: string): { name: string; rest: string } | undefined {
  const match =
    /^(?:"([^"\\]*)"|'([^']*)'|([^\s"'#[\]{}&*!|>%@`,:-][^:#]*?|-[^\s:#][^:#]*?))\s*:(?:[ \t]+(.*))?$/.exec(
      text,
    );
  if (!match) return undefined;
  const [, double, single, plain, rest = ""] = match;
  return { name: double ?? single ?? plain ?? "", rest };
}
