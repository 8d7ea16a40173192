import { parsePlatform } from "../oci/platform";

/** Values that `{name}` stands for in a declaration. */
export type TemplateValues = Readonly<Record<string, string>>;

/** `{os}`, `{arch}` and `{variant}` of a platform. */
export function platformValues(platform: string): TemplateValues {
  const { os, architecture, variant } = parsePlatform(platform);
  return { os, arch: architecture, variant: variant ?? "" };
}

/** Replaces `{name}` by its value. A name without a value stays: the provider replaces `{output}` itself. */
export function fillTemplate(text: string, values: TemplateValues): string {
  return text.replace(/\{([a-z]+)\}/g, (whole, name: string) => values[name] ?? whole);
}
