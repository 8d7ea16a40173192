import { Glob, type GlobPart } from "../../text/glob";

interface Rule {
  readonly pattern: Glob;
  readonly isNegated: boolean;
  readonly mustBeFolder: boolean;
  /** Compared with the name alone. */
  readonly nameOnly: boolean;
}

/**
 * Patterns of a `.helmignore` file, and those that Helm has by itself. They are not those of
 * `.gitignore`: the first rule that says something decides, and one with `!` leaves out whatever it
 * does not match.
 *
 * Source: helm's pkg/ignore; Go's path/filepath.Match.
 */
export class HelmIgnore {
  private readonly rules: readonly Rule[];

  /** @throws Error naming the line of a pattern that Helm refuses */
  constructor(text: string) {
    const declared = text.split(/\r?\n/).flatMap((line, index) => {
      const rule = ruleOf((index === 0 ? line.replace(/^\uFEFF/, "") : line).trim(), index + 1);
      return rule ? [rule] : [];
    });
    const own = ruleOf("templates/.?*", 0);
    this.rules = own ? [...declared, own] : declared;
  }

  /** Returns whether a path below the chart, with `/`, is left out; a folder with all that is in it. */
  ignores(path: string, isFolder: boolean): boolean {
    for (const { pattern, isNegated, mustBeFolder, nameOnly } of this.rules) {
      const matches = () => pattern.matches(nameOnly ? path.slice(path.lastIndexOf("/") + 1) : path);
      if (isNegated) {
        if ((mustBeFolder && !isFolder) || !matches()) return true;
      } else if ((!mustBeFolder || isFolder) && matches()) return true;
    }
    return false;
  }
}

function ruleOf(text: string, line: number): Rule | undefined {
  if (text === "" || text.startsWith("#")) return undefined;
  if (text.includes("**"))
    throw new Error(`line ${line}: Helm does not know ** (a valid example: "docs/*.md")`);
  const isNegated = text.startsWith("!");
  const bare = isNegated ? text.slice(1) : text;
  const mustBeFolder = bare.endsWith("/");
  const path = mustBeFolder ? bare.slice(0, -1) : bare;
  const isRooted = path.startsWith("/");
  const pattern = new Glob(parts(isRooted ? path.slice(1) : path, line));
  return { pattern, isNegated, mustBeFolder, nameOnly: !isRooted && !path.includes("/") };
}

function parts(text: string, line: number): GlobPart[] {
  const found: GlobPart[] = [];
  const characters = [...text];
  for (let at = 0; at < characters.length; at += 1) {
    const character = characters[at] ?? "";
    if (character === "*") found.push({ run: { except: "/" } });
    else if (character === "?") found.push({ one: (other) => other !== "/" });
    else if (character === "[") {
      const end = characters.indexOf("]", at + 2);
      const inside = end < 0 ? "" : characters.slice(at + 1, end).join("");
      if (inside === "" || inside === "^" || inside.includes("\\")) {
        throw new Error(`line ${line}: the pattern ${JSON.stringify(text)} cannot be read`);
      }
      found.push({ one: characterClass(inside) });
      at = end;
    } else if (character === "\\") {
      at += 1;
      if (at >= characters.length)
        throw new Error(`line ${line}: the pattern ${JSON.stringify(text)} cannot be read`);
      found.push({ text: characters[at] ?? "" });
    } else found.push({ text: character });
  }
  return found;
}

function characterClass(text: string): (character: string) => boolean {
  const isExcept = text.startsWith("^");
  const ranges = [...(isExcept ? text.slice(1) : text).matchAll(/(.)-(.)|(.)/gsu)];
  return (character) =>
    character !== "/" &&
    isExcept !==
      ranges.some(([, low, high, one]) =>
        one === undefined ? character >= (low ?? "") && character <= (high ?? "") : character === one,
      );
}
