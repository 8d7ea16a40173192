import * as z from "zod";
import { bareVersion } from "../../lib/version/version";
import { parseTarget } from "../../lib/target/target";
import { nearest } from "../../lib/text/nearest";

/** Values that `{name}` stands for in a declaration. */
export type TemplateValues = Readonly<Record<string, string>>;

/** Names that {@link platformValues} has. */
export const platformNames = ["os", "arch", "variant", "exe"] as const;

/** Names that {@link versionValues} has. */
export const versionNames = ["version", "semver", "tag"] as const;

/**
 * `{os}`, `{arch}`, `{variant}` and `{exe}` of a platform; the last is `.exe` for Windows, and
 * empty elsewhere.
 */
export function platformValues(platform: string): Readonly<Record<(typeof platformNames)[number], string>> {
  const { os, architecture, variant } = parseTarget(platform);
  return { os, arch: architecture, variant: variant ?? "", exe: os === "windows" ? ".exe" : "" };
}

/**
 * `{version}` as declared, `{semver}` without `v` and `{tag}` with it: systems differ in which they
 * write in names.
 */
export function versionValues(version: string): Readonly<Record<(typeof versionNames)[number], string>> {
  const semver = bareVersion(version);
  return { version, semver, tag: semver === "" ? "" : `v${semver}` };
}

/**
 * Replaces `{name}` by its value. A name without a value stays: the provider replaces `{output}`
 * itself.
 */
export function fillTemplate(text: string, values: TemplateValues): string {
  return text.replace(/\{([a-z]+)\}/g, (whole, name: string) => values[name] ?? whole);
}

/**
 * A name or path in which `{name}` is replaced, with the names that it may have: any other would
 * stay in it as it is.
 *
 * @param example a valid example, with the names in it
 */
export function template(
  names: readonly string[],
  example: string,
  text: z.ZodString = z.string().min(1),
): z.ZodString {
  return text
    .superRefine((value, context) => {
      for (const [whole, name = ""] of value.matchAll(/\{(\w*)\}/g)) {
        if (names.includes(name)) continue;
        const match = name === "" ? undefined : nearest(name, names);
        const hint = match === undefined ? "" : `; did you mean {${match}}?`;
        context.addIssue({
          code: "custom",
          message:
            `${JSON.stringify(value)}: nothing takes the place of ${whole}${hint}; the names here are ` +
            `${names.map((known) => `{${known}}`).join(", ")} (a valid example: ${JSON.stringify(example)})`,
        });
      }
    })
    .meta({ examples: [example] });
}
