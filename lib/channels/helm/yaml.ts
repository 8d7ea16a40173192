import {
  isAlias,
  isMap,
  isScalar as isScalarNode,
  isSeq,
  LineCounter,
  parseAllDocuments,
  type Document,
  type Node,
  type ParsedNode,
  type Scalar,
} from "yaml";

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

/** More than anybody writes by hand; aliases multiply what is written. */
const maximumValues = 10_000;

/** A document, with the place of each value in its text. */
export type ParsedYaml = Document.Parsed<ParsedNode>;

/**
 * Parses a text with one document. Scalars are texts, as they are written: what a number or a truth
 * value is differs between YAML 1.1 and 1.2.
 *
 * @throws YamlError
 */
export function parseYaml(text: string): { document: ParsedYaml; lines: LineCounter } {
  const lines = new LineCounter();
  const documents = parsedDocuments(text, lines);
  const [document, other] = documents;
  if (!document?.contents) throw new YamlError(1, "the file is empty");
  for (const { errors } of documents) {
    const [error] = errors;
    if (error) throw new YamlError(lineAt(lines, error.pos[0]), error.message);
  }
  if (other)
    throw new YamlError(lineAt(lines, other.range[0]), "one document is expected, and this is another");
  return { document, lines };
}

/** What is nested too deep for the parser is told as what it is. */
function parsedDocuments(text: string, lineCounter: LineCounter): ParsedYaml[] {
  try {
    const documents = parseAllDocuments(text, { schema: "failsafe", prettyErrors: false, lineCounter });
    return Array.isArray(documents) ? documents : [];
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new YamlError(1, `is nested more than ${maximumDepth} deep`);
  }
}

/**
 * Reads the YAML that people write in a `Chart.yaml`. Tags and merged fields are refused rather than
 * read in another way than Helm reads them.
 *
 * Source: yaml.org/spec/1.2.2.
 *
 * @throws YamlError
 */
export function readYaml(text: string): ReadonlyMap<string, YamlValue> {
  const { document, lines } = parseYaml(text);
  const value = new ValueReader(document, lines).read(document.contents, 0);
  if (value instanceof Map) return value as ReadonlyMap<string, YamlValue>;
  throw new YamlError(
    lineAt(lines, document.contents?.range[0] ?? 0),
    "fields are expected, such as `name: hello`",
  );
}

class ValueReader {
  private values = 0;

  constructor(
    private readonly document: ParsedYaml,
    private readonly lines: LineCounter,
  ) {}

  read(node: Node | null, depth: number): YamlValue {
    if (node === null) return { text: "", isPlain: true };
    const fail = (reason: string) => new YamlError(lineAt(this.lines, node.range?.[0] ?? 0), reason);
    if (depth > maximumDepth) throw fail(`is nested more than ${maximumDepth} deep`);
    this.values += 1;
    if (this.values > maximumValues) throw fail(`the file has more than ${maximumValues} values`);
    if (isAlias(node)) {
      const anchored = node.resolve(this.document);
      if (anchored === undefined) throw fail(`there is no anchor ${node.source} before this alias`);
      return this.read(anchored, depth + 1);
    }
    if (node.tag !== undefined && !/^tag:yaml\.org,2002:(?:str|map|seq)$/.test(node.tag)) {
      throw fail(`the tag ${node.tag} is not read: quote the text`);
    }
    if (isScalarNode(node)) return { text: scalarText(node), isPlain: node.type === "PLAIN" };
    if (isSeq<Node | null>(node)) return node.items.map((item) => this.read(item, depth + 1));
    if (!isMap<Node, Node | null>(node)) throw fail("is not read");
    const fields = new Map<string, YamlValue>();
    for (const { key, value } of node.items) {
      const name = isScalarNode(key) ? scalarText(key) : undefined;
      if (name === undefined) throw fail("a name is expected before each colon");
      if (name === "<<") throw fail("merged fields are not read: write them out");
      fields.set(name, this.read(value, depth + 1));
    }
    return fields;
  }
}

/** The text of a scalar, which is all that the failsafe schema has; empty for nothing. */
export function scalarText({ value }: Scalar): string {
  return typeof value === "string" ? value : "";
}

/** Line of a place in the text, from 1. */
export function lineAt(lines: LineCounter, offset: number): number {
  return Math.max(1, lines.linePos(offset).line);
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
