/**
 * Returns the fields whose value is not undefined, in their order. For what is compared by its
 * keys, hashed or sent, where a key with the value undefined is not the same as no key.
 */
export function defined<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

/** Returns the same of a dictionary, such as headers or variables, whose values are all of one type then. */
export function definedValues<V>(fields: Readonly<Record<string, V | undefined>>): Record<string, V> {
  return defined(fields) as Record<string, V>;
}
