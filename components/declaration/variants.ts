import type * as z from "zod";

/**
 * Types of declarations that are one thing or another: a union, so that the editor refuses a
 * mixture.
 */

/** Fields that are not there. */
export type Absent<K extends PropertyKey> = { [N in K]?: undefined };

/** Fields that are there. */
export type Present<T, K extends keyof T> = { [N in K]-?: Exclude<T[N], undefined> };

/** `T` with exactly one of some fields. */
export type ExactlyOneOf<T, K extends keyof T> = Omit<T, K> &
  { [One in K]: Present<T, One> & Absent<Exclude<K, One>> }[K];

/**
 * A schema with a type that is narrower than what its fields tell: a union of schemas would have
 * the same type, but says of a mistake only that no member fits. What the type leaves out,
 * refinements and findings refuse.
 */
export function narrowed<T>(schema: z.ZodType): z.ZodType<T> {
  return schema as z.ZodType<T>;
}
