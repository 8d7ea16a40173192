/**
 * How something that a release declares was found.
 *
 * - `served`: it was read where its users read it, and is as the last run left it
 * - `published`, `held`, `staged`, `awaiting`, `behind`, `failed`: as its channel says
 * - `drifted`: there is something else, or less
 * - `missing`: it is gone
 * - `unknown`: nobody could look
 */
export const servedStates = [
  "failed",
  "missing",
  "drifted",
  "behind",
  "unknown",
  "awaiting",
  "staged",
  "held",
  "published",
  "served",
] as const;

export type ServedState = (typeof servedStates)[number];

/** States that fail a report which says nothing of its own. */
export const badStates: readonly ServedState[] = ["failed", "missing", "drifted", "behind"];
