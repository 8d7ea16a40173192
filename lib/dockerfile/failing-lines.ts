import { starGlob, type Glob } from "../text/glob";

/** How the builder's error for an instruction reads, to find the line of the Dockerfile again. */
export interface FailureLine {
  /** Part of the error; `*` stands for anything, spaces for any white space. */
  readonly pattern: string;
  /** Line of the Dockerfile on which the instruction starts, from 1. */
  readonly line: number;
  /** The instruction's first line. */
  readonly instruction: string;
}

/**
 * The instructions that an error is about: of the most exact match, and more than one only where
 * they are equal.
 */
export function failingLines(known: readonly FailureLine[], error: string): FailureLine[] {
  const text = plain(error);
  const found = known.filter(({ pattern }) => expression(pattern).matches(text));
  const longest = Math.max(0, ...found.map(({ pattern }) => pattern.length));
  return found.filter(({ pattern }) => pattern.length === longest);
}

function plain(text: string): string {
  return text.replace(/(\\[tnr]|\s)+/g, " ");
}

/** The pattern of a text that an error has somewhere in it. */
function expression(pattern: string): Glob {
  return starGlob(`*${plain(pattern)}*`, "everything");
}
