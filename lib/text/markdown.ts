import { cleanLine } from "./terminal";

/** Most characters of a text in Markdown. */
const longestText = 4096;

/** Characters that Markdown reads as markup (CommonMark 0.31 6, GFM 4.10 and 6.5). */
const special = new RegExp(
  [
    // Emphasis, code, links and images, cells.
    String.raw`[*\x60[\]|]`,
    // Emphasis does not start or end within a word.
    String.raw`(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])`,
    // A tag, a comment or a link.
    String.raw`<(?=[A-Za-z/!?])`,
    // A character by its name or number.
    String.raw`&(?=#?\w+;)`,
    // An escape of what follows; strikethrough; a heading.
    String.raw`\\(?=[!-/:-@[-\x60{-~])|~(?=~)|(?<=~)~|^#`,
  ].join("|"),
  "gu",
);

/** A name that sites of forges tell its owner of: `@name` at the start of a word. */
const mention = /(?<![\p{L}\p{N}_/])@(?=[A-Za-z0-9])/gu;

/**
 * A text of others within a line or a cell of Markdown: it reads as it is, and is neither markup,
 * HTML nor a message to somebody. Ordinary names and commands stay letter by letter.
 */
export function markdownText(text: string): string {
  return cleanLine(text, longestText).replace(special, "\\$&").replace(mention, "@<!-- -->");
}
