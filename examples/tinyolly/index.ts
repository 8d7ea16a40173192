import * as pulumi from "@pulumi/pulumi";
import {
  baseImage,
  channelTags,
  combineTags,
  composeFile,
  configured,
  configuredImages,
  configuredRegistry,
  configuredRelease,
  configuredSecret,
  configuredTrust,
  deprecatedFile,
  deprecationsTable,
  Distribution,
  dockerHubRepositories,
  entryScript,
  externalImagesTable,
  fileRegions,
  fileTemplate,
  imagesTable,
  installSection,
  githubWorkflows,
  imageReferences,
  pullRequestTags,
  semverTags,
  tagsTable,
} from "slipway";

const config = new pulumi.Config();
const version = config.get("version");
const registry = configuredRegistry(config);

/**
 * Folder with the sources, as all five Dockerfiles see it: another checkout takes the stand-in's
 * place here.
 */
const context = "docker/apps";
const dockerfile = (name: string) => `docker/dockerfiles/Dockerfile.${name}`;
const base = (key: string) => baseImage(config.require(key));
const goArgs = { GO_IMAGE: base("goImage") };

/** Whether a committed file holds the digests of bases: those of a machine's own images belong into none. */
const isLocked = config.getBoolean("lock") ?? false;

/** The four services; the fifth image is what two of them are built on. */
const services = imagesTable({
  images: ["ui", "otlp-receiver", "opamp-server", "otel-supervisor"],
  digests: false,
});

/** Pages of this checkout that say what was released; there are none unless the configuration asks for them. */
const pages = [
  fileRegions("README.md", { install: installSection(), services }),
  fileTemplate("DOCKER_HUB.md", {
    from: "templates/DOCKER_HUB.md",
    values: {
      images: imagesTable(),
      external: externalImagesTable(),
      tags: tagsTable(),
      deprecations: deprecationsTable(),
    },
  }),
  deprecatedFile(),
  fileTemplate(`RELEASE-NOTES-${version}.md`, {
    from: "templates/RELEASE-NOTES.md",
    values: { images: imagesTable() },
  }),
];

/** Whether users build the images themselves: this is the way back from published ones. */
const images = config.get("deploy") === "local" ? "local" : "published";

/** The name that the configuration of others has for a service, beside its own. */
const alias = (name: string) => ({ networks: { default: { aliases: [name] } }, restart: "unless-stopped" });

/** What the compose files run, in compose's own terms. */
const core = {
  "tinyolly-otlp-receiver": { image: "otlp-receiver", ports: ["4343:4343"], ...alias("otlp-receiver") },
  "tinyolly-ui": {
    image: "ui",
    ports: ["5005:5005"],
    depends_on: { "tinyolly-otlp-receiver": { condition: "service_healthy" } },
    restart: "unless-stopped",
  },
  "tinyolly-redis": { image: "redis", restart: "unless-stopped" },
};
const collector = {
  "tinyolly-opamp-server": { image: "opamp-server", ports: ["4320:4320"], ...alias("opamp-server") },
  "otel-supervisor": {
    image: "otel-supervisor",
    ports: ["4317:4317", "4318:4318"],
    depends_on: { "tinyolly-opamp-server": { condition: "service_healthy" } },
    restart: "unless-stopped",
  },
};

/** Where compose has what Slipway gives a build: packages of Python, and the base in place of its published name. */
const builds = {
  "python-base": { additional_contexts: { "python-packages": "${PYTHON_PACKAGES:-./python-packages}" } },
  ui: { additional_contexts: { "tinyolly/python-base": "service:python-base" } },
  "otlp-receiver": { additional_contexts: { "tinyolly/python-base": "service:python-base" } },
};

const deployFiles = [
  composeFile(
    "docker/docker-compose-tinyolly-core.yml",
    { name: "tinyolly", services: { ...core, ...collector } },
    { images, builds },
  ),
  composeFile(
    "docker-core-only/docker-compose-tinyolly-core.yml",
    { name: "tinyolly", services: core },
    { images, builds },
  ),
  composeFile(
    "docker/docker-compose-tinyolly-core-local.yml",
    { name: "tinyolly", services: { ...core, ...collector } },
    { images: "local", builds },
  ),
  ...["ui", "otlp-receiver", "opamp-server", "otel-supervisor"].map((name) =>
    imageReferences(`k8s/${name}.yaml`),
  ),
  entryScript("docker/build-and-push-images.sh", {
    versionFrom: "configuration",
    withoutVersion: ["dev"],
    policies: "policies.json",
  }),
];

/** Who may change what Docker Hub shows: not the token that pushes, which has no such rights. Default: `docker login`'s. */
const curatorToken = configuredSecret(config, "curatorToken", "DOCKERHUB_CURATOR_TOKEN");

const tinyolly = new Distribution("tinyolly", {
  // Without a version it is a development build, tagged `dev` and by its commit.
  ...configured(config),
  source: "https://github.com/tinyolly/tinyolly",
  licenses: "BSD-3-Clause",
  registries: [registry],
  repositories: [
    dockerHubRepositories({
      visibility: "public",
      immutableTags: ["^v[0-9]+\\.[0-9]+\\.[0-9]+"],
      fullDescription: { file: "README.md" },
      curator: curatorToken && { username: config.get("curator") ?? "tinyolly", password: curatorToken },
      images: {
        "python-base": { description: "Python and the dependencies that TinyOlly's applications share" },
        ui: { description: "TinyOlly's user interface: traces, metrics and logs in the browser" },
        "otlp-receiver": { description: "TinyOlly's receiver of OpenTelemetry's protocol" },
        "opamp-server": { description: "TinyOlly's server of OpAMP, which configures collectors" },
        "otel-supervisor": { description: "OpenTelemetry's Collector, run by an OpAMP supervisor" },
      },
    }),
  ],
  platforms: ["linux/amd64", "linux/arm64"],
  binaries: {
    // The shared dependencies: wheels from PyPI, pinned by hash, unpacked for each platform.
    "python-packages": {
      directory: `${context}/python-base`,
      command: [
        "python3",
        "packages.py",
        "{arch}",
        config.require("pythonVersion"),
        "{output}/python-packages.tar",
      ],
      sources: ["packages.py", "requirements.txt"],
      output: "python-packages.tar",
    },
  },
  images: {
    "python-base": {
      dockerfile: dockerfile("tinyolly-python-base"),
      context,
      contexts: { "python-packages": { binary: "python-packages" } },
      buildArgs: { PYTHON_IMAGE: base("pythonImage") },
      budget: { maximumBytes: 120_000_000, exceeded: "warn" },
    },
    ui: {
      dockerfile: dockerfile("tinyolly-ui"),
      context,
      base: "python-base",
      buildArgs: { APP_DIR: "tinyolly-ui" },
    },
    "otlp-receiver": {
      dockerfile: dockerfile("tinyolly-otlp-receiver"),
      context,
      base: "python-base",
      buildArgs: { APP_DIR: "tinyolly-otlp-receiver" },
    },
    "opamp-server": { dockerfile: dockerfile("tinyolly-opamp-server"), context, buildArgs: goArgs },
    "otel-supervisor": {
      dockerfile: dockerfile("otel-supervisor"),
      context,
      buildArgs: {
        ...goArgs,
        COLLECTOR_IMAGE: base("collectorImage"),
        SUPERVISOR_IMAGE: base("supervisorImage"),
      },
    },
  },
  tags: combineTags(semverTags(), channelTags("dev", { commit: ["short"] }), pullRequestTags()),
  // The last three majors stay; older versions go two years after they were published, once that was announced.
  retention: config.getBoolean("retention")
    ? {
        versions: { majors: 3, after: "2y" },
        rebuilds: { keep: 3, after: "90d" },
        commits: { keep: 20, after: "30d" },
        untagged: { after: "30d" },
      }
    : undefined,
  // What the compose files run beside the five: recorded by digest.
  externalImages: configuredImages(config, "externalImages"),
  // Bases as slipway.lock.json has them: built again each month on what there is then, and taken anew each quarter.
  lock: isLocked,
  cadence: isLocked ? { rebuild: "31d", refresh: "92d" } : undefined,
  trust: configuredTrust(config),
  release: configuredRelease(config, "tinyolly/tinyolly", {
    title: "TinyOlly {tag}",
    changelog: "CHANGELOG.md",
  }),
  documents: [
    ...(config.getBoolean("deployFiles") ? deployFiles : []),
    ...(config.getBoolean("documents") ? pages : []),
    ...githubWorkflows({
      versionFrom: "configuration",
      state: "run",
      policies: "policies.json",
      secrets: { curatorToken: "DOCKERHUB_CURATOR_TOKEN" },
      workflows: {
        "docker-publish": {
          pullRequests: ["main"],
          branches: ["main"],
          tags: ["v*"],
          schedules: { nightly: "17 3 * * *", rebuild: "17 4 1 * *", refresh: "17 5 1 */3 *" },
        },
      },
    }),
  ],
  // The point of the checklist after a publication that needs nothing but the registry: anybody can
  // pull every image.
  afterPublication: { pull: { each: "image", anonymousPull: `{repository}:${version ?? "dev"}` } },
  // `npx slipway metrics`: pulls, issues of those who came from local builds, and runs of CI. `services` says where,
  // for stand-ins of public services.
  metrics: {
    workflows: ["docker-publish.yml"],
    feedback: ["migration"],
    addresses: config.getObject("services"),
  },
});

export const { published, proven, built, externalImages, overdue, checks } = tinyolly;
