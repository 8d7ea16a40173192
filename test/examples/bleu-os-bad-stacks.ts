import type { BadStack } from "./bad-stack";

const trust = "configuredTrust(config)";

/**
 * How Bleu OS's prod stack is made bad: all that shows before it is built at once, each after those
 * before it.
 */
export const badStacks: readonly BadStack[] = [
  {
    rule: "promoted-tags-are-signed",
    title: "nobody signs",
    program: [trust, "{ ...configuredTrust(config), sign: undefined }"],
  },
  {
    rule: "promoted-tags-are-scanned",
    title: "BLEU-32: nothing is scanned",
    config: () => ({ scan: undefined }),
  },
  {
    rule: "promoted-tags-have-provenance",
    onceBuilt: true,
    title: "there is no provenance",
    program: [trust, "{ ...configuredTrust(config), provenance: false }"],
  },
  {
    rule: "required-checks-passed",
    onceBuilt: true,
    title: "BLEU-24: a gate is left out",
    program: [/changelog: gate\(.*/, ""],
  },
  {
    rule: "version-tags-immutable",
    title: "version tags can move",
    program: [
      /tags: combineTags\([^]*?\n {2}\),/,
      `tags: () => [{ tag: "1.0.0", moves: "always", published: true }],`,
    ],
  },
  {
    rule: "valid-names",
    title: "BLEU-10: a tag has another form",
    program: ["tags: () => [", `tags: () => [{ tag: "final-2", moves: "never", published: true }, `],
  },
  {
    rule: "index-covers-platforms",
    onceBuilt: true,
    title: "BLEU-05: a platform is missing",
    // Under the published version another index is refused before any rule has its say.
    config: () => ({ rebuilt: "20260131" }),
    program: [`["linux/amd64", "linux/arm64"]`, `["linux/amd64"]`],
  },
  {
    rule: "bases-pinned-by-digest",
    title: "a base is named by a floating tag",
    config: (host) => ({ debianImage: `${host}/library/debian:12` }),
  },
  {
    rule: "allowed-bases",
    title: "a base comes from elsewhere",
    config: (host) => ({ goImage: `${host}/somebody/golang:latest@sha256:${"0".repeat(64)}` }),
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
  {
    rule: "no-clear-text-secrets",
    title: "a token is a build argument",
    program: ["buildArgs: {", `buildArgs: { API_TOKEN: "s3cr3t-v4lue-0f-th1s-t3st",`],
  },
  {
    rule: "release-assets-have-checksums-and-signatures",
    title: "BLEU-21: a download has neither sum nor signature",
    program: [
      "export const {",
      `new (require("slipway").ReleaseDirectory)("by-hand", {
        directory: "downloads",
        tag: "v1.0.0",
        assets: [{ name: "bleu-os.tar", path: "README.md", digest: "sha256:${"0".repeat(64)}" }],
      });
      export const {`,
    ],
  },
  {
    rule: "non-root-user",
    title: "an image runs as root",
    program: [
      "\n  images: {",
      `\n  images: { probe: { files: [{ to: "/probe", content: "" }], labels: { "org.opencontainers.image.licenses": "Apache-2.0" } },`,
    ],
  },
];
