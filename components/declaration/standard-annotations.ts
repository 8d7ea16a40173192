import type * as pulumi from "@pulumi/pulumi";

/**
 * Values of the standard annotations (image-spec/annotations.md, "Pre-Defined Annotation Keys").
 */
export interface ImageFacts {
  title: string;
  version?: string | undefined;
  revision?: string | undefined;
  source?: string | undefined;
  licenses?: string | undefined;
  created?: string | undefined;
}

/**
 * The standard annotations that are known, under those that are declared.
 *
 * @param declared annotations or labels of the program, which go before
 */
export function standardAnnotations(
  facts: ImageFacts,
  declared: Readonly<Record<string, pulumi.Input<string>>> = {},
): Record<string, pulumi.Input<string>> {
  const prefix = "org.opencontainers.image.";
  return {
    ...Object.fromEntries(
      Object.entries(facts)
        .filter((entry): entry is [string, string] => entry[1] !== undefined)
        .map(([key, value]) => [`${prefix}${key}`, value]),
    ),
    ...declared,
  };
}
