import type * as z from "zod";

/** The parts of a schema that say what is inside. */
export interface SchemaDefinition {
  type: string;
  /** Fields of an object. */
  shape?: Record<string, z.ZodType>;
  /** Items of an array. */
  element?: z.ZodType;
  /** Values of a record. */
  valueType?: z.ZodType;
  /** The schema that another one wraps. */
  innerType?: z.ZodType;
}

/** Returns how a schema was defined. */
export function definitionOf(schema: z.ZodType): SchemaDefinition {
  return schema.def;
}

/** The schema that another one wraps, e.g. as optional. */
export function wrapped(schema: z.ZodType): z.ZodType | undefined {
  const { type, innerType } = definitionOf(schema);
  return type === "optional" || type === "nullable" || type === "default" ? innerType : undefined;
}

/** A schema without what wraps it. */
export function unwrap(schema: z.ZodType): z.ZodType {
  const inner = wrapped(schema);
  return inner ? unwrap(inner) : schema;
}

/**
 * The schema at a path through objects, arrays and records, as it was declared: it may be wrapped,
 * e.g. as optional.
 */
export function schemaAt(schema: z.ZodType, path: readonly PropertyKey[]): z.ZodType | undefined {
  let current: z.ZodType | undefined = schema;
  for (const key of path) {
    if (!current) return undefined;
    const { type, shape, element, valueType } = definitionOf(unwrap(current));
    if (type === "object") current = shape?.[String(key)];
    else if (type === "array") current = element;
    else if (type === "record") current = valueType;
    else return undefined;
  }
  return current;
}
