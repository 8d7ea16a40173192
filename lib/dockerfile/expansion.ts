/** Values of variables; undefined for one that is declared without a value. */
export type Variables = ReadonlyMap<string, string | undefined>;

/** Characters of an expanded text. Variables made of variables can double with each line. */
const maximumLength = 64 * 1024;

/** Defaults inside of defaults. */
const maximumDepth = 20;

/**
 * Expands variables as BuildKit does in FROM: `$NAME`, `${NAME}`; a value for one that is missing
 * (`-`), set (`+`) or required (`?`), with `:` also for an empty one; without what its beginning
 * (`#`, `##`) or end (`%`, `%%`) matches; with what a pattern matches replaced (`/`, `//`).
 *
 * Source: docs.docker.com, Dockerfile reference, "Environment replacement".
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
    const braced = /^\$\{([A-Za-z_][A-Za-z0-9_]*)(?:(:?[-+?]|##?|%%?|\/\/?)([\s\S]*))?\}$/.exec(
      text.slice(index, end + 1),
    );
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
  if (/^[#%/]/.test(operator)) {
    if (value === undefined || value.length > maximumPatternLength) return undefined;
    if (operator.startsWith("/")) return replaced(value, operator === "//", word, variables, depth);
    const pattern = expand(word, variables, depth);
    return pattern === undefined ? undefined : withoutMatch(value, operator, pattern);
  }
  const isSet = operator.startsWith(":") ? value !== undefined && value !== "" : value !== undefined;
  if (operator.endsWith("?")) return isSet ? value : undefined;
  if (operator.endsWith("-")) return isSet ? value : expand(word, variables, depth);
  return isSet ? expand(word, variables, depth) : "";
}

/** The value without its shortest, or longest, beginning or end that a pattern matches. */
function withoutMatch(value: string, operator: string, pattern: string): string | undefined {
  const matches = matcher(pattern);
  if (!matches) return undefined;
  const lengths = Array.from({ length: value.length + 1 }, (_, length) => length);
  const ordered = operator.length === 2 ? lengths.reverse() : lengths;
  const rests = operator.startsWith("#")
    ? ordered.map((length) => [value.slice(0, length), value.slice(length)] as const)
    : ordered.map(
        (length) => [value.slice(value.length - length), value.slice(0, value.length - length)] as const,
      );
  return rests.find(([part]) => matches(part))?.[1] ?? value;
}

function replaced(
  value: string,
  all: boolean,
  word: string,
  variables: Variables,
  depth: number,
): string | undefined {
  const slash = /^(?:[^\\/]|\\.)*(?=\/)/s.exec(word)?.[0].length;
  if (slash === undefined) return undefined;
  const pattern = expand(word.slice(0, slash), variables, depth);
  const replacement = expand(word.slice(slash + 1), variables, depth);
  const matches = pattern === undefined ? undefined : matcher(pattern);
  if (!matches || replacement === undefined || pattern === "") return undefined;
  let result = "";
  for (let at = 0; at < value.length;) {
    let end = value.length;
    while (end > at && !matches(value.slice(at, end))) end--;
    if (end === at) {
      result += value[at] ?? "";
      at++;
      continue;
    }
    result += replacement;
    at = end;
    if (!all) return result + value.slice(at);
  }
  return result;
}

/**
 * Longest pattern, and value that one is applied to, in characters: every part of the value is
 * compared, and no reference is as long.
 */
const maximumPatternLength = 256;

/** A pattern of `*`, `?` and escaped characters; undefined for one that BuildKit refuses. */
function matcher(pattern: string): ((text: string) => boolean) | undefined {
  if (pattern.length > maximumPatternLength) return undefined;
  const steps: { any?: true; one?: true; character?: string }[] = [];
  for (let index = 0; index < pattern.length; index++) {
    const character = pattern[index] ?? "";
    if (character === "*") steps.push({ any: true });
    else if (character === "?") steps.push({ one: true });
    else if (character === "\\") {
      const escaped = pattern[++index] ?? "";
      if (!/^[*?\\}/]$/.test(escaped)) return undefined;
      steps.push({ character: escaped });
    } else steps.push({ character });
  }
  return (text) => {
    // Positions of the text that the steps so far can have led to.
    let reached = new Set([0]);
    for (const step of steps) {
      const next = new Set<number>();
      const first = Math.min(...reached);
      if (step.any) for (let at = first; at <= text.length; at++) next.add(at);
      else {
        for (const at of reached) {
          if (at < text.length && (step.one || text[at] === step.character)) next.add(at + 1);
        }
      }
      if (next.size === 0) return false;
      reached = next;
    }
    return reached.has(text.length);
  };
}

/** Index of the brace that closes the one after `$`; -1 where there is none. */
function closingBrace(text: string, start: number): number {
  let depth = 0;
  for (let index = start + 1; index < text.length; index++) {
    if (text[index] === "\\") index++;
    else if (text[index] === "{") depth++;
    else if (text[index] === "}" && --depth === 0) return index;
    if (depth === 0) return -1;
  }
  return -1;
}
