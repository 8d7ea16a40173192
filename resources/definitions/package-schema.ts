import * as z from "zod";
import type { ResourceDefinition } from "./definition";
import { providerConfig } from "./provider-config";
import { definitions } from "./definitions";
import { typeName, type JsonSchema } from "./json-schema";

/**
 * The Pulumi package schema of the provider, made from the definitions.
 *
 * Source: pulumi.com, "Pulumi package schema" (the subset that resources and object types need).
 */
export function packageSchema(version: string): object {
  const types: Record<string, PropertySpec> = {};
  const config = specOf(providerConfig, types);
  return {
    name: "slipway",
    version,
    description: "Reconciles a software distribution (images, indexes, tags, builds) with its declaration.",
    license: "Apache-2.0",
    config: { variables: config.properties, defaults: [] },
    provider: { inputProperties: config.properties, properties: config.properties },
    resources: Object.fromEntries(
      definitions.map((definition) => [definition.token, resourceSpec(definition, types)]),
    ),
    types,
  };
}

interface PropertySpec {
  type?: string;
  description?: string;
  properties?: Record<string, PropertySpec>;
  required?: string[];
  items?: PropertySpec;
  additionalProperties?: PropertySpec;
  oneOf?: PropertySpec[];
  enum?: { value: unknown }[];
  $ref?: string;
}

function resourceSpec(definition: ResourceDefinition, types: Record<string, PropertySpec>): object {
  const inputs = specOf(definition.inputs, types);
  const outputs = specOf(definition.outputs, types);
  return {
    description: definition.description,
    inputProperties: inputs.properties,
    requiredInputs: inputs.required,
    properties: { ...inputs.properties, ...outputs.properties },
    required: [...new Set([...(inputs.required ?? []), ...(outputs.required ?? [])])],
  };
}

function specOf(schema: z.ZodType, types: Record<string, PropertySpec>): PropertySpec {
  const json = z.toJSONSchema(schema, { unrepresentable: "any" }) as JsonSchema;
  for (const [name, definition] of Object.entries(json.$defs ?? {})) {
    types[typeToken(name)] ??= convert(definition);
  }
  return convert(json);
}

function typeToken(name: string): string {
  return `slipway:index:${name}`;
}

function convert(json: JsonSchema): PropertySpec {
  const described = json.description === undefined ? {} : { description: json.description };
  if (json.$ref) return { ...described, $ref: `#/types/${typeToken(typeName(json.$ref))}` };
  if (json.anyOf) return { ...described, oneOf: json.anyOf.map(convert) };
  if (json.enum) return { ...described, type: "string" };
  if (json.type === "array") return { ...described, type: "array", items: convert(json.items ?? {}) };
  if (json.type === "object" && json.properties) {
    return {
      ...described,
      type: "object",
      properties: Object.fromEntries(
        Object.entries(json.properties).map(([name, item]) => [name, convert(item)]),
      ),
      required: json.required ?? [],
    };
  }
  if (json.type === "object") {
    const values =
      typeof json.additionalProperties === "object" ? convert(json.additionalProperties) : { type: "string" };
    return { ...described, type: "object", additionalProperties: values };
  }
  return { ...described, type: json.type ?? "string" };
}
