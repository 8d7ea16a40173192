import { Lexer } from "yaml";

/** A comment of a text in YAML. */
export interface YamlComment {
  /** Where its `#` is. */
  readonly offset: number;
  /** What stands behind the `#`, without space around it. */
  readonly text: string;
}

/** What the lexer puts between the parts of a text: before a scalar, a document, and behind a flow. */
const beforeScalar = "\u001f";
const signals = new Set([beforeScalar, "\u0002", "\u0018"]);

/** The comments of a text that {@link parseDocuments} has read; what looks like one in a scalar is none. */
export function commentsOf(text: string): YamlComment[] {
  const comments: YamlComment[] = [];
  let offset = 0;
  let isScalar = false;
  for (const part of new Lexer().lex(text)) {
    if (signals.has(part)) {
      isScalar = part === beforeScalar;
      continue;
    }
    if (!isScalar && part.startsWith("#")) comments.push({ offset, text: part.slice(1).trim() });
    offset += part.length;
    isScalar = false;
  }
  return comments;
}
