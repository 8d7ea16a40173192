import * as z from "zod";
import { definitions } from "./definitions";
import type { ResourceDefinition } from "./definition";
import { typeName, type JsonSchema } from "./json-schema";
import { providerConfig } from "./provider-config";

/** The reference of all resource types as a Markdown page, made from their definitions. */
export function referencePage(): string {
  const types = new Map<string, JsonSchema>();
  const resources = definitions.map((definition) => resourceSection(definition, types));
  const config = tableOf(shapeOf(providerConfig, types), types);
  const typeSections = [...types]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, shape]) => `### ${name}\n\n${shape.description ?? ""}\n\n${tableOf(shape, types)}`);
  return [
    "<!-- Made from resources/definitions/ by `npm run format`; changes here are lost. -->",
    "# Reference",
    "Resource types of the provider `slipway`. Programs use them through components, or directly: `slipway` has both. " +
      'Inputs marked "computed" are set by the provider.',
    ...resources,
    "## Configuration of the provider",
    "`pulumi config set slipway:NAME VALUE`, values as JSON; or `new Provider(name, { … })`.",
    config,
    "## Types",
    ...typeSections,
  ].join("\n\n");
}

function resourceSection(definition: ResourceDefinition, types: Map<string, JsonSchema>): string {
  const inputs = shapeOf(definition.inputs, types);
  const outputs = shapeOf(definition.outputs, types);
  return [
    `## ${definition.token}`,
    definition.description,
    "Inputs:",
    tableOf(inputs, types),
    "Outputs:",
    tableOf({ ...outputs, required: [] }, types),
    definition.replaceOn.length > 0
      ? `A change of ${definition.replaceOn.map((name) => `\`${name}\``).join(" or ")} makes another resource.`
      : "",
  ]
    .filter(Boolean)
    .join("\n\n");
}

function shapeOf(schema: z.ZodType, types: Map<string, JsonSchema>): JsonSchema {
  const shape = z.toJSONSchema(schema, { unrepresentable: "any" }) as JsonSchema;
  for (const [name, type] of Object.entries(shape.$defs ?? {})) types.set(name, type);
  return shape;
}

function tableOf(shape: JsonSchema, types: ReadonlyMap<string, JsonSchema>): string {
  const rows = Object.entries(shape.properties ?? {}).map(([name, property]) => {
    const required = shape.required?.includes(name) ? " (required)" : "";
    const resolved = property.$ref ? types.get(typeName(property.$ref)) : property;
    const description = property.description ?? resolved?.description ?? "";
    const example = property.examples?.[0];
    const shown = example === undefined ? "" : ` Example: \`${JSON.stringify(example)}\``;
    return `| \`${name}\`${required} | ${typeText(property)} | ${(description + shown).trim().replaceAll("|", "\\|")} |`;
  });
  return ["| name | type | what it is |", "| --- | --- | --- |", ...rows].join("\n");
}

function typeText(shape: JsonSchema): string {
  if (shape.$ref) {
    const name = typeName(shape.$ref);
    return `[${name}](#${name.toLowerCase()})`;
  }
  if (shape.anyOf) return shape.anyOf.map(typeText).join(" or ");
  if (shape.enum) return shape.enum.map((value) => `\`${String(value)}\``).join(", ");
  if (shape.type === "array") return `list of ${typeText(shape.items ?? {})}`;
  if (shape.type === "object") {
    const values = typeof shape.additionalProperties === "object" ? shape.additionalProperties : {};
    return `map of ${typeText(values)}`;
  }
  return shape.type ?? "any";
}
