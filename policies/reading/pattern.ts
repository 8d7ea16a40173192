import { matchesStars } from "../../lib/text/glob";

/**
 * Returns whether a text is matched whole by a pattern in which `*` stands for any characters, `/`
 * included, so that `ghcr.io/acme/*` holds every repository below it.
 */
export function matchesPattern(pattern: string, text: string): boolean {
  return matchesStars(pattern, text, "everything");
}

/** Returns whether one of the patterns matches. */
export function matchesAny(patterns: readonly string[], text: string): boolean {
  return patterns.some((pattern) => matchesPattern(pattern, text));
}
