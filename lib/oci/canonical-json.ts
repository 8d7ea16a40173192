/**
 * JSON with one spelling: object keys sorted by UTF-16 code unit at every depth, no white space,
 * properties that are undefined left out. Equal values give equal bytes, and so equal digests.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(sorted(value));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  const source = value as Record<string, unknown>;
  // defineProperty, because assigning to the key "__proto__" would set the prototype and lose the
  // property.
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(source).sort()) {
    Object.defineProperty(result, key, { value: sorted(source[key]), enumerable: true });
  }
  return result;
}
