import * as pulumi from "@pulumi/pulumi";
import {
  awsMarketplaceVersion,
  azureMarketplacePlan,
  baseImage,
  branchTags,
  channelTags,
  combineTags,
  composeFile,
  configured,
  configuredMirror,
  configuredRegistry,
  configuredRelease,
  configuredTrust,
  Distribution,
  fileRegions,
  fileTemplate,
  githubWorkflows,
  kubernetesManifests,
  pullRequestTags,
  semverTags,
  wholeFile,
} from "slipway";
import { checklist } from "slipway/versions";

const config = new pulumi.Config();
const version = config.get("version");
const semver = version?.replace(/^v/, "") ?? "";
const escaped = semver.replaceAll(".", "\\.");
const registry = configuredRegistry(config);
/** Whether the image alone is published, where the token of a run may write; all the rest is a release's. */
const isImageOnly = config.getBoolean("imageOnly") ?? false;
const mirrors = (isImageOnly ? [] : ["dockerHub", "mirrors"]).flatMap((key) => configuredMirror(config, key));
const image = registry.repository("bleu-os");
// Beside the image, whose tags are for users; a builder that stays, as that of dev, has a cache of
// its own.
const cache = `${image}/cache-{arch}:buildcache`;
const advisory = config.get("gates") === "advisory";
const gate = (command: string[], sources?: string[], directory = ".") => ({
  command: { command, sources, directory },
  advisory,
});
/** How it went after the release, as far as somebody has said. */
const went = config.getObject<Record<string, string>>("afterRelease") ?? {};

/** Texts of this checkout that say what was released; there are none unless the configuration asks for them. */
const texts = [
  fileRegions("README.md", {
    released: `\`\`\`bash\ndocker pull ${image}:{semver}\ndocker run -it ${image}:{semver}\n\`\`\``,
  }),
  fileTemplate("announcements/blog.md", { from: "templates/announcement.md", values: { image } }),
  // Bluesky takes 300 characters, Mastodon 500.
  fileTemplate("announcements/short.txt", {
    from: "templates/announcement-short.txt",
    values: { image },
    longest: 300,
  }),
  fileTemplate("marketplace/listing.json", { from: "templates/marketplace.json", values: { image } }),
];

/** Identifiers at marketplaces; a listing takes the image from a mirror in the marketplace's own kind of registry. */
const awsProduct = config.get("awsProduct");
const azurePlan = config.getObject<{
  product: string;
  plan: string;
  subscription: string;
  resourceGroup: string;
}>("azurePlan");
const description = "A container operating system for amd64 and arm64";
const listings = [
  ...(awsProduct === undefined
    ? []
    : [
        wholeFile(
          "marketplace/aws.json",
          awsMarketplaceVersion({
            product: awsProduct,
            services: ["ECS", "EKS"],
            title: "Container image",
            description,
            usage: "docker run -it with the image of this listing",
          }),
          { takeOver: true },
        ),
      ]),
  ...(azurePlan === undefined
    ? []
    : [
        wholeFile("marketplace/azure.json", azureMarketplacePlan({ ...azurePlan, image: "bleu-os" }), {
          takeOver: true,
        }),
      ]),
];

/** A container that stays, for people to work in. */
const container = {
  name: "bleu-os",
  image: "bleu-os",
  command: ["/usr/bin/bleu", "login"],
  stdin: true,
  tty: true,
};
const labels = { "app.kubernetes.io/name": "bleu-os" };

/** Whether a release has a Helm chart, which installs the image by digest. */
const hasChart = !isImageOnly && (config.getBoolean("chart") ?? false);
/** Whether it has tarballs for `docker load`, made by crane. */
const hasTarballs = !isImageOnly && version !== undefined && (config.getBoolean("tarballs") ?? false);

const bleu = new Distribution("bleu-os", {
  // A build without a version is one of a branch, and without a branch that of a night.
  ...configured(config),
  source: "https://github.com/helloblueai/bleu-os",
  licenses: "Apache-2.0",
  // One entry more of `mirrors` is one registry more: ECR, GCR, ACR, Quay.io or Harbor. Only
  // customers can sign in to `enterprise`.
  registries: [registry, ...mirrors, ...(isImageOnly ? [] : configuredMirror(config, "enterprise"))],
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
      budget: { maximumBytes: 60_000_000, layers: 6 },
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
  gates: {
    tests: gate(["go", "test", "./..."], ["**/*.go", "go.mod"], "bleu-os"),
    ...(version !== undefined && {
      docs: gate(["grep", "-E", `bleu-os:${escaped}([^-.[:alnum:]]|$)`, "README.md"], ["README.md"]),
      changelog: gate(["grep", "-E", `^## \\[${escaped}\\]`, "CHANGELOG.md"], ["CHANGELOG.md"]),
      "git-tag": gate(["sh", "-c", "git tag --points-at HEAD | grep -Fx v{semver}"]),
    }),
  },
  charts: hasChart ? { "bleu-os": { directory: "charts/bleu-os", images: { image: "bleu-os" } } } : undefined,
  extraArtifacts: hasTarballs
    ? {
        tarballs: {
          image: "bleu-os",
          command: [
            ...["sh", "tarballs.sh", "{reference}", "{repository}:{semver}"],
            "{output}/bleu-os-{semver}",
          ],
          sources: ["tarballs.sh"],
          outputs: ["bleu-os-{semver}-amd64.tar.gz", "bleu-os-{semver}-arm64.tar.gz"],
        },
      }
    : undefined,
  release: isImageOnly
    ? undefined
    : configuredRelease(config, "helloblueai/bleu-os", { changelog: "CHANGELOG.md" }),
  documents: isImageOnly
    ? []
    : [
        ...(config.getBoolean("deployFiles")
          ? [
              composeFile("deploy/docker-compose.yml", {
                services: {
                  "bleu-os": { image: "bleu-os", stdin_open: true, tty: true, volumes: ["home:/root"] },
                },
                volumes: { home: {} },
              }),
              kubernetesManifests(
                "deploy/kubernetes.yaml",
                [
                  {
                    apiVersion: "apps/v1",
                    kind: "Deployment",
                    metadata: { name: "bleu-os", labels },
                    spec: {
                      selector: { matchLabels: labels },
                      template: { metadata: { labels }, spec: { containers: [container] } },
                    },
                  },
                ],
                { by: "both" },
              ),
            ]
          : []),
        ...(config.getBoolean("documents") ? [...texts, ...listings] : []),
        ...githubWorkflows({
          versionFrom: "configuration",
          state: "run",
          policies: "policies.json",
          workflows: {
            "docker-publish": {
              pullRequests: ["main"],
              branches: ["main"],
              tags: ["v*"],
              schedules: { nightly: "17 3 * * *" },
              set: { imageOnly: "true" },
              without: ["release", "mirrors"],
            },
            release: { tags: ["v*"] },
          },
          status: {
            releases: "https://github.com/helloblueai/bleu-os/releases/latest/download/releases.json",
            failOn: ["missing", "drifted"],
          },
        }),
      ],
  afterPublication:
    version === undefined
      ? {}
      : {
          reachable: { images: ["bleu-os"], anonymousPull: "{repository}:{semver}", attempts: 5 },
          "clean-pull": {
            each: "repository",
            registries: [registry, ...mirrors],
            anonymousPull: "{reference}",
            attempts: 5,
            after: ["reachable"],
          },
          // What is left to people. A point is open until `afterRelease` says how it went for this
          // version.
          ...Object.fromEntries(
            ["watch-downloads", "collect-feedback", "fix-faults", "plan-next"].map((name) => [
              name,
              {
                command: { command: ["echo", went[name] ?? "open"], expect: "^{semver}: .+" },
                advisory: true,
                after: ["clean-pull"],
              },
            ]),
          ),
        },
  // `npx slipway metrics`: what the points above ask about. `services` says where, for stand-ins of public services.
  metrics: {
    workflows: ["docker-publish.yml", "release.yml"],
    branch: "main",
    feedback: ["feedback"],
    addresses: config.getObject("services"),
  },
});

export const { published, built, proven, checks, tags } = bleu;
/** In Markdown: what was checked, and what is still to be done. */
export const afterwards = checklist(checks);
