import { controlParagraphs } from "./control-paragraphs";
import { optional, type DeclaredPackage } from "./declared-package";

const wanted: ReadonlySet<string> = new Set(["name", "version", "license-expression", "license"]);

/**
 * The package of a `METADATA` or `PKG-INFO` file.
 *
 * Source: Python packaging specifications, "Core metadata specifications", "Package name
 * normalization".
 */
export function parsePythonMetadata(text: string): DeclaredPackage[] {
  const [fields] = controlParagraphs(text, wanted);
  const name = fields?.get("name");
  if (!fields || !name) return [];
  return [
    {
      type: "pypi",
      name: name.replace(/[-_.]+/g, "-").toLowerCase(),
      ...optional("version", fields.get("version")),
      ...optional("license", license(fields)),
    },
  ];
}

/** Before `License-Expression` people wrote whole license texts into `License`: one line counts. */
function license(fields: ReadonlyMap<string, string>): string | undefined {
  const expression = fields.get("license-expression");
  if (expression) return expression;
  const text = fields.get("license");
  return text === undefined || text.includes("\n") || text === "UNKNOWN" ? undefined : text;
}
