/** A value that is only known after an update: the output of a resource that does not exist yet. */
export class Unknown {
  /** There is one unknown; it has nothing to tell apart. */
  static readonly value = new Unknown();

  private constructor() {}

  toString(): string {
    return "unknown";
  }
}

/** The one unknown value. */
export const unknown = Unknown.value;

/** Whether a value, or anything inside it, is unknown. */
export function hasUnknown(value: unknown): boolean {
  if (value instanceof Unknown) return true;
  if (Array.isArray(value)) return value.some(hasUnknown);
  if (typeof value === "object" && value !== null) return Object.values(value).some(hasUnknown);
  return false;
}
