import { markdownText } from "../text/markdown";
import { markdownTable } from "../text/markdown-table";

/** Most characters of a comment on GitHub. */
export const longestComment = 65_536;

/** Rows that a section shows, in steps: fewer where the whole would be too long. */
const rowLimits = [1000, 400, 200, 100, 50, 20, 10, 5, 1];

/** A section that is longer than this is folded. */
const openRows = 12;

/** A part of a document, as a table or as blocks. */
export interface MarkdownSection {
  readonly title: string;
  readonly head?: readonly string[];
  /** Cells of rows, or a single text that is a block. */
  readonly rows: readonly (readonly string[])[];
  /** Whether it is folded away however long it is. */
  readonly folded?: boolean;
  /** What is said below the rows. */
  readonly below?: readonly string[];
}

/** A document for a comment. */
export interface MarkdownDocument {
  readonly title: string;
  /** Lines of plain text below the title. */
  readonly intro: readonly string[];
  readonly sections: readonly MarkdownSection[];
  /** The last line, of plain text. */
  readonly sum: string;
}

/**
 * Markdown of GitHub and GitLab, for a comment in a pull request. Words of others are no markup in
 * it. Where it would be longer than a comment may be, lists are cut short and say so.
 *
 * @param limit most characters
 */
export function markdownDocument(document: MarkdownDocument, limit = longestComment): string {
  for (const rows of rowLimits) {
    const text = documentText(document, rows);
    if (text.length <= limit) return text;
  }
  return `${documentText(document, 0)
    .slice(0, limit - 2)
    .trimEnd()}\n`;
}

function documentText({ title, intro, sections, sum }: MarkdownDocument, rows: number): string {
  const parts = [
    `### ${markdownText(title)}`,
    ...intro.map(markdownText),
    ...sections.flatMap((section) => (isEmpty(section) ? [] : [sectionText(section, rows)])),
    `**${sum}**`,
  ];
  return `${parts.join("\n\n")}\n`;
}

function isEmpty({ rows, below = [] }: MarkdownSection): boolean {
  return rows.length + below.length === 0;
}

function sectionText({ title, head, rows, folded, below = [] }: MarkdownSection, most: number): string {
  const shown = rows.slice(0, most);
  const left = rows.length - shown.length;
  const more = [...(left === 0 ? [] : [`…and ${left} more`]), ...below];
  const body =
    head === undefined
      ? [...shown.map(([text = ""]) => text), ...more].join("\n")
      : [
          ...(shown.length === 0 ? [] : [markdownTable(head, shown)]),
          ...(more.length === 0 ? [] : [...(shown.length === 0 ? [] : [""]), ...more]),
        ].join("\n");
  const name = rows.length === 0 ? title : `${title} (${rows.length})`;
  if (folded !== true && rows.length <= openRows) return `#### ${name}\n\n${body}`;
  return `<details><summary>${name}</summary>\n\n${body}\n\n</details>`;
}

/** A span of code that a cell can have; what is in it is no markup. */
export function code(text: string): string {
  const line = text.replaceAll(/[\s\p{Cc}]+/gu, " ").trim();
  if (line === "") return "";
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  const space = line.startsWith("`") || line.endsWith("`") ? " " : "";
  return `${fence}${space}${line.replaceAll("|", "\\|")}${space}${fence}`;
}

/** Lines as they are; those of a change are colored where they begin with its sign. */
export function block(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}diff\n${text}\n${fence}`;
}

/** Lines below an item of a list. */
export function indented(text: string): string {
  return text.replaceAll(/^/gm, "  ");
}
