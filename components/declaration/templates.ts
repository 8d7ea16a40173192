import { bareVersion } from "../../lib/version/version";
import { parsePlatform } from "../../lib/oci/platform";

/** Values that `{name}` stands for in a declaration. */
export type TemplateValues = Readonly<Record<string, string>>;

/** `{os}`, `{arch}`, `{variant}` and `{exe}` of a platform; the last is `.exe` for Windows, and empty elsewhere. */
export function platformValues(platform: string): TemplateValues {
  const { os, architecture, variant } = parsePlatform(platform);
  return { os, arch: architecture, variant: variant ?? "", exe: os === "windows" ? ".exe" : "" };
}

/**
 * `{version}` as declared, `{semver}` without `v` and `{tag}` with it: systems differ in which they write in names.
 */
export function versionValues(version: string): TemplateValues {
  const semver = bareVersion(version);
  return { version, semver, tag: semver === "" ? "" : `v${semver}` };
}

/** Replaces `{name}` by its value. A name without a value stays: the provider replaces `{output}` itself. */
export function fillTemplate(text: string, values: TemplateValues): string {
  return text.replace(/\{([a-z]+)\}/g, (whole, name: string) => values[name] ?? whole);
}
