import type * as z from "zod";
import { definitionOf, unwrap } from "./schema-walk";

/** Former names of fields, each with the present one. */
export type FormerNames = Readonly<Record<string, string>>;

const formerNames = new WeakMap<z.ZodType, FormerNames>();

/**
 * Declares that fields of an object had other names before. A program that still uses one is told
 * the present name; state that was written with it is read as if it had that.
 *
 * @param object the very schema that is used: one that is refined afterwards is another
 */
export function renamedFields(object: z.ZodType, names: FormerNames): void {
  formerNames.set(object, names);
}

/** The former names of the fields of an object; none if they have always had the same. */
export function formerNamesOf(object: z.ZodType): FormerNames {
  return formerNames.get(unwrap(object)) ?? {};
}

/** Returns what is said of a field that goes by its former name. */
export function isNowCalled(former: string, present: string): string {
  return `\`${former}\` is now called \`${present}\``;
}

/** What was renamed in a schema, at any depth. */
export interface Renames {
  readonly names: FormerNames;
  /** Renames inside of the fields, by their present names. */
  readonly fields: ReadonlyMap<string, Renames>;
  /** Renames inside of the items of a list, or the values of a map. */
  readonly items?: Renames | undefined;
}

const known = new WeakMap<z.ZodType, Renames | null>();

/** Returns what was renamed in a schema; undefined if nothing was. */
export function renamesIn(schema: z.ZodType): Renames | undefined {
  const object = unwrap(schema);
  let found = known.get(object);
  if (found === undefined) known.set(object, (found = findRenames(object) ?? null));
  return found ?? undefined;
}

/**
 * Declares what was renamed in values that a schema does not look into: a state with the former
 * names is read as if it had the present ones.
 */
export function renamedInside(schema: z.ZodType, renames: Renames): void {
  known.set(unwrap(schema), renames);
}

/** Renames in an object: of its fields, and inside of them. */
export function renamesOf(names: FormerNames, inside: Readonly<Record<string, Renames>> = {}): Renames {
  return { names, fields: new Map(Object.entries(inside)) };
}

/** Renames in the items of a list, or the values of a map. */
export function renamesOfItems(items: Renames): Renames {
  return { ...renamesOf({}), items };
}

function findRenames(object: z.ZodType): Renames | undefined {
  const { type, shape = {}, element, valueType } = definitionOf(object);
  const item = type === "array" ? element : type === "record" ? valueType : undefined;
  const items = item && renamesIn(item);
  const names = formerNamesOf(object);
  const fields = new Map(
    Object.entries(type === "object" ? shape : {}).flatMap(([name, field]) => {
      const inside = renamesIn(field);
      return inside ? [[name, inside] as const] : [];
    }),
  );
  const none = Object.keys(names).length === 0 && fields.size === 0 && items === undefined;
  return none ? undefined : { names, fields, items };
}
