import * as pulumi from "@pulumi/pulumi";
import {
  baseImage,
  branchTags,
  channelTags,
  Check,
  combineTags,
  configured,
  configuredMirror,
  configuredRegistry,
  configuredRelease,
  configuredTrust,
  Distribution,
  pullRequestTags,
  semverTags,
} from "slipway";
import { checklist } from "slipway/versions";

const config = new pulumi.Config();
const version = config.get("version");
const semver = version?.replace(/^v/, "") ?? "";
const escaped = semver.replaceAll(".", "\\.");
const registry = configuredRegistry(config);
const mirrors = ["dockerHub", "mirrors"].flatMap((key) => configuredMirror(config, key));
const image = registry.repository("bleu-os");
// Beside the image, whose tags are for users; a builder that stays, as that of dev, has a cache of its own.
const cache = `${image}/cache-{arch}:buildcache`;

const bleu = new Distribution("bleu-os", {
  // A build without a version is one of a branch, and without a branch that of a night.
  ...configured(config),
  source: "https://github.com/helloblueai/bleu-os",
  licenses: "Apache-2.0",
  // One entry more of `mirrors` is one registry more: ECR, GCR, ACR, Quay.io or Harbor. Only customers can sign in to `enterprise`.
  registries: [registry, ...mirrors, ...configuredMirror(config, "enterprise")],
  platforms: ["linux/amd64", "linux/arm64"],
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
  // With the build and the scan, what has to hold before a release.
  gates: (images, options) => {
    const subject = Object.values(images).map(({ digest }) => digest);
    const advisory = config.get("gates") === "advisory";
    const gate = (name: string, command: string[], sources?: string[], directory = ".") =>
      new Check(name, { subject, command: { command, sources, directory }, advisory }, options);
    const tests = gate("tests", ["go", "test", "./..."], ["**/*.go", "go.mod"], "bleu-os");
    if (version === undefined) return [tests];
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
    const pull = (name: string, reference: pulumi.Input<string> | undefined, after = options) =>
      new Check(name, { anonymousPull: reference, attempts: 5 }, after);
    const reachable = pull("reachable", `${image}:${semver}`);
    const cleanPulls = Object.entries(images).flatMap(([name, { digest }]) =>
      [registry, ...mirrors].map((place) => {
        const repository = place.repository(name);
        const reference = pulumi.interpolate`${repository}@${digest}`;
        return pull(`clean-pull ${repository}`, reference, { ...options, dependsOn: reachable });
      }),
    );
    // What is left to people. A point is open until `afterRelease` says how it went for this version.
    const went = config.getObject<Record<string, string>>("afterRelease") ?? {};
    const left = ["watch-downloads", "collect-feedback", "fix-faults", "plan-next"].map((name) => {
      const command = { command: ["echo", went[name] ?? "open"], expect: `^${escaped}: .+` };
      return new Check(name, { command, advisory: true }, { ...options, dependsOn: cleanPulls });
    });
    return [reachable, ...cleanPulls, ...left];
  },
});

export const { published, built, proven, checks, tags } = bleu;
/** In Markdown: what was checked, and what is still to be done. */
export const afterwards = checklist(checks);
