import { LineCounter, parseAllDocuments, type Document, type ParsedNode, type Scalar } from "yaml";

/** A text in YAML; a plain one may mean a number, a truth value or nothing. */
export interface YamlScalar {
  readonly text: string;
  readonly isPlain: boolean;
}

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
export const maximumDepth = 50;

/** A document, with the place of each value in its text. */
export type ParsedYaml = Document.Parsed<ParsedNode>;

/** Documents, with the line of each place in their text. */
export interface ParsedDocuments {
  readonly documents: readonly ParsedYaml[];
  readonly lines: LineCounter;
}

/**
 * Parses a text with any number of documents. Scalars are texts, as they are written: what a number
 * or a truth value is differs between YAML 1.1 and 1.2.
 *
 * Source: yaml.org/spec/1.2.2.
 *
 * @throws YamlError
 */
export function parseDocuments(text: string): ParsedDocuments {
  const lines = new LineCounter();
  const documents = parsedDocuments(text, lines);
  for (const { errors } of documents) {
    const [error] = errors;
    if (error) throw new YamlError(lineAt(lines, error.pos[0]), error.message);
  }
  return { documents, lines };
}

/**
 * Parses a text with one document, in the same way.
 *
 * @throws YamlError
 */
export function parseYaml(text: string): { document: ParsedYaml; lines: LineCounter } {
  const { documents, lines } = parseDocuments(text);
  const [document, other] = documents;
  if (!document?.contents) throw new YamlError(1, "the file is empty");
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

/** The text of a scalar, which is all that the failsafe schema has; empty for nothing. */
export function scalarText({ value }: Scalar): string {
  return typeof value === "string" ? value : "";
}

/** Line of a place in the text, from 1. */
export function lineAt(lines: LineCounter, offset: number): number {
  return Math.max(1, lines.linePos(offset).line);
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
