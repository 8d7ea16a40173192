import * as z from "zod";
import { distributionShape } from "../../components/declaration/declaration";
import { typeName, type JsonSchema } from "../../resources/definitions/json-schema";
import { fieldComments, type FieldComment } from "./field-comments";

interface Section {
  readonly path: string;
  readonly shape: JsonSchema;
}

/** A field of a declaration that nothing is said of. */
export class UndocumentedFieldError extends Error {}

/**
 * The fields of a distribution as a Markdown page: their shapes from what checks them, what they
 * mean from their doc comments.
 *
 * @throws UndocumentedFieldError naming the fields that have none
 */
export function declarationPage(repository: string): string {
  const comments = fieldComments(
    repository,
    "components/declaration/declaration.ts",
    "DistributionDeclaration",
  );
  const root = z.toJSONSchema(distributionShape, { unrepresentable: "any", io: "input" }) as JsonSchema;
  const page = new DeclarationPage(comments, root.$defs ?? {});
  const sections = page.sectionsOf({ path: "", shape: root });
  if (page.undocumented.length > 0) {
    throw new UndocumentedFieldError(`these fields have no doc comment: ${page.undocumented.join(", ")}`);
  }
  return [
    "<!-- Made from the doc comments in components/ by `npm run format`; changes here are lost. -->",
    "# Fields of a distribution",
    "What `new Distribution(name, { … })` takes. The [guide](guide.md) shows how fields go together, the " +
      "[tour](examples.md) a whole program; the resources that a distribution makes are in the [reference](reference.md).",
    ...sections,
  ].join("\n\n");
}

class DeclarationPage {
  readonly undocumented: string[] = [];

  constructor(
    private readonly comments: ReadonlyMap<string, FieldComment>,
    private readonly definitions: Readonly<Record<string, JsonSchema>>,
  ) {}

  /** The section of an object, and those of the objects in it. */
  sectionsOf({ path, shape }: Section): string[] {
    const prefix = path === "" ? "" : `${path}.`;
    const rows: string[] = [];
    const inner: Section[] = [];
    for (const [name, property] of Object.entries(shape.properties ?? {})) {
      const own = `${prefix}${name}`;
      const objects = this.objectsIn(property, own);
      inner.push(...objects);
      const required = shape.required?.includes(name) ? " (required)" : "";
      const type = this.typeText(property, this.comments.get(own)?.type ?? "any");
      const links = objects.map(({ path: target }) => ` ([fields](#${anchorOf(target)}))`).join("");
      rows.push(`| \`${name}\`${required} | ${type}${links} | ${this.describe(property, own)} |`);
    }
    const heading = path === "" ? [] : [`## ${path}`];
    const table = ["| name | type | what it is |", "| --- | --- | --- |", ...rows].join("\n");
    return [...heading, table, ...inner.flatMap((section) => this.sectionsOf(section))];
  }

  private describe(property: JsonSchema, path: string): string {
    const comment = this.comments.get(path)?.text ?? "";
    const description =
      comment === "" ? (property.description ?? this.resolve(property).description) : comment;
    if (description === undefined) this.undocumented.push(path);
    const [example] = property.examples ?? [];
    const written = example === undefined ? "" : JSON.stringify(example);
    const shown = written === "" || description?.includes(written) ? "" : ` Example: \`${written}\``;
    return `${description ?? ""}${shown}`.replaceAll("|", "\\|");
  }

  private resolve(shape: JsonSchema): JsonSchema {
    return shape.$ref === undefined ? shape : (this.definitions[typeName(shape.$ref)] ?? shape);
  }

  private objectsIn(given: JsonSchema, path: string): Section[] {
    const shape = this.resolve(given);
    if (shape.anyOf) {
      const objects = shape.anyOf.flatMap((member) => this.objectsIn(member, path));
      // An object, or a list of such objects: one section tells of both.
      return objects.filter(({ path: own }) => !objects.some((other) => own === `${other.path}[]`));
    }
    if (shape.items) return this.objectsIn(shape.items, `${path}[]`);
    if (shape.properties) return [{ path, shape }];
    return typeof shape.additionalProperties === "object"
      ? this.objectsIn(shape.additionalProperties, `${path}.NAME`)
      : [];
  }

  private membersOf(given: JsonSchema): string[] {
    const shape = this.resolve(given);
    if (shape.anyOf) return shape.anyOf.flatMap((member) => this.membersOf(member));
    return [isAnything(shape) ? "an output" : this.typeText(shape, "any")];
  }

  /** @param written the type as TypeScript has it, for what a schema cannot say */
  private typeText(given: JsonSchema, written: string): string {
    const shape = this.resolve(given);
    if (shape.anyOf) return [...new Set(this.membersOf(shape))].join(" or ");
    if (shape.enum) return shape.enum.map((value) => `\`${String(value)}\``).join(", ");
    if (shape.const !== undefined) return `\`${JSON.stringify(shape.const)}\``;
    if (shape.type === "array" && shape.items && !isAnything(shape.items))
      return `list of ${this.typeText(shape.items, "any")}`;
    if (shape.properties) return "object";
    if (shape.type === "object") {
      const values = typeof shape.additionalProperties === "object" ? shape.additionalProperties : {};
      return `map of ${this.typeText(values, "any")}`;
    }
    return shape.type && shape.type !== "array" ? shape.type : `\`${written.replaceAll("|", "\\|")}\``;
  }
}

function isAnything(shape: JsonSchema): boolean {
  return !["$ref", "type", "anyOf", "enum", "const", "properties"].some((key) => key in shape);
}

/** The anchor that GitHub gives to a heading. */
function anchorOf(heading: string): string {
  return heading.toLowerCase().replaceAll(/[^a-z0-9 _-]/g, "");
}
