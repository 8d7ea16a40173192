/** A Ruby string literal: nothing in it is a command or an interpolation. */
export function rubyString(text: string): string {
  return `"${text.replace(/["\\#]/g, "\\$&")}"`;
}

/** A list of string literals. */
export function rubyList(texts: readonly string[]): string {
  return `[${texts.map(rubyString).join(", ")}]`;
}

/** Lines, each two spaces further in; empty ones stay empty. */
export function indented(lines: readonly string[]): string[] {
  return lines.map((line) => (line === "" ? "" : `  ${line}`));
}

/** `HEAD do … end`. */
export function block(head: string, lines: readonly string[]): string[] {
  return [`${head} do`, ...indented(lines), "end"];
}
