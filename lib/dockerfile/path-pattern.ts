import { Glob, type GlobPart } from "../text/glob";

/**
 * A path as Go's `filepath.Clean` has it, and relative: a leading `/` means the context. Empty for
 * the context itself.
 */
export function cleanPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else parts.push(part);
  }
  return parts.join("/");
}

/**
 * A pattern of paths: Go's `filepath.Match`, and `**` for any number of folders.
 *
 * @throws Error where it cannot be read
 */
export function pathPattern(path: string): Glob {
  const parts: GlobPart[] = [];
  // By characters: one that takes two units is one for `?` and in a class.
  const characters = Array.from(path);
  for (let index = 0; index < characters.length; index++) {
    const character = characters[index] ?? "";
    if (character === "*" && characters[index + 1] === "*") {
      index++;
      // `**/` is `**`.
      if (characters[index + 1] === "/") index++;
      parts.push(index + 1 >= characters.length ? { run: { except: "" } } : { folders: true });
    } else if (character === "*") parts.push({ run: { except: "/" } });
    else if (character === "?") parts.push({ one: (found) => found !== "/" });
    else if (character === "\\") parts.push({ text: characters[++index] ?? "\\" });
    else if (character === "[") {
      const end = characters.indexOf("]", index + 2);
      if (end < 0) throw new Error("unclosed class");
      parts.push({ one: characterClass(characters.slice(index + 1, end)) });
      index = end;
    } else parts.push({ text: character });
  }
  return new Glob(parts);
}

/**
 * A class such as `a-z` or `^.`, without its brackets.
 * @throws Error where a range ends before it begins
 */
function characterClass(content: readonly string[]): (character: string) => boolean {
  const isNegated = content[0] === "^";
  const rest = isNegated ? content.slice(1) : content;
  if (rest.length === 0) throw new Error("empty class");
  const ranges: [from: number, to: number][] = [];
  for (let index = 0; index < rest.length; index++) {
    const isRange = rest[index + 1] === "-" && index + 2 < rest.length;
    const from = codeOf(rest[index]);
    const to = isRange ? codeOf(rest[index + 2]) : from;
    if (to < from) throw new Error("reversed range");
    ranges.push([from, to]);
    if (isRange) index += 2;
  }
  return (character) => {
    const code = codeOf(character);
    return ranges.some(([from, to]) => from <= code && code <= to) !== isNegated;
  };
}

function codeOf(character: string | undefined): number {
  return character?.codePointAt(0) ?? 0;
}
