import type { Scalar } from "yaml";
import { isAmbiguous, lineAt, scalarText, YamlError, type ParsedDocuments } from "../yaml/parse";

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly value: string;
  readonly text: string;
}

/** A text in YAML of which single values are set; everything else stays, byte for byte. */
export class ScalarEdits {
  private readonly edits = new Map<number, Edit>();

  constructor(
    private readonly text: string,
    readonly parsed: ParsedDocuments,
  ) {}

  toString(): string {
    let { text } = this;
    for (const edit of [...this.edits.values()].sort((one, other) => other.start - one.start)) {
      text = `${text.slice(0, edit.start)}${edit.text}${text.slice(edit.end)}`;
    }
    return text;
  }

  /**
   * Sets a value, in the quotes that it has.
   *
   * @throws YamlError for one of several lines, and one that is to be two things at once
   */
  set(node: Scalar, value: string): void {
    const [start, end] = node.range ?? [0, 0];
    const line = lineAt(this.parsed.lines, start);
    const other = this.edits.get(start);
    if (other !== undefined && other.value !== value) {
      throw new YamlError(
        line,
        `this value would have to be ${other.value} and ${value}: write one without an alias`,
      );
    }
    const written = this.text.slice(start, end);
    const isText = node.type === "PLAIN" || node.type === "QUOTE_DOUBLE" || node.type === "QUOTE_SINGLE";
    if (!isText || /[\r\n]/.test(written)) {
      throw new YamlError(line, "this value is to follow a release, and is not one text in its line");
    }
    const text = scalarText(node) === value ? written : quoted(node, value);
    if (written !== "" || text === "") this.edits.set(start, { start, end, value, text });
    else {
      // What is empty goes right behind its colon or dash: a comment may follow.
      const at = this.text.slice(0, start).trimEnd().length;
      this.edits.set(start, { start: at, end: at, value, text: ` ${text}` });
    }
  }
}

function quoted({ type }: Scalar, value: string): string {
  if (type === "QUOTE_SINGLE") return `'${value.replaceAll("'", "''")}'`;
  const isPlain = type === "PLAIN" && value !== "" && !isAmbiguous({ text: value, isPlain: true });
  return isPlain ? value : JSON.stringify(value);
}
