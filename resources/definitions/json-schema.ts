/**
 * What pages and the package schema read of the JSON Schema that a zod schema becomes (JSON Schema,
 * draft 2020-12).
 */
export interface JsonSchema {
  $ref?: string;
  $defs?: Record<string, JsonSchema>;
  type?: string;
  description?: string;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  additionalProperties?: JsonSchema | boolean;
  anyOf?: JsonSchema[];
  enum?: unknown[];
  const?: unknown;
  examples?: unknown[];
}

/** The name of a type in `$defs` that a reference points to. */
export function typeName(reference: string): string {
  return reference.replace("#/$defs/", "");
}
