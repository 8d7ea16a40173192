import { isMap, isScalar, type Node, type Pair, type YAMLMap } from "yaml";
import { parseYaml, scalarText, YamlError } from "../../yaml/parse";
import { ChannelError } from "../artifact";

/** What a chart's value can be set to. */
export type ChartValue = string | number | boolean;

type Fields = YAMLMap<Node, Node | null>;
type Field = Pair<Node, Node | null>;

/** A part of the text that gets another one. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
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
 * everything else stay, byte for byte.
 */
export class ValuesText {
  private readonly text: string;
  private readonly root: Fields | undefined;
  private readonly edits = new Map<number, Edit>();
  private added = "";

  /**
   * @param file its name, for messages
   * @throws ChannelError for what is no YAML
   */
  constructor(
    text: string,
    private readonly file: string,
  ) {
    this.text = text.replace(/^\uFEFF/, "");
    const { contents } = parsed(this.text, file);
    this.root = isMap<Node, Node | null>(contents) ? contents : undefined;
  }

  toString(): string {
    let text = this.text;
    for (const edit of [...this.edits.values()].sort((one, other) => other.start - one.start)) {
      text = `${text.slice(0, edit.start)}${edit.text}${text.slice(edit.end)}`;
    }
    return this.added === "" ? text : `${text.trimEnd()}\n${this.added}`;
  }

  /** Returns whether there is a field. */
  has(names: readonly string[]): boolean {
    return this.find(names) !== undefined;
  }

  /** Names of the fields of a field; undefined where it has none. */
  fieldsOf(names: readonly string[], field: string): string[] | undefined {
    const { value } = this.require(names, field);
    return isMap(value) ? namesOf(value as unknown as Fields) : undefined;
  }

  /**
   * Sets a single value.
   *
   * @param field of the declaration, for messages
   * @throws ChannelError where there is no such field, or it is no single value
   */
  set(names: readonly string[], value: ChartValue, field: string): void {
    const place = this.placeOf(this.require(names, field));
    if (place === undefined) {
      throw new ChannelError(
        field,
        `${JSON.stringify(names.join("."))} in ${this.file} is not one value in its line, and cannot be set (a valid ` +
          `example: ${JSON.stringify(`${names.at(-1) ?? ""}: ""`)})`,
      );
    }
    const text = typeof value === "string" ? JSON.stringify(value) : String(value);
    // What is empty begins right behind its colon.
    this.edits.set(place.start, { ...place, text: place.start === place.end ? ` ${text}` : text });
  }

  /** Sets a field at the top, or adds it. */
  setTop(name: string, value: string): void {
    if (this.has([name])) this.set([name], value, name);
    else this.added += `${name}: ${JSON.stringify(value)}\n`;
  }

  /** Where a value stands, if it is a text in one line, or nothing. */
  private placeOf({ key, value }: Field): Omit<Edit, "text"> | undefined {
    const behindKey = key.range?.[1] ?? 0;
    const empty = this.text.indexOf(":", behindKey) + 1;
    if (value === null) return { start: empty, end: empty };
    if (!isScalar(value) || value.anchor !== undefined || value.tag !== undefined) return undefined;
    const [start, end] = value.range ?? [0, 0];
    if (start === end) return { start: empty, end: empty };
    const isText = value.type === "PLAIN" || value.type === "QUOTE_DOUBLE" || value.type === "QUOTE_SINGLE";
    return isText && !this.text.slice(start, end).includes("\n") ? { start, end } : undefined;
  }

  private require(names: readonly string[], field: string): Field {
    const found = this.find(names);
    if (found) return found;
    const parent = names.slice(0, -1);
    const fields = parent.length === 0 ? this.root : this.find(parent)?.value;
    const others = isMap(fields) ? namesOf(fields as unknown as Fields) : [];
    const there =
      others.length > 0
        ? `; ${parent.length === 0 ? "the file" : parent.join(".")} has ${others.join(", ")}`
        : "";
    throw new ChannelError(field, `there is no ${JSON.stringify(names.join("."))} in ${this.file}${there}`);
  }

  private find(names: readonly string[]): Field | undefined {
    let fields = this.root;
    let found: Field | undefined;
    for (const name of names) {
      found = fields?.items.find(({ key }) => nameOf(key) === name);
      if (found === undefined) return undefined;
      fields = isMap(found.value) ? (found.value as unknown as Fields) : undefined;
    }
    return found;
  }
}

function parsed(text: string, file: string) {
  // A chart may have no values yet.
  if (text.trim() === "") return { contents: null };
  try {
    return parseYaml(text).document;
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    throw new ChannelError("directory", `${file} ${error.message}`);
  }
}

function namesOf({ items }: Fields): string[] {
  return items.flatMap(({ key }) => nameOf(key) ?? []);
}

function nameOf(key: Node): string | undefined {
  return isScalar(key) ? scalarText(key) : undefined;
}
