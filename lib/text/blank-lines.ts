/**
 * Where the lines of a text begin and end without the blank ones at its ends: the index of the first
 * line, and that after the last one. Both are 0 where all are blank.
 */
export function withoutBlankEnds(lines: readonly string[]): { start: number; end: number } {
  let [start, end] = [0, lines.length];
  while (end > 0 && lines[end - 1]?.trim() === "") end--;
  while (start < end && lines[start]?.trim() === "") start++;
  return { start, end };
}
