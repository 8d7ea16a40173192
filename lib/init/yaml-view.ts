import { isAlias, isMap, isScalar, isSeq, type LineCounter, type Node } from "yaml";
import { lineAt, parseYaml, scalarText, type ParsedYaml } from "../yaml/parse";

/** Aliases that may follow one another; a text can have more of them than anybody reads. */
const mostAliases = 20;

/** A value of a text in YAML, with its line. Aliases and merged maps (`<<`) are followed. */
export class YamlView {
  private constructor(
    private readonly document: ParsedYaml,
    private readonly lines: LineCounter,
    private readonly node: Node | undefined,
    /** Line, from 1. */
    readonly line: number,
  ) {}

  /** @throws YamlError */
  static of(text: string): YamlView {
    const { document, lines } = parseYaml(text.replace(/^\uFEFF/, ""));
    return new YamlView(document, lines, document.contents ?? undefined, 1);
  }

  get isMap(): boolean {
    return isMap(this.node);
  }

  get isList(): boolean {
    return isSeq(this.node);
  }

  get isScalar(): boolean {
    return isScalar(this.node);
  }

  /** Text of a scalar; undefined for maps, lists and nothing. */
  get text(): string | undefined {
    if (!isScalar(this.node)) return undefined;
    const text = scalarText(this.node);
    return text === "" || text === "null" || text === "~" ? undefined : text;
  }

  at(...path: readonly string[]): YamlView | undefined {
    const [key, ...rest] = path;
    if (key === undefined) return this;
    return this.entries()
      .find(([name]) => name === key)?.[1]
      .at(...rest);
  }

  /** Entries of a map, its own before merged ones. */
  entries(depth = 0): [key: string, value: YamlView][] {
    if (!isMap(this.node) || depth > mostAliases) return [];
    const own: [string, YamlView][] = [];
    const merged: [string, YamlView][] = [];
    for (const { key, value } of this.node.items) {
      const name = isScalar(key) ? scalarText(key) : undefined;
      if (name === undefined) continue;
      const view = this.view(value as Node | null, key as Node);
      if (name !== "<<") own.push([name, view]);
      else for (const one of view.isList ? view.items() : [view]) merged.push(...one.entries(depth + 1));
    }
    const names = new Set(own.map(([name]) => name));
    return [...own, ...merged.filter(([name]) => !names.has(name))];
  }

  /** Items of a list. */
  items(): YamlView[] {
    return isSeq(this.node) ? this.node.items.map((item) => this.view(item as Node | null)) : [];
  }

  /** Texts of a list, or of a scalar as a list of one. */
  texts(): string[] {
    const { text } = this;
    return text === undefined ? this.items().flatMap((item) => item.text ?? []) : [text];
  }

  private view(value: Node | null, key?: Node): YamlView {
    const place = key?.range?.[0] ?? value?.range?.[0];
    let node = value ?? undefined;
    for (let followed = 0; isAlias(node) && followed < mostAliases; followed++) {
      node = node.resolve(this.document) ?? undefined;
    }
    const line = place === undefined ? this.line : lineAt(this.lines, place);
    return new YamlView(this.document, this.lines, isAlias(node) ? undefined : node, line);
  }
}
