/**
 * Words of others as people may read them. A release host, a registry, a scanner or a command
 * decides what it says, and terminals, the engine's display and build services obey parts of what
 * is written to them.
 */

/**
 * Most characters of a text of several lines: more is not a message, and the engine keeps every
 * one.
 */
export const longestText = 32_000;

/** Most characters of one line of somebody else's. */
export const longestLine = 500;

/**
 * A character that begins a sequence on its own: those from U+0080 on are one where a terminal
 * takes C1 controls.
 */
const sequences = new RegExp(
  [
    // Commands with a text, such as titles, links and the clipboard, with their end (ECMA-48 5.6).
    String.raw`(?:\u001b[\]P_^X]|[\u0090\u0098\u009d-\u009f])[^\u0000-\u001f\u007f-\u009f]*(?:\u0007|\u009c|\u001b\\)`,
    // Control sequences: colors, moves, erasure (ECMA-48 5.4).
    String.raw`(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]?`,
    // Other escape sequences (ECMA-35 13).
    String.raw`\u001b[ -/]*[0-~]?`,
  ].join("|"),
  "g",
);

/** Characters that change the direction of a text, or do not show at all (UAX #9, UTR #36). */
const unseen = /[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]|[\u{e0000}-\u{e007f}]/gu;

/** Control characters but for tabs and line ends, and the separators of lines and paragraphs. */
// eslint-disable-next-line no-control-regex -- control characters are exactly what is taken away
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]+/g;

/** Directives of the engine's display: colors and the like. */
const directives = /<\{(?=%)/g;

/** Line starts that a build service takes for commands (GitHub Actions runner). */
const workflowCommand = /^([ \t]*):(?=:[A-Za-z-]+(?: [^\n]*)?::)/gm;
/**
 * The same anywhere in a line: `##[…]` (GitHub Actions, Azure Pipelines), `##vso[…]` (Azure
 * Pipelines) and `##teamcity[…]`.
 */
const bracketCommand = /##(?=[A-Za-z]*\[)/g;
/** Marks of a part of the log that can be folded (GitLab). */
const sectionMark = /section_(?=(?:start|end):)/g;

/**
 * A text without what a terminal, the engine's display or a build service would obey. Lines and
 * tabs stay.
 *
 * @param longest in characters; what is longer is cut, and says so
 */
export function cleanText(text: string, longest = longestText): string {
  const cleaned = cut(text, longest * 2)
    .replace(/\r\n/g, "\n")
    .replace(sequences, "")
    .replace(controls, " ")
    .replace(unseen, "")
    .replace(directives, "<{ ")
    .replace(workflowCommand, "$1: ")
    .replace(bracketCommand, "# #")
    .replace(sectionMark, "section _");
  return cut(cleaned, longest);
}

/** The same in one line. */
export function cleanLine(text: string, longest = longestLine): string {
  return cut(
    cleanText(text, longest * 2)
      .replace(/\s+/g, " ")
      .trim(),
    longest,
  );
}

function cut(text: string, longest: number): string {
  if (text.length <= longest) return text;
  // Not between the halves of a character.
  const end = /[\ud800-\udbff]/.test(text[longest - 2] ?? "") ? longest - 2 : longest - 1;
  return `${text.slice(0, end)}…`;
}
