import * as z from "zod";
import excerpt from "./openapi-excerpt.json";

/**
 * Holds the fake to GitHub's published OpenAPI description, of which openapi-excerpt.json has the
 * operations in use.
 */

type JsonSchema = Parameters<typeof z.fromJSONSchema>[0];

interface Operation {
  request: object | null;
  responses: Record<string, object | null>;
}

const operations = excerpt.operations as Record<string, Operation>;
const compiled = new Map<object, z.ZodType>();

/**
 * What of a response GitHub's description does not know, e.g. a field that is missing; empty where
 * it fits.
 */
export function responseFindings(operation: string, status: number, body: unknown): string[] {
  const known = operations[operation];
  if (!known) return [`the description has no operation ${operation}`];
  const schema = known.responses[String(status)];
  // Errors that any operation can have, such as 401 and 403, are not repeated in each.
  if (schema === undefined) return status >= 400 ? [] : [`${operation} has no answer ${status}`];
  return schema === null ? [] : findings(schema, body);
}

/** The same for what a client sends. */
export function requestFindings(operation: string, body: unknown): string[] {
  const schema = operations[operation]?.request;
  return schema ? findings(schema, body) : [];
}

function findings(schema: object, value: unknown): string[] {
  const validator = compiled.get(schema) ?? compile(schema);
  const result = validator.safeParse(value);
  return result.success
    ? []
    : result.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
}

function compile(schema: object): z.ZodType {
  const whole = { ...schema, definitions: excerpt.definitions } as JsonSchema;
  const validator = z.fromJSONSchema(whole, { defaultTarget: "openapi-3.0" });
  compiled.set(schema, validator);
  return validator;
}
