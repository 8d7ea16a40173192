import * as z from "zod";
import { bareVersion } from "../../lib/version/version";
import { checkTargetWord, parseTarget, tripleOfTarget } from "../../lib/target/target";
import { checked } from "../../resources/definitions/definition";
import { nearest } from "../../lib/text/nearest";

/** Values that `{name}` stands for in a declaration. */
export type TemplateValues = Readonly<Record<string, string>>;

/** Names that {@link platformValues} has. */
export const platformNames = ["os", "arch", "variant", "exe", "triple"] as const;

/** Names that {@link versionValues} has. */
export const versionNames = ["version", "semver", "tag"] as const;

/** Other words for systems, architectures and variants, by those of platforms. */
export const platformWords = z
  .record(
    checked(checkTargetWord),
    z.string().regex(/^[A-Za-z0-9._+-]*$/, "letters, digits and ._+- are expected"),
  )
  .meta({ examples: [{ amd64: "x86_64", darwin: "macOS" }] });

/**
 * `{os}`, `{arch}`, `{variant}`, `{exe}` and `{triple}` of a platform. `{exe}` is `.exe` for
 * Windows, and empty elsewhere; `{triple}` is Rust's, and stays as it is where Rust has none.
 *
 * @param words other words for the first three
 */
export function platformValues(platform: string, words: TemplateValues = {}): TemplateValues {
  const { os, architecture, variant = "" } = parseTarget(platform);
  const word = (known: string) => words[known] ?? known;
  const triple = tripleOfTarget(platform);
  return {
    os: word(os),
    arch: word(architecture),
    variant: word(variant),
    exe: os === "windows" ? ".exe" : "",
    ...(triple === undefined ? {} : { triple }),
  };
}

/** Why a template cannot be filled for a platform; undefined where it can. */
export function lackingTriple(text: string, platform: string): string | undefined {
  if (!text.includes("{triple}") || tripleOfTarget(platform) !== undefined) return undefined;
  return `${JSON.stringify(text)}: Rust has no triple for ${platform}: use {os} and {arch}`;
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
