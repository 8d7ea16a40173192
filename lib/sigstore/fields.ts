/**
 * Fields that an object may have, and what may be in them: fields again, of it or of each item of a
 * list, or anything.
 */
export interface Fields {
  readonly [name: string]: Fields | "anything";
}

/**
 * Returns the path of a field that is not known, e.g. `dsseEnvelope.Payload`; undefined where all
 * are. A parser that takes no notice of upper and lower case reads such a field as another one, so
 * it is no matter of taste.
 */
export function strangeField(value: unknown, known: Fields): string | undefined {
  if (Array.isArray(value)) return firstOf(value, (item) => strangeField(item, known));
  if (typeof value !== "object" || value === null) return undefined;
  return firstOf(Object.entries(value), ([name, content]) => {
    const fields = Object.hasOwn(known, name) ? known[name] : undefined;
    if (fields === undefined) return name;
    if (fields === "anything") return undefined;
    const inner = strangeField(content, fields);
    return inner === undefined ? undefined : `${name}.${inner}`;
  });
}

function firstOf<T>(items: readonly T[], find: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
