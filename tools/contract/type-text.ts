import { typeName, type JsonSchema } from "../../resources/definitions/json-schema";

/**
 * The TypeScript of a shape, as the type of its plain values, with what is known of every field for
 * the editor.
 *
 * @param named how a named type is referred to
 * @throws Error for a shape that no definition has had so far
 */
export function typeText(shape: JsonSchema, named: (name: string) => string): string {
  const inner = (one: JsonSchema) => typeText(one, named);
  if (shape.$ref) return named(typeName(shape.$ref));
  if (shape.anyOf) return [...new Set(shape.anyOf.map(inner))].join(" | ");
  if (shape.enum) return shape.enum.map((value) => JSON.stringify(value)).join(" | ");
  if ("const" in shape) return JSON.stringify(shape.const);
  switch (shape.type) {
    case "string":
    case "number":
    case "boolean":
      return shape.type;
    case "integer":
      return "number";
    case "array": {
      const items = inner(shape.items ?? {});
      return items.includes(" | ") ? `(${items})[]` : `${items}[]`;
    }
    case "object": {
      if (shape.properties) return `{\n${memberLines(shape, (one) => inner(one)).join("\n")}\n}`;
      const values = typeof shape.additionalProperties === "object" ? shape.additionalProperties : {};
      return `Record<string, ${inner(values)}>`;
    }
    case undefined:
      return "any";
    default:
      throw new Error(
        `a definition has a value of type ${shape.type}, which tools/contract does not know yet`,
      );
  }
}

/** The fields of an object, each with its documentation. @param typeOf type of a field */
export function memberLines(
  shape: JsonSchema,
  typeOf: (property: JsonSchema, isRequired: boolean) => string,
  types: ReadonlyMap<string, JsonSchema> = new Map(),
): string[] {
  return Object.entries(shape.properties ?? {}).flatMap(([name, property]) => {
    const isRequired = shape.required?.includes(name) ?? false;
    const key = /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
    return [...docLines(property, types), `${key}${isRequired ? "" : "?"}: ${typeOf(property, isRequired)};`];
  });
}

/** Returns what is known of a field, as a comment; none where that is nothing. */
export function docLines(property: JsonSchema, types: ReadonlyMap<string, JsonSchema>): string[] {
  const resolved = property.$ref ? types.get(typeName(property.$ref)) : property;
  const example = property.examples?.[0];
  const text = [
    property.description ?? resolved?.description ?? "",
    example === undefined ? "" : `Example: \`${JSON.stringify(example)}\`.`,
  ];
  return comment(text.join(" ").trim());
}

/** Longest line of a comment, in columns. */
const longestLine = 100;

/** A text as a documentation comment. */
export function comment(text: string): string[] {
  if (text === "") return [];
  const safe = text.replaceAll("*/", "*\\/");
  if (safe.length <= longestLine - "/**  */".length) return [`/** ${safe} */`];
  const lines: string[] = [];
  for (const word of safe.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= longestLine - " * ".length) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(word);
  }
  return ["/**", ...lines.map((line) => ` * ${line}`), " */"];
}
