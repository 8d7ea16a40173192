/**
 * Control characters in a text that is kept as it stands, such as a change log. The engine prints
 * the lines of such a text in its own difference, where no cleaner comes between it and the
 * terminal.
 */

/**
 * Controls but for tabs and line ends, and what changes the direction of a text (UAX #9, table 4).
 */
const control = /(?!\r\n)(?![\t\n])[\p{Cc}\p{Bidi_Control}]/u;
const controls = new RegExp(control, "gu");

/**
 * Returns what is wrong with a text in which there is such a character, as the rest of a sentence;
 * undefined where there is none.
 */
export function controlProblem(text: string, firstLine = 1): string | undefined {
  const found = control.exec(text);
  if (!found) return undefined;
  const line = firstLine + (text.slice(0, found.index).match(/\n/g)?.length ?? 0);
  return (
    `has the control character ${codePoint(found[0])} in line ${line}, which is invisible and ` +
    "which terminals obey: delete it (tabs and line ends may stay)"
  );
}

/**
 * A text in which such characters are seen, as `<U+202E>`: where one was put in, there is still a
 * difference.
 */
export function visibleControls(text: string): string {
  return text.replace(controls, (character) => `<${codePoint(character)}>`);
}

/** The same for every text in a value. */
export function withVisibleControls<T>(value: T): T {
  if (typeof value === "string") return visibleControls(value) as T;
  if (Array.isArray(value)) return value.map((item: unknown) => withVisibleControls(item)) as T;
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  return Object.fromEntries(
    entries.map(([key, item]) => [visibleControls(key), withVisibleControls<unknown>(item)]),
  ) as T;
}

function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}
