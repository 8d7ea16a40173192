import { JsonLimitError, parseBoundedJson } from "../../oci/bounded-json";
import { optional, type DeclaredPackage } from "./declared-package";
import { PackageFileLimitError } from "./package-file-limit-error";

/** Values of a `package.json`: those with long lists of exports or files have some thousands. */
const maximumValues = 50_000;

/**
 * The package of a `package.json`; none for a file that is not a package (npm docs,
 * "package.json").
 *
 * @throws PackageFileLimitError for one with more values or levels than any has
 */
export function parsePackageJson(text: string): DeclaredPackage[] {
  let parsed: unknown;
  try {
    parsed = parseBoundedJson(Buffer.from(text), maximumValues);
  } catch (error) {
    if (error instanceof JsonLimitError)
      throw new PackageFileLimitError(`package list with ${error.message}`);
    return [];
  }
  if (parsed === null || typeof parsed !== "object") return [];
  const { name, version, license: declared } = parsed as Record<string, unknown>;
  if (typeof name !== "string" || typeof version !== "string" || name === "") return [];
  const former = declared as { type?: unknown } | null | undefined;
  const license = typeof declared === "string" ? declared : former?.type;
  return [
    {
      type: "npm",
      name,
      ...optional("version", version),
      ...optional("license", typeof license === "string" ? license : undefined),
    },
  ];
}
