import { entryPath } from "../base/property-path";
import type { Changes } from "./resource";

/** Returns what differs between two maps that are inputs, entry by entry. */
export function entryChanges(
  property: string,
  desired: Readonly<Record<string, string | number>> = {},
  old: Readonly<Record<string, string | number>> = {},
): Changes {
  const keys = [...new Set([...Object.keys(desired), ...Object.keys(old)])].sort();
  return Object.fromEntries(
    keys
      .filter((key) => desired[key] !== old[key])
      .map((key) => {
        const kind = old[key] === undefined ? "add" : desired[key] === undefined ? "delete" : "update";
        return [entryPath(property, key), { kind, inputDiff: true }];
      }),
  );
}
