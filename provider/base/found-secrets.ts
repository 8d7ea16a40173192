import type { Properties, SecretPaths } from "./properties";
import type { SecretTexts } from "../../lib/text/secret-texts";

/**
 * Paths of what is secret among properties that go back: what came in as secret, and any text that
 * repeats a secret elsewhere, e.g. the reference of a base that a secret build argument is a part
 * of. The engine encrypts those alone.
 */
export function secretPaths(values: Properties, known: SecretPaths, texts: SecretTexts): SecretPaths {
  if (texts.isEmpty) return known;
  const paths = new Set(known);
  const visit = (value: unknown, path: readonly string[]): void => {
    if (typeof value === "string") {
      if (texts.isRepeatedIn(value)) paths.add(JSON.stringify(path));
    } else if (typeof value === "object" && value !== null) {
      const entries = Object.entries(value);
      // A name cannot be encrypted alone.
      if (path.length > 0 && entries.some(([key]) => texts.isRepeatedIn(key)))
        paths.add(JSON.stringify(path));
      for (const [key, item] of entries) visit(item, [...path, key]);
    }
  };
  visit(values, []);
  return paths;
}
