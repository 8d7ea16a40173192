import { optional, type DeclaredPackage } from "./declared-package";

/** The package of a `package.json`; none for a file that is no package (npm docs, "package.json"). */
export function parsePackageJson(text: string): DeclaredPackage[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return [];
  }
  if (parsed === null || typeof parsed !== "object") return [];
  const { name, version, license } = parsed as Record<string, unknown>;
  if (typeof name !== "string" || typeof version !== "string" || name === "") return [];
  const former = license as { type?: unknown } | null | undefined;
  const licence = typeof license === "string" ? license : former?.type;
  return [
    {
      type: "npm",
      name,
      ...optional("version", version),
      ...optional("licence", typeof licence === "string" ? licence : undefined),
    },
  ];
}
