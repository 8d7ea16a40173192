import { isAlias, isMap, isScalar as isScalarNode, isSeq, type LineCounter, type Node } from "yaml";
import {
  lineAt,
  maximumDepth,
  parseYaml,
  scalarText,
  YamlError,
  type ParsedYaml,
  type YamlScalar,
} from "../../yaml/parse";

export type YamlValue = YamlScalar | readonly YamlValue[] | ReadonlyMap<string, YamlValue>;

/** More than anybody writes by hand; aliases multiply what is written. */
const maximumValues = 10_000;

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

/** Returns whether a plain scalar is nothing. */
export function isNull(value: YamlValue | undefined): boolean {
  return (
    value !== undefined && isScalar(value) && value.isPlain && /^(?:~|null|Null|NULL|)$/.test(value.text)
  );
}

export function isScalar(value: YamlValue): value is YamlScalar {
  return !Array.isArray(value) && !(value instanceof Map);
}
