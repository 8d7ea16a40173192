import { markdownText } from "../text/markdown";
import { diffSum } from "./diff-summary";
import { notKnownFiles } from "./diff-text";
import { shownDigest, type ReleaseDiff } from "./release-diff";

/** Most characters of a comment on GitHub. */
export const longestComment = 65_536;

/** Rows that a section shows, in steps: fewer where the whole would be too long. */
const rowLimits = [1000, 400, 200, 100, 50, 20, 10, 5, 1];

/** A section that is longer than this is folded. */
const openRows = 12;

/** A part of the document, as a table or as blocks. */
interface Section {
  readonly title: string;
  readonly head?: readonly string[];
  /** Cells of rows, or a single text that is a block. */
  readonly rows: readonly (readonly string[])[];
  /** Whether it is folded away however long it is. */
  readonly folded?: boolean;
  /** What is said below the rows. */
  readonly below?: readonly string[];
}

/**
 * A diff as Markdown of GitHub and GitLab, for a comment in a pull request: what is published first,
 * the rest folded. Words of others are no markup in it. Where it would be longer than a comment may
 * be, lists are cut short and say so.
 *
 * @param limit most characters
 */
export function diffMarkdown(diff: ReleaseDiff, title: string, limit = longestComment): string {
  const sections = sectionsOf(diff);
  for (const rows of rowLimits) {
    const text = documentOf(diff, title, sections, rows);
    if (text.length <= limit) return text;
  }
  return `${documentOf(diff, title, sections, 0)
    .slice(0, limit - 2)
    .trimEnd()}\n`;
}

function documentOf(diff: ReleaseDiff, title: string, sections: readonly Section[], rows: number): string {
  const parts = [
    `### ${markdownText(title)}`,
    ...diff.versions.map(markdownText),
    ...sections.flatMap((section) => (section.rows.length === 0 ? [] : [sectionText(section, rows)])),
    `**${diffSum(diff)}**`,
  ];
  return `${parts.join("\n\n")}\n`;
}

function sectionsOf(diff: ReleaseDiff): Section[] {
  return [
    { title: "Errors", rows: diff.errors.map((text) => [block(text)]) },
    {
      title: "Policies",
      head: ["", "policy", "about", "finding"],
      rows: diff.policies.map(({ policy, mandatory, about, text }) => [
        mandatory ? "refused" : "warning",
        code(policy),
        about.map(code).join(", "),
        markdownText(text),
      ]),
    },
    {
      title: "Tags",
      head: ["", "tag", "before", "after"],
      rows: diff.tags.map(({ repository, tag, change, from, to }) => [
        change,
        code(`${repository}:${tag}`),
        change === "made" ? "" : code(shownDigest(from)),
        code(shownDigest(to)),
      ]),
    },
    {
      title: "Files",
      head: ["", "file", "before", "after"],
      rows: diff.assets.map(({ release, name, change, from, to }) => [
        change,
        `${code(name)} of ${code(release)}`,
        change === "made" ? "" : code(shownDigest(from)),
        change === "removed" ? "" : code(shownDigest(to)),
      ]),
      below: notKnownFiles(diff),
    },
    {
      title: "What is said",
      rows: diff.notes.map(({ about, severity, text }) => {
        const place = about === "" ? "" : `${code(about)}: `;
        const [first = "", ...further] = text.split("\n");
        const line = `- ${severity === "warning" ? "**warning**: " : ""}${place}${markdownText(first)}`;
        return [further.length === 0 ? line : `${line}\n\n${indented(block(further.join("\n")))}`];
      }),
    },
    {
      title: "Resources",
      head: ["", "type", "name", "changes"],
      rows: diff.resources.map(({ operation, kind, name, changes }) => [
        operation,
        code(kind),
        code(name),
        markdownText(changes),
      ]),
      folded: true,
    },
  ];
}

function sectionText({ title, head, rows, folded, below = [] }: Section, most: number): string {
  const shown = rows.slice(0, most);
  const left = rows.length - shown.length;
  const more = [...(left === 0 ? [] : [`…and ${left} more`]), ...below];
  const table = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const body =
    head === undefined
      ? [...shown.map(([text = ""]) => text), ...more].join("\n")
      : [
          ...(shown.length === 0 ? [] : [table(head), table(head.map(() => "---")), ...shown.map(table)]),
          ...(more.length === 0 ? [] : ["", ...more]),
        ].join("\n");
  const name = `${title} (${rows.length})`;
  if (folded !== true && rows.length <= openRows) return `#### ${name}\n\n${body}`;
  return `<details><summary>${name}</summary>\n\n${body}\n\n</details>`;
}

/** A span of code that a cell can have; what is in it is no markup. */
function code(text: string): string {
  const line = text.replaceAll(/[\s\p{Cc}]+/gu, " ").trim();
  if (line === "") return "";
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  const space = line.startsWith("`") || line.endsWith("`") ? " " : "";
  return `${fence}${space}${line.replaceAll("|", "\\|")}${space}${fence}`;
}

/** Lines as they are; those of a change are colored where they begin with its sign. */
function block(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}diff\n${text}\n${fence}`;
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, "  ");
}
