import * as pulumi from "@pulumi/pulumi";
import {
  baseImage,
  branchTags,
  channelTags,
  Check,
  combineTags,
  configuredMirror,
  configuredRegistry,
  configuredRelease,
  configuredTrust,
  Distribution,
  pullRequestTags,
  semverTags,
} from "slipway";

const config = new pulumi.Config();
const version = config.get("version");
const semver = version?.replace(/^v/, "") ?? "";
const registry = configuredRegistry(config);
const image = registry.repository("bleu-os");
// Beside the image, whose tags are for users; a builder that stays, as that of dev, has a cache of its own.
const cache = `${image}/cache-{arch}:buildcache`;

const bleu = new Distribution("bleu-os", {
  // A build without a version is one of a branch, and without a branch that of a night.
  version,
  commit: config.get("commit"),
  branch: config.get("branch"),
  pullRequest: config.getNumber("pullRequest"),
  rebuilt: config.get("rebuilt"),
  environment: config.get("environment", { allowedValues: ["production", "test"] }),
  source: "https://github.com/helloblueai/bleu-os",
  licenses: "Apache-2.0",
  // One entry more is one registry more: ECR, GCR, ACR, Quay.io or Harbor. Only customers can sign in to `enterprise`.
  registries: [registry, ...["dockerHub", "enterprise"].flatMap((key) => configuredMirror(config, key))],
  platforms: ["linux/amd64", "linux/arm64"],
  builder: config.get("builder"),
  images: {
    "bleu-os": {
      dockerfile: "bleu-os/Dockerfile.production",
      context: ".",
      buildArgs: {
        GO_IMAGE: baseImage(config.require("goImage")),
        DEBIAN_IMAGE: baseImage(config.require("debianImage")),
        VERSION: version === undefined ? (config.get("branch") ?? "nightly") : semver,
      },
      ...(config.getBoolean("buildCache") ? { cache: { from: [cache], to: cache } } : {}),
      budget: { maximum: 60_000_000, layers: 6 },
    },
  },
  tags: combineTags(
    semverTags({
      prefix: "",
      aliases: ["minor", "latest"],
      also: ["v", "release-"],
      commit: ["version", "full"],
    }),
    branchTags({ commit: ["version", "full"] }),
    pullRequestTags(),
    channelTags("nightly", { branches: false }),
  ),
  trust: configuredTrust(config),
  // With the build and the scan, what has to hold before a release (BLEU-24).
  gates: (images, options) => {
    const subject = images["bleu-os"]?.digest;
    const advisory = config.get("gates") === "advisory";
    const gate = (name: string, command: string[], sources?: string[], directory = ".") =>
      new Check(name, { subject, command: { command, sources, directory }, advisory }, options);
    const tests = gate("tests", ["go", "test", "./..."], ["**/*.go", "go.mod"], "bleu-os");
    if (version === undefined) return [tests];
    const escaped = semver.replaceAll(".", "\\.");
    return [
      tests,
      gate("docs", ["grep", "-E", `bleu-os:${escaped}([^-.[:alnum:]]|$)`, "README.md"], ["README.md"]),
      gate("changelog", ["grep", "-E", `^## \\[${escaped}\\]`, "CHANGELOG.md"], ["CHANGELOG.md"]),
      gate("git-tag", ["sh", "-c", `git tag --points-at HEAD | grep -Fx v${semver}`]),
    ];
  },
  release: configuredRelease(config, "helloblueai/bleu-os", { changelog: "CHANGELOG.md" }),
  afterPublication: (images, options) => {
    if (version === undefined) return [];
    const reachable = new Check("reachable", { anonymousPull: `${image}:${semver}`, attempts: 5 }, options);
    const cleanPull = { anonymousPull: images["bleu-os"]?.reference, attempts: 5 };
    return [reachable, new Check("clean-pull", cleanPull, { ...options, dependsOn: reachable })];
  },
});

export const { published, built, proven, checks, tags } = bleu;
