import * as pulumi from "@pulumi/pulumi";
import {
  aptRepository,
  baseImage,
  chocolateyPackage,
  composeFile,
  configured,
  configuredMirror,
  configuredRegistry,
  configuredRelease,
  configuredTrust,
  Distribution,
  fileRegions,
  githubWorkflows,
  homebrewFormula,
  installSection,
  semverTags,
  type Section,
} from "slipway";

const config = new pulumi.Config();
const version = config.require("version");
/** Folder of the sources: a stand-in; a checkout of the real ones has the same interface. */
const sources = "core";
/** How fast a container has to start; not looked at without it. */
const withinSeconds = config.getNumber("startSeconds");

/** Whether the image alone is published, where the token of a run may write; binaries are a release's. */
const isImageOnly = config.getBoolean("imageOnly") ?? false;

/** Repository of the Homebrew tap; there is no formula without it. */
const tap = isImageOnly ? undefined : config.get("tap");

/** Repository of the website, whose page on the installation follows each release; without it the page stays. */
const website = isImageOnly ? undefined : config.get("website");

/** What both ports need in a file of compose. */
const services = { "mlos-core": { image: "mlos-core", ports: ["8080:8080", "8081:8081"] } };

/** The compose example of the website. */
const composeExample: Section = {
  text: ({ images }) => {
    const { repositories = [], tag = "latest" } = images["mlos-core"] ?? {};
    const { ports } = services["mlos-core"];
    return [
      "```yaml",
      "services:",
      "  mlos-core:",
      `    image: ${repositories[0] ?? "mlos-core"}:${tag}`,
      "    ports:",
      ...ports.map((port) => `      - ${port}`),
      "```",
    ].join("\n");
  },
};

/** Folder of the APT repository, as it is served; there is no package without it. */
const apt = isImageOnly ? undefined : config.get("apt");

/** Who commits to the tap and to the website. */
const author = { name: "MLOS releases", email: "releases@mlosfoundation.example" };

/** Key of Chocolatey's feed; without it there is no package, and no zip archive that one needs. */
const chocolateyKey = isImageOnly ? undefined : config.getSecret("chocolateyKey");
/** Address of a feed of one's own in place of the community's. */
const feed = config.get("chocolateyFeed");

const core = new Distribution("mlos-core", {
  ...configured(config),
  version,
  source: "https://github.com/mlOS-foundation/core",
  licenses: "Apache-2.0",
  registries: [configuredRegistry(config), ...(isImageOnly ? [] : configuredMirror(config, "dockerHub"))],
  platforms: ["linux/amd64", "linux/arm64"],
  images: {
    "mlos-core": {
      alsoRepositories: ["core"],
      dockerfile: "Dockerfile",
      contexts: { program: { binary: "mlos-core" } },
      buildArgs: { RUNTIME_IMAGE: baseImage(config.require("runtimeImage")) },
      budget: { maximumBytes: 100_000_000 },
    },
  },
  tags: semverTags({ prefix: "v", aliases: ["latest"] }),
  binaries: {
    "mlos-core": {
      directory: sources,
      command: ["make", "release", "VERSION={version}", "OUTPUT={output}"],
      sources: ["**/*.go", "go.mod", "Makefile"],
      platforms: ["linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64", "windows/amd64"],
      budget: { maximumBytes: 10_000_000 },
      test: { command: ["{file}", "--version"], prints: "^mlos-core {version} ", withinSeconds: 0.1 },
    },
  },
  archives: {
    "mlos-core": {
      binaries: ["mlos-core"],
      files: [
        { path: "README.md", source: "README.md" },
        { path: "LICENSE", source: "LICENSE" },
      ],
      checksums: "SHA256SUMS",
    },
    // Chocolatey unpacks no tar.gz.
    ...(chocolateyKey === undefined
      ? {}
      : {
          "mlos-core-windows": {
            name: "mlos-core_{semver}_{os}_{arch}",
            binaries: ["mlos-core"],
            files: [{ path: "LICENSE", source: "LICENSE" }],
            platforms: ["windows/amd64"],
            format: "zip",
          },
        }),
  },
  release: isImageOnly
    ? undefined
    : configuredRelease(config, "mlOS-foundation/core", { title: "MLOS Core {tag}" }),
  documents: isImageOnly
    ? []
    : [
        ...(config.getBoolean("deployFiles") ? [composeFile("docker-compose.yml", { services })] : []),
        ...(website === undefined
          ? []
          : [
              fileRegions(
                "docs/install.md",
                {
                  docker: installSection({ parts: ["images"] }),
                  compose: composeExample,
                  binaries: installSection({ parts: ["packages", "downloads"] }),
                },
                {
                  into: {
                    remote: website,
                    token: config.getSecret("websiteToken"),
                    author,
                    versionIn: { file: "docs/install.md", pattern: "^docker pull .*/mlos-core:v(\\S+)$" },
                  },
                },
              ),
            ]),
        ...githubWorkflows({
          versionFrom: "configuration",
          state: "run",
          policies: "policies.json",
          secrets: { tapToken: "TAP_TOKEN", websiteToken: "WEBSITE_TOKEN" },
          workflows: {
            "docker-publish": {
              releases: true,
              set: { imageOnly: "true" },
              without: ["release", "mirrors"],
            },
            "binary-release": { releases: true, manual: true },
          },
        }),
      ],
  channels: [
    ...(tap === undefined
      ? []
      : [
          homebrewFormula({
            tap,
            archive: "mlos-core",
            token: config.getSecret("tapToken"),
            author,
            description: "Serves machine learning models",
            homepage: "https://github.com/mlOS-foundation/core",
            test: { run: ["mlos-core", "--version"], prints: "{version}" },
          }),
        ]),
    ...(apt === undefined
      ? []
      : [
          aptRepository({
            directory: apt,
            origin: "MLOS",
            url: config.get("aptUrl"),
            maintainer: "MLOS releases <releases@mlosfoundation.example>",
            key: config.requireSecret("aptKey"),
            packages: {
              "mlos-core": { programs: ["mlos-core"], description: "Serves machine learning models" },
            },
          }),
        ]),
    ...(chocolateyKey === undefined
      ? []
      : [
          chocolateyPackage({
            archive: "mlos-core-windows",
            authors: "MLOS Foundation",
            description: "Serves machine learning models, by HTTP and from the command line.",
            homepage: "https://github.com/mlOS-foundation/core",
            tags: ["mlos", "machine-learning"],
            licenseUrl: "https://github.com/mlOS-foundation/core/blob/main/LICENSE",
            apiKey: chocolateyKey,
            feed: feed === undefined ? undefined : { source: feed, push: feed },
          }),
        ]),
  ],
  trust: configuredTrust(config),
  // Where Docker is there, a container starts in time; the first attempt pulls, too.
  gates:
    withinSeconds === undefined
      ? {}
      : {
          "container-start": {
            images: ["mlos-core"],
            command: {
              command: ["docker", "run", "--rm", "--network", "none", "{reference}", "--version"],
              expect: "^mlos-core {version} ",
              withinSeconds,
            },
            attempts: 5,
          },
        },
  // Anybody can pull, though the sources are private.
  afterPublication: {
    "anonymous-pull": { images: ["mlos-core"], anonymousPull: "{reference}", attempts: 5 },
  },
});

/** Digest, platforms and pull commands. */
export const published = core.published;

/** Sizes of the images; sizes and start times of the binaries. */
export const { built, tested } = core;

/** What is proven of the image; what is `not executed` was not looked at. */
export const proven = core.proven;

/** Results of the checks, with the time that a container takes to start. */
export const checks = core.checks;
