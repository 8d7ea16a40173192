/**
 * Reading of properties of which nothing is sure: a value of another shape, or one not known yet,
 * reads as none.
 */

export function asText(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

/** The texts of a list; what is not text is left out. */
export function asTexts(value: unknown): readonly string[] {
  return asList(value).filter((item): item is string => typeof item === "string");
}
