/** A value that is only known after an update: the output of a resource that does not exist yet. */
export class Unknown {
  /** There is one unknown; it has nothing to tell apart. */
  static readonly value = new Unknown();

  private constructor() {}

  /** Returns whether a value is the unknown one, whatever its type says. */
  static isInstance(value: unknown): boolean {
    return value instanceof Unknown;
  }

  toString(): string {
    return "unknown";
  }
}

/**
 * The one unknown value. Its type is that of no value, so that it can stand for any: the types of
 * handlers are those of known values, for only `check`, `diff` and previews meet it, and they look
 * with {@link hasUnknown}.
 */
export const unknown = Unknown.value as never;

/** Returns whether a value, or anything inside it, is unknown. */
export function hasUnknown(value: unknown): boolean {
  if (value instanceof Unknown) return true;
  if (Array.isArray(value)) return value.some(hasUnknown);
  if (typeof value === "object" && value !== null) return Object.values(value).some(hasUnknown);
  return false;
}
