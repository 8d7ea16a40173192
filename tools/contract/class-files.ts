import { isDeepStrictEqual } from "node:util";
import * as z from "zod";
import type { JsonSchema } from "../../resources/definitions/json-schema";
import type { FoundDefinition } from "./definition-exports";
import { comment, docLines, memberLines, typeText } from "./type-text";

/** First line of what is made here. */
export const header = "// Made from resources/definitions/ by `npm run format`; changes here are lost.";

/** Types that shapes name, by name. */
type NamedTypes = Map<string, JsonSchema>;

/**
 * The classes of all resource types, their index and the named types of their properties, by file.
 */
export function classFiles(found: readonly FoundDefinition[]): Record<string, string> {
  const types: NamedTypes = new Map();
  const files = [...new Set(found.map(({ file }) => file))].sort();
  const classes = files.map((file) => [
    `resources/${file}.ts`,
    classFile(
      found.filter((one) => one.file === file),
      types,
    ),
  ]);
  return {
    ...(Object.fromEntries(classes) as Record<string, string>),
    "resources/types.ts": typesFile(types),
    "resources/index.ts": indexFile(found),
  };
}

function classFile(found: readonly FoundDefinition[], types: NamedTypes): string {
  const bodies = found.map((one) => classText(one, types)).join("\n");
  const shared = bodies.includes("retained(") ? ["properties", "retained"] : ["properties"];
  const kinds = ["DeepInput", "ObservedProperties"].filter((name) => bodies.includes(`${name}<`));
  return [
    header,
    ...(hasAny(bodies)
      ? ["/* eslint-disable @typescript-eslint/no-explicit-any -- the definition takes anything there */"]
      : []),
    `import * as pulumi from "@pulumi/pulumi";`,
    ...found.map(({ constant, file }) => `import type { ${constant} } from "./definitions/${file}";`),
    `import { ${[...shared, ...kinds.map((name) => `type ${name}`)].join(", ")} } from "./arguments";`,
    ...(bodies.includes("withSecretSigner(")
      ? [`import { withSecretSigner } from "./signer-arguments";`]
      : []),
    ...(bodies.includes("types.") ? [`import type * as types from "./types";`] : []),
    "",
    bodies,
  ].join("\n");
}

function classText({ definition, constant, className }: FoundDefinition, types: NamedTypes): string {
  const inputs = shapeOf(definition.inputs, types);
  const outputs = shapeOf(definition.outputs, types);
  const computed = new Set<string>([...definition.computed, "evidenceDigest"]);
  const declared: JsonSchema = {
    ...inputs,
    properties: Object.fromEntries(
      Object.entries(inputs.properties ?? {}).filter(([name]) => !computed.has(name)),
    ),
  };
  const required = (declared.required ?? []).filter((name) => outputs.properties?.[name] === undefined);
  const shown = Object.fromEntries(required.map((name) => [name, declared.properties?.[name] ?? {}]));
  const properties = Object.entries({ ...shown, ...outputs.properties });
  const isOptional = (name: string) =>
    outputs.properties?.[name] !== undefined && !outputs.required?.includes(name);
  const args = className + "Args";
  const noDefault = (declared.required ?? []).length > 0 ? "" : " = {}";
  const given = declared.properties?.signer?.$ref === "#/$defs/Signer" ? "withSecretSigner(args)" : "args";
  const names = Object.keys(outputs.properties ?? {});
  return [
    `/** Arguments of {@link ${className}}. */`,
    `export type ${args} = {`,
    ...memberLines(declared, (one, isRequired) => inputText(one, isRequired), types),
    "};",
    "",
    ...comment(`${definition.description} (\`${definition.token}\`)`),
    `export class ${className} extends pulumi.CustomResource implements ObservedProperties<typeof ${constant}> {`,
    ...properties.flatMap(([name, property]) => [
      ...docLines(property, types),
      `declare readonly ${name}: pulumi.Output<${withUndefined(plainText(property), isOptional(name))}>;`,
    ]),
    "",
    `constructor(name: string, args: ${args}${noDefault}, options?: pulumi.CustomResourceOptions) {`,
    `const outputs = { ${names.map((name) => `${name}: undefined`).join(", ")} };`,
    `super("${definition.token}", name, properties<typeof ${constant}>(outputs, ${given}), ${
      definition.retained ? "retained(options)" : "options"
    });`,
    "}",
    "}",
    "",
  ].join("\n");
}

function inputText(property: JsonSchema, isRequired: boolean): string {
  const plain = withUndefined(plainText(property), !isRequired);
  const isSimple =
    property.enum !== undefined || ["string", "number", "integer", "boolean"].includes(property.type ?? "");
  return `${isSimple ? "pulumi.Input" : "DeepInput"}<${plain}>`;
}

function withUndefined(type: string, isOptional: boolean): string {
  return isOptional && type !== "any" ? `${type} | undefined` : type;
}

/** Returns whether a text has the type `any`, which is no word of a comment and no value. */
function hasAny(text: string): boolean {
  return /(?<!")\bany\b(?!")/.test(text.replaceAll(/\/\*\*[^]*?\*\//g, ""));
}

function plainText(property: JsonSchema): string {
  return typeText(property, (name) => `types.${name}`);
}

function shapeOf(schema: z.ZodType, types: NamedTypes): JsonSchema {
  const shape = z.toJSONSchema(schema, { unrepresentable: "any" }) as JsonSchema;
  for (const [name, type] of Object.entries(shape.$defs ?? {})) {
    const other = types.get(name);
    if (other && !isDeepStrictEqual(other, type))
      throw new Error(
        `two shapes of resources/definitions/ have the id ${JSON.stringify(name)}: give one another`,
      );
    types.set(name, type);
  }
  return shape;
}

function typesFile(types: NamedTypes): string {
  const texts = [...types]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, shape]) =>
      [...comment(shape.description ?? ""), `export type ${name} = ${namedText(shape, types)};`].join("\n"),
    );
  const anything = hasAny(texts.join("\n"))
    ? ["/* eslint-disable @typescript-eslint/no-explicit-any -- the definition takes anything there */"]
    : [];
  return [header, ...anything, "", "/** Named types of properties. */", "", texts.join("\n\n"), ""].join(
    "\n",
  );
}

function namedText(shape: JsonSchema, types: NamedTypes): string {
  const own = (name: string) => name;
  if (shape.type !== "object" || !shape.properties) return typeText(shape, own);
  return `{\n${memberLines(shape, (one) => typeText(one, own), types).join("\n")}\n}`;
}

function indexFile(found: readonly FoundDefinition[]): string {
  const lines = found.map(
    ({ className, file }) => `export { ${className}, type ${className}Args } from "./${file}";`,
  );
  const provider = `export { Provider, type ProviderArgs } from "./provider";`;
  const types = [
    `export type { ProviderConfig } from "./definitions/provider-config";`,
    `export type * from "./types";`,
  ];
  return [header, ...[...lines, provider].sort(), ...types, ""].join("\n");
}
