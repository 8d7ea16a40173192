/**
 * The lines of a text, one after the other, without their ends: a list of them all would take more
 * than the text does.
 */
export function* linesOf(text: string): Generator<string, void, undefined> {
  for (let start = 0; start <= text.length;) {
    const found = text.indexOf("\n", start);
    const end = found < 0 ? text.length : found;
    yield text.slice(start, end > start && text[end - 1] === "\r" ? end - 1 : end);
    start = end + 1;
  }
}
