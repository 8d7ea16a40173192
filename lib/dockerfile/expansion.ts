/** Values of variables; undefined for one that is declared without a value. */
export type Variables = ReadonlyMap<string, string | undefined>;

/** Characters of an expanded text. Variables made of variables can double with each line. */
const maximumLength = 64 * 1024;

/** Defaults inside of defaults. */
const maximumDepth = 20;

/**
 * Expands variables as BuildKit does in FROM: `$NAME`, `${NAME}`, `${NAME:-default}`,
 * `${NAME-default}`, `${NAME:+other}` and `${NAME+other}`.
 *
 * @returns undefined where a variable has no value, the text has another form, or is longer than
 * anybody writes
 */
export function expand(text: string, variables: Variables, depth = 0): string | undefined {
  if (depth > maximumDepth || text.length > maximumLength) return undefined;
  let result = "";
  for (let index = 0; index < text.length;) {
    if (result.length > maximumLength) return undefined;
    const character = text[index] ?? "";
    if (character !== "$") {
      result += character;
      index++;
      continue;
    }
    const plain = /^\$([A-Za-z_][A-Za-z0-9_]*)/.exec(text.slice(index));
    if (plain) {
      const value = variables.get(plain[1] ?? "");
      if (value === undefined) return undefined;
      result += value;
      index += plain[0].length;
      continue;
    }
    const end = closingBrace(text, index);
    const braced = /^\$\{([A-Za-z_][A-Za-z0-9_]*)(?:(:?[-+])([\s\S]*))?\}$/.exec(text.slice(index, end + 1));
    if (end < 0 || !braced) return undefined;
    const value = bracedValue(
      variables.get(braced[1] ?? ""),
      braced[2],
      braced[3] ?? "",
      variables,
      depth + 1,
    );
    if (value === undefined) return undefined;
    result += value;
    index = end + 1;
  }
  return result.length > maximumLength ? undefined : result;
}

function bracedValue(
  value: string | undefined,
  operator: string | undefined,
  word: string,
  variables: Variables,
  depth: number,
): string | undefined {
  if (operator === undefined) return value;
  const isSet = operator.startsWith(":") ? value !== undefined && value !== "" : value !== undefined;
  if (operator.endsWith("-")) return isSet ? value : expand(word, variables, depth);
  return isSet ? expand(word, variables, depth) : "";
}

/** Index of the brace that closes the one after `$`; -1 where there is none. */
function closingBrace(text: string, start: number): number {
  let depth = 0;
  for (let index = start + 1; index < text.length; index++) {
    if (text[index] === "{") depth++;
    else if (text[index] === "}" && --depth === 0) return index;
    if (depth === 0) return -1;
  }
  return -1;
}
