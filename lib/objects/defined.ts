/**
 * Returns the fields whose value is not undefined, in their order. For what is compared by its keys,
 * hashed or sent, where a key with the value undefined is not the same as no key.
 */
export function defined<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
