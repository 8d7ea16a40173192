import { asText, notKnownYet, shortDigests, unknownValue } from "./changed-values";

/** The leaves of an output that differ, one line each, sorted by path: the engine's maps have no order. */
export function changedOutputs(before: unknown, after: unknown, path = ""): string[] {
  if (after === unknownValue) return [`${path}: ${notKnownYet}`];
  const [old, now] = [entriesOf(before), entriesOf(after)];
  if (!old && !now) {
    const [from, to] = [textOf(before), textOf(after)];
    if (from === to) return [];
    // What is new is there to be copied, with all its digits.
    if (from === "") return [`${path}: ${to}`];
    return [`${path}: ${shortDigests(to === "" ? `- ${from}` : `${from} → ${to}`)}`];
  }
  const isList = Array.isArray(before) || Array.isArray(after);
  const keys = [...new Set([...Object.keys(old ?? {}), ...Object.keys(now ?? {})])];
  if (!isList) keys.sort();
  return keys.flatMap((key) => {
    const below = isList ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`;
    return changedOutputs(old?.[key], now?.[key], below);
  });
}

function entriesOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
}

function textOf(value: unknown): string {
  return value === undefined || value === null ? "" : asText(value);
}
