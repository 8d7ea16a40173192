import type { ReleaseDiff } from "./release-diff";

const counted: readonly (readonly [operation: string, words: string])[] = [
  ["create", "to create"],
  ["update", "to update"],
  ["replace", "to replace"],
  ["delete", "to leave the state"],
  ["import", "to import"],
  ["same", "unchanged"],
];

/** Whether a run would change anything, be refused, or fail. */
export function isEmptyDiff({ counts, policies, errors }: ReleaseDiff): boolean {
  const changes = Object.entries(counts).filter(([operation, count]) => operation !== "same" && count > 0);
  return changes.length === 0 && policies.length === 0 && errors.length === 0;
}

/** The sum of a diff in one line. */
export function diffSum({ counts, errors, policies }: ReleaseDiff): string {
  const words = counted.flatMap(([operation, text]) => {
    const count = counts[operation] ?? 0;
    return count === 0 ? [] : [`${count} ${text}`];
  });
  const refusals = policies.filter(({ mandatory }) => mandatory).length;
  const head =
    errors.length > 0
      ? ["the preview failed"]
      : refusals > 0
        ? [`refused by ${refusals === 1 ? "a policy" : `${refusals} policies`}`]
        : words.every((text) => text.endsWith("unchanged"))
          ? ["no changes"]
          : [];
  return [...head, ...words].join(", ");
}
