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

/** `T` with other types of some fields, which keep what is said of them. */
export type Retyped<T, R extends { [K in keyof T]?: unknown }> = {
  [K in keyof T]: K extends keyof R ? R[K] : T[K];
};

/**
 * A schema with a type that is narrower than what its fields tell: a union of schemas would have
 * the same type, but says of a mistake only that no member fits. What the type leaves out,
 * refinements and findings refuse.
 */
export function narrowed<T>(schema: z.ZodType): z.ZodType<T> {
  return schema as z.ZodType<T>;
}

/**
 * A name that only the run looks up. What is declared with it goes wherever names are known, too:
 * `string` would not, for it can be another one.
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- no other type is assignable to names
export type AnyName = any;

/** Programs that a declaration may name: those that it has, where they are known. */
export type KnownPrograms<Names extends string> = [Names] extends [never]
  ? "no program is declared"
  : KnownNames<Names>;

/** Names, where they are known. */
export type KnownNames<Names extends string> = string extends Names ? AnyName : Names;
