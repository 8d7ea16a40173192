/** A line of a text, and where it is. */
export interface Line {
  /** Without its end. */
  readonly text: string;
  /** `\n`, `\r\n` or `\r`; empty for a last line without one. */
  readonly end: string;
  /** Offset of its first character. */
  readonly at: number;
}

/** The lines of a text, each with its own end. */
export function linesOf(text: string): Line[] {
  return [...text.matchAll(/([^\r\n]*)(\r\n|\n|\r|$)/g)].flatMap(({ 1: line = "", 2: end = "", index }) =>
    line === "" && end === "" ? [] : [{ text: line, end, at: index }],
  );
}

/** A text with `\n` at the end of each line. */
export function withPlainEnds(text: string): string {
  return text.replaceAll(/\r\n?/g, "\n");
}

/** Number of the first line in which two texts differ, whatever ends their lines have; undefined where none does. */
export function firstDifference(one: string, other: string): number | undefined {
  const [lines, others] = [one, other].map((text) => withPlainEnds(text).split("\n")) as [string[], string[]];
  const length = Math.max(lines.length, others.length);
  for (let index = 0; index < length; index++) if (lines[index] !== others[index]) return index + 1;
  return undefined;
}
