import type { Glob } from "../text/glob";
import { cleanPath, pathPattern } from "./path-pattern";

/**
 * Patterns of a `.dockerignore` file.
 *
 * Source: the Dockerfile documentation, ".dockerignore file", and what moby/patternmatcher makes of
 * it: Go's `filepath.Match` with `**` for any number of folders and `!` for exceptions; the last
 * pattern that matches a path or one of the folders it is in decides.
 */
export class IgnoreRules {
  private readonly rules: readonly { pattern: Glob; isException: boolean }[];

  /**
   * @param text content of the file
   * @throws Error naming the line of a pattern that cannot be
   */
  constructor(text: string) {
    this.rules = text.split(/\r?\n/).flatMap((line, index) => {
      const rule = parseRule(index === 0 ? line.replace(/^\uFEFF/, "") : line, index + 1);
      return rule ? [rule] : [];
    });
  }

  /** Whether something below an ignored folder can be taken back in. */
  get hasExceptions(): boolean {
    return this.rules.some(({ isException }) => isException);
  }

  /** Returns whether a path, relative to the context and with `/`, is left out. */
  ignores(path: string): boolean {
    let ignored = false;
    for (const { pattern, isException } of this.rules) {
      if (isException === ignored && pattern.matchesOrHolds(path)) ignored = !isException;
    }
    return ignored;
  }
}

function parseRule(line: string, number: number): { pattern: Glob; isException: boolean } | undefined {
  if (line.startsWith("#")) return undefined;
  const text = line.trim();
  if (text === "") return undefined;
  const isException = text.startsWith("!");
  const path = cleanPath(isException ? text.slice(1).trim() : text);
  if (isException && path === "") throw new Error(`line ${number}: an exception without a pattern: "!"`);
  if (path === "" || path === ".") return undefined;
  try {
    return { pattern: pathPattern(path), isException };
  } catch {
    throw new Error(`line ${number}: the pattern ${JSON.stringify(text)} cannot be read`);
  }
}
