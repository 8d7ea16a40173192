import type { BadStack } from "./bad-stack";

const trust = "configuredTrust(config)";

/**
 * How MLOS Core's prod stack is made bad before it is built: all at once, each after those before
 * it.
 */
export const badCoreStacks: readonly BadStack[] = [
  {
    rule: "promoted-tags-are-signed",
    title: "nobody signs",
    program: [trust, "{ ...configuredTrust(config), sign: undefined }"],
  },
  {
    rule: "promoted-tags-have-sbom",
    title: "there is no SBOM",
    program: [trust, "configuredTrust(config), sbom: false"],
  },
  {
    // Without SBOMs a preview knows every file of the release.
    rule: "release-assets-have-checksums-and-signatures",
    title: "the files of the release are not signed either",
  },
  {
    rule: "promoted-tags-are-scanned",
    title: "nothing is scanned",
    program: ["sign: undefined", "sign: undefined, scan: undefined"],
  },
  {
    rule: "version-tags-immutable",
    title: "version tags can move",
    program: [/tags: semverTags\(.*/, `tags: () => [{ tag: "v1.0.0", moves: "always", published: true }],`],
  },
  {
    rule: "valid-names",
    title: "a tag has another form",
    program: ["tags: () => [", `tags: () => [{ tag: "final-1", moves: "never", published: true }, `],
  },
  {
    rule: "bases-pinned-by-digest",
    title: "the base is named by a floating tag",
    config: (host) => ({ runtimeImage: `${host}/bases/debian:12` }),
  },
  {
    rule: "allowed-registries",
    title: "it goes to another organization",
    config: () => ({ namespace: "somebody" }),
  },
  {
    rule: "allowed-licenses",
    title: "the license is not among the allowed ones",
    program: [`licenses: "Apache-2.0"`, `licenses: "Proprietary"`],
  },
];
