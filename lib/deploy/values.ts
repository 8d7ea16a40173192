import { isAlias, isMap, isScalar, isSeq, type Node, type Scalar, type YAMLMap } from "yaml";
import {
  lineAt,
  maximumDepth,
  scalarText,
  YamlError,
  type ParsedDocuments,
  type ParsedYaml,
} from "../yaml/parse";

export type Fields = YAMLMap<Node, Node | null>;

/** A value of a file that may be about an image. */
export interface FileValue {
  /** Name of its field; undefined in a list. */
  readonly name: string | undefined;
  /** The text, where an alias says so at its anchor; or the fields. */
  readonly value: Scalar | Fields;
  /** The fields that it is in. */
  readonly within: Fields | undefined;
  /** Lines that it begins in, with its name, and ends in; of fields, twice the first. */
  readonly first: number;
  readonly last: number;
}

/**
 * All values of a file, in its order; behind an alias its anchor's.
 *
 * @throws YamlError for what is nested too deep, and for an alias without an anchor
 */
export function valuesOf({ documents, lines }: ParsedDocuments): FileValue[] {
  return documents.flatMap((document) => {
    const walk = new Walk(document, (offset) => lineAt(lines, offset));
    walk.visit(document.contents, 0);
    return walk.found;
  });
}

class Walk {
  readonly found: FileValue[] = [];

  constructor(
    private readonly document: ParsedYaml,
    private readonly lineOf: (offset: number) => number,
  ) {}

  visit(node: Node | null, depth: number): void {
    if (depth > maximumDepth) {
      throw new YamlError(this.lineOf(startOf(node)), `is nested more than ${maximumDepth} deep`);
    }
    if (isMap<Node, Node | null>(node)) {
      for (const { key, value } of node.items) {
        this.add(isScalar(key) ? scalarText(key) : undefined, startOf(key), value, node);
        this.visit(value, depth + 1);
      }
    } else if (isSeq<Node | null>(node)) {
      for (const item of node.items) {
        this.add(undefined, startOf(item), item, undefined);
        this.visit(item, depth + 1);
      }
    }
  }

  private add(name: string | undefined, start: number, value: Node | null, within: Fields | undefined): void {
    const first = this.lineOf(start);
    const resolved = isAlias(value) ? this.anchored(value) : value;
    if (isScalar(resolved)) {
      this.found.push({ name, value: resolved, within, first, last: this.lineOf(endOf(value)) });
    } else if (isMap<Node, Node | null>(resolved)) {
      this.found.push({ name, value: resolved, within, first, last: first });
    }
  }

  private anchored(alias: Node): Node | undefined {
    const anchored = isAlias(alias) ? alias.resolve(this.document) : undefined;
    if (anchored === undefined) {
      throw new YamlError(this.lineOf(startOf(alias)), "there is no anchor before this alias");
    }
    return anchored;
  }
}

function startOf(node: Node | null): number {
  return node?.range?.[0] ?? 0;
}

function endOf(node: Node | null): number {
  return Math.max(startOf(node), (node?.range?.[1] ?? 0) - 1);
}

/** The value of a field, if it is a text. */
export function fieldOf(fields: Fields, name: string): Scalar | undefined {
  const found = fields.items.find(({ key }) => isScalar(key) && scalarText(key) === name);
  return isScalar(found?.value) ? found.value : undefined;
}
