import { commentsOf } from "../yaml/comments";
import { lineAt, YamlError, type ParsedDocuments } from "../yaml/parse";

/** A comment `# slipway: NAME`, at the end of the line of a value, or alone in a line above. */
export interface Mark {
  /** Line of the comment. */
  readonly line: number;
  /** Line of the value. */
  readonly at: number;
  /** Name of the image. */
  readonly image: string;
  /** Which part of its reference the value is; all of it where absent. */
  readonly part?: "tag" | "digest";
}

const form = /^slipway:\s*(.*)$/;
const content = /^([^\s:]+)(?::(tag|digest))?$/;

/**
 * The marks of a file.
 *
 * @throws YamlError for a mark that names nothing, or two at one line
 */
export function marksOf(text: string, { lines }: ParsedDocuments): Mark[] {
  const all = text.split("\n");
  const marks: Mark[] = [];
  for (const comment of commentsOf(text)) {
    const said = form.exec(comment.text)?.[1];
    // `slipway:begin NAME` belongs to regions.
    if (said === undefined || /^(?:begin|end)\b/.test(said)) continue;
    const line = lineAt(lines, comment.offset);
    const [, image, part] = content.exec(said) ?? [];
    if (image === undefined) {
      throw new YamlError(
        line,
        `${JSON.stringify(`slipway: ${said}`)} names no image (a valid example: "# slipway: hello" or "# slipway: hello:tag")`,
      );
    }
    const at = /^\s*#/.test(all[line - 1] ?? "") ? nextValueLine(all, line) : line;
    if (marks.some((mark) => mark.at === at)) throw new YamlError(line, "two marks are at one value");
    marks.push({ line, at, image, ...(part !== undefined && { part: part as "tag" | "digest" }) });
  }
  return marks;
}

function nextValueLine(lines: readonly string[], line: number): number {
  let at = line + 1;
  while (at <= lines.length && /^\s*(?:#.*)?\r?$/.test(lines[at - 1] ?? "")) at += 1;
  return at;
}
