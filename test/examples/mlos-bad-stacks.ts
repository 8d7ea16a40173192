/** A way to make MLOS Core's prod stack bad: one change, and the rule that has to refuse it before anything is built. */
export interface BadCoreStack {
  rule: string;
  /** What is wrong with it. */
  title: string;
  /** Configuration instead of the stack's. */
  config?: (host: string) => Record<string, string>;
  /** What is written in the program, and what stands there instead. */
  program?: readonly [string | RegExp, string];
}

const trust = "trust: configuredTrust(config)";

export const badCoreStacks: readonly BadCoreStack[] = [
  {
    rule: "promoted-tags-are-signed",
    title: "nobody signs",
    program: [trust, "trust: { ...configuredTrust(config), sign: undefined }"],
  },
  {
    rule: "promoted-tags-have-sbom",
    title: "there is no SBOM",
    program: [trust, "trust: { ...configuredTrust(config), sbom: false }"],
  },
  {
    rule: "promoted-tags-are-scanned",
    title: "nothing is scanned",
    program: [trust, "trust: { sign: configuredTrust(config).sign }"],
  },
  {
    rule: "version-tags-immutable",
    title: "version tags can move",
    program: [/tags: semverTags\(.*/, `tags: () => [{ tag: "v1.0.0", moves: "always", published: true }],`],
  },
  {
    rule: "valid-names",
    title: "a tag has another form",
    program: [/tags: semverTags\(.*/, `tags: () => [{ tag: "final-1", moves: "never", published: true }],`],
  },
  {
    rule: "bases-pinned-by-digest",
    title: "the base is named by a floating tag",
    config: (host) => ({ runtimeImage: `${host}/bases/debian:12` }),
  },
  {
    rule: "allowed-registries",
    title: "it goes to another organisation",
    config: () => ({ namespace: "somebody" }),
  },
  {
    rule: "allowed-licenses",
    title: "the licence is not among the allowed ones",
    program: [`licenses: "Apache-2.0"`, `licenses: "Proprietary"`],
  },
];
