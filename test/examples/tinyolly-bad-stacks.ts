import type { BadStack } from "./bad-stack";

const trust = "configuredTrust(config)";

/**
 * How TinyOlly's prod stack is made bad: all that shows before it is built at once, each after
 * those before it.
 */
export const badStacks: readonly BadStack[] = [
  {
    rule: "promoted-tags-are-signed",
    title: "nobody signs",
    program: [trust, "{ ...configuredTrust(config), sign: undefined }"],
  },
  {
    rule: "promoted-tags-are-scanned",
    title: "nothing is scanned",
    config: () => ({ scan: undefined }),
  },
  {
    rule: "promoted-tags-have-provenance",
    onceBuilt: true,
    title: "there is no provenance",
    program: [trust, "{ ...configuredTrust(config), provenance: false }"],
  },
  {
    rule: "version-tags-immutable",
    title: "version tags can move",
    program: [/tags: combineTags\(.*/, `tags: () => [{ tag: "v2.0.0", moves: "always", published: true }],`],
  },
  {
    rule: "valid-names",
    title: "a tag has another form",
    program: ["tags: () => [", `tags: () => [{ tag: "final-2", moves: "never", published: true }, `],
  },
  {
    rule: "index-covers-platforms",
    onceBuilt: true,
    title: "a platform is missing",
    // Under the published version another index is refused before any rule has its say.
    config: () => ({ rebuilt: "20260131" }),
    program: [`["linux/amd64", "linux/arm64"]`, `["linux/amd64"]`],
  },
  {
    rule: "bases-pinned-by-digest",
    title: "TINY-22: a base is named by a floating tag",
    config: (host) => ({ pythonImage: `${host}/library/python:3.11-slim` }),
  },
  {
    rule: "allowed-bases",
    title: "a base comes from elsewhere",
    config: (host) => ({ goImage: `${host}/somebody/golang:1.26.8` }),
  },
  {
    rule: "allowed-registries",
    title: "it goes to another organization",
    config: () => ({ namespace: "somebody" }),
  },
  {
    rule: "allowed-licenses",
    title: "the license is not among the allowed ones",
    program: [`licenses: "BSD-3-Clause"`, `licenses: "Proprietary"`],
  },
  {
    rule: "no-clear-text-secrets",
    title: "a token is a build argument",
    program: [
      `{ APP_DIR: "tinyolly-ui" }`,
      `{ APP_DIR: "tinyolly-ui", API_TOKEN: "s3cr3t-v4lue-0f-th1s-t3st" }`,
    ],
  },
  {
    rule: "non-root-user",
    title: "an image runs as root",
    program: [
      "\n  images: {",
      `\n  images: { probe: { files: [{ to: "/probe", content: "" }], labels: { "org.opencontainers.image.licenses": "BSD-3-Clause" } },`,
    ],
  },
];
