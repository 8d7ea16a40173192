/** Files of a release that a message names; of the others their number is told. */
const mostNamed = 3;

/** Files by name where they are few, and otherwise their number too: `14 files (a, b, c and 11 more)`. */
export function filesInWords(names: readonly string[], count = names.length): string {
  const named = [...names].sort().slice(0, mostNamed).join(", ");
  const further = count - Math.min(names.length, mostNamed);
  if (further === 0) return named;
  const number = count === 1 ? "1 file" : `${count} files`;
  return named === "" ? number : `${number} (${named} and ${further} more)`;
}

/**
 * The same of declared files, some of which may not be known yet; undefined where not even their
 * number is.
 */
export function declaredFiles(assets: unknown): string | undefined {
  if (!Array.isArray(assets)) return undefined;
  const names = (assets as { readonly name?: unknown }[]).map(({ name }) => name);
  return filesInWords(
    names.filter((name) => typeof name === "string"),
    assets.length,
  );
}
