/** Returns the text, or undefined where it is empty: tools write "" where they mean none. */
export function nonEmpty(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}
