import type { Step } from "./engine-event";

/** Most changes of one resource that its line names; of those further only their number. */
const mostNamed = 3;

/** Most characters of a value in a line; a digest is cut off sooner. */
const longestValue = 60;

/** What the engine writes for a value that is only known later. */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The same for people. */
export const notKnownYet = "not known yet";

const digestPattern = /\bsha256:([0-9a-f]{12})[0-9a-f]{52}\b/g;

/** A value in words: a text is itself. */
export function asText(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

/** A text with its digests cut off after twelve digits, as people compare them. */
export function shortDigests(text: string): string {
  return text.replaceAll(digestPattern, "sha256:$1");
}

/**
 * The differences of a resource in one line: values where there is one before or after, and names
 * of properties otherwise. Those with values come first: a digest says more than the list that it
 * is of.
 */
export function changedValues({ old, new: now, detailedDiff, diffs }: Step): string {
  const paths = Object.keys(detailedDiff ?? {});
  const told: string[] = [];
  const named = new Set<string>();
  for (const path of paths.length > 0 ? paths : (diffs ?? [])) {
    const keys = keysOf(path);
    const before = valueAt(old?.outputs, keys) ?? valueAt(old?.inputs, keys);
    const after = valueAt(now?.inputs, keys) ?? valueAt(now?.outputs, keys);
    const values = difference(nameOf(keys), before, after);
    if (values === undefined || keys.length > 2) named.add(String(keys[0]));
    else told.push(values);
  }
  const all = [...told.sort(byLength), ...[...named].sort()];
  const further = all.length - mostNamed;
  return [...all.slice(0, mostNamed), ...(further > 0 ? [`${further} more`] : [])].join(", ");
}

/** Texts of equal rank have a fixed order too. */
function byLength(one: string, other: string): number {
  return one.length - other.length || (one < other ? -1 : 1);
}

/** `name a → b`, or undefined where a line has no place for the values. */
function difference(name: string, before: unknown, after: unknown): string | undefined {
  const texts = [before, after].map(shownValue);
  if (texts.some((text) => text === undefined) || texts[0] === texts[1]) return undefined;
  const [from, to] = texts;
  if (from === "") return `+ ${name} ${to}`;
  return to === "" ? `- ${name} ${from}` : `${name} ${from} → ${to}`;
}

/** A value for a line: empty where there is none, undefined where it is too much for one. */
function shownValue(value: unknown): string | undefined {
  if (value === undefined || value === null) return "";
  if (typeof value === "object") return undefined;
  if (value === unknownValue) return notKnownYet;
  const text = shortDigests(asText(value));
  return text.length > longestValue || text.includes("\n") ? undefined : text;
}

/** The entry itself tells enough, where it is one of a map: `latest`. */
function nameOf(keys: readonly (string | number)[]): string {
  const [first = "", ...further] = keys;
  return further.length === 0 ? String(first) : further.map(String).join(".");
}

/** The keys of a path of the engine's, such as `pointers["v1.0.0"]` or `files[2].digest`. */
function keysOf(path: string): (string | number)[] {
  return [...path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.[\]]+)/g)].map(
    ([, quoted, index, plain = ""]) =>
      index !== undefined ? Number(index) : (quoted?.replaceAll(/\\(.)/g, "$1") ?? plain),
  );
}

function valueAt(value: unknown, keys: readonly (string | number)[]): unknown {
  let found = value;
  for (const key of keys) {
    if (typeof found !== "object" || found === null) return undefined;
    found = (found as Record<string | number, unknown>)[key];
  }
  return found;
}
