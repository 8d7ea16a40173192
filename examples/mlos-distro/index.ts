import * as pulumi from "@pulumi/pulumi";
import {
  aptRepository,
  baseImage,
  chocolateyPackage,
  composeFile,
  configured,
  configuredRegistry,
  configuredRelease,
  configuredTrust,
  Distribution,
  fileRegions,
  fileTemplate,
  githubWorkflows,
  goBinary,
  homebrewFormula,
  imagesTable,
  installSection,
  releasedFile,
  type SectionText,
  semverTags,
  shellInstaller,
  snapPackage,
  tagsTable,
  verifySection,
  wholeFile,
} from "slipway";
import { composition } from "slipway/versions";
import record from "./versions.json";

const config = new pulumi.Config();
const registry = configuredRegistry(config);
const unix = ["linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64"];

/** Key of Chocolatey's feed; without it there is no package, and no bundle for Windows. */
const chocolateyKey = config.getSecret("chocolateyKey");
/** Address of a feed of one's own in place of the community's. */
const feed = config.get("chocolateyFeed");
/** Platforms of the bundles: those of both components. */
const bundled = chocolateyKey === undefined ? unix : [...unix, "windows/amd64"];

/**
 * One entry a component: its column, label, line of `mlos --version`, copy into the image and
 * program in the bundles.
 */
const parts = composition({
  name: "MLOS",
  version: config.get("version"),
  record,
  labelPrefix: "org.mlosfoundation",
  components: {
    axon: {
      title: "Axon",
      version: config.require("axonVersion"),
      compatible: ">=1.5.0 <2.0.0",
      image: { reference: `${registry.repository("axon")}:{tag}`, from: "/usr/local/bin/axon" },
      release: {
        from: config.require("axonReleases"),
        asset: "axon_*_{os}_{arch}.tar.gz",
        platforms: bundled,
      },
    },
    "mlos-core": {
      title: "MLOS Core",
      version: config.require("coreVersion"),
      compatible: "^1.0.0",
      image: { reference: `${registry.repository("core")}:{tag}`, from: "/opt/mlos" },
      release: {
        from: config.require("coreReleases"),
        asset: "mlos-core_*_{os}_{arch}.tar.gz",
        platforms: [...unix, "windows/amd64"],
      },
    },
    "smi-spec": { title: "SMI Spec", version: config.get("smiVersion") },
  },
  test: (images, _options, artifacts) => ({
    subject: images.mlos?.digest,
    command: {
      command: artifacts.apply((files) => [
        "sh",
        "compatibility-test.sh",
        files.find(({ name }) => name.endsWith("_linux_amd64.tar.gz"))?.path ?? "",
      ]),
    },
  }),
});
const { version } = parts;

/** Whether there is an address that an installer can download from; a folder alone has none. */
const isServed = config.get("repository") !== undefined || config.get("baseUrl") !== undefined;

/** Repository of the Homebrew tap; there is no formula without it. */
const tap = config.get("tap");

/** Folder of the APT repository, as it is served; there is no package without it. */
const apt = config.get("apt");

/** Whether the release has a snap for each architecture of Linux. */
const hasSnaps = config.getBoolean("snap") ?? false;
/** A page of its template below `templates/`. */
const page = (path: string, from: string, values: Record<string, SectionText>) =>
  fileTemplate(path, { from: `templates/${from}`, values });
const images = imagesTable();

/** What of the repository says what is released; there is none unless the configuration asks for it. */
const pages = [
  fileRegions("README.md", { install: installSection() }),
  page("docs/INSTALLATION.md", "INSTALLATION.md", {
    includes: parts.includes,
    install: installSection({ level: 2 }),
    verify: verifySection(),
  }),
  page("docs/COMPONENTS.md", "COMPONENTS.md", {
    components: parts.lines.map((line) => `- ${line}`).join("\n"),
    images,
  }),
  page("docs/VERSIONING.md", "VERSIONING.md", { includes: parts.includes, tags: tagsTable() }),
  page("dist/docker/README.md", "docker.md", { images }),
  page("dist/binaries/README.md", "binaries.md", {
    downloads: installSection({ level: 2, parts: ["downloads"] }),
  }),
  page("dist/packages/README.md", "packages.md", {
    packages: installSection({ level: 2, parts: ["packages"] }),
  }),
  fileTemplate("examples/quickstart.sh", { from: "templates/quickstart.sh", mode: "0755" }),
  ...(isServed ? [wholeFile("install.sh", releasedFile("install.sh"), { mode: "0755" })] : []),
];

const mlos = new Distribution("mlos", {
  ...configured(config),
  version,
  source: "https://github.com/mlOS-foundation/mlos-distro",
  licenses: "Apache-2.0",
  registries: [registry],
  platforms: ["linux/amd64", "linux/arm64"],
  images: {
    mlos: {
      dockerfile: "Dockerfile",
      copies: parts.copies,
      labels: parts.labels,
      contexts: { program: { binary: "mlos" } },
      buildArgs: { UBUNTU_IMAGE: baseImage(config.require("ubuntuImage")) },
    },
  },
  tags: semverTags({ prefix: "v", aliases: ["latest"] }),
  downloads: parts.downloads,
  binaries: {
    mlos: goBinary({
      directory: "mlos",
      ldflags: `-s -w -X main.version={version} -X 'main.components=${parts.lines.join(";")}'`,
      platforms: bundled,
      test: { command: ["{file}", "--version"], prints: "^MLOS Distribution {version}$" },
    }),
  },
  archives: {
    mlos: {
      name: "{name}-{tag}_{os}_{arch}",
      formats: { windows: "zip" },
      files: [
        ...parts.programs,
        { path: "bin/mlos{exe}", binary: "mlos" },
        { path: "config/mlos.yaml", source: "config/mlos.yaml" },
        { path: "config/axon.yaml", source: "config/axon.yaml" },
        { path: "README.md", source: "bundle/README.md" },
      ],
    },
  },
  gates: parts.gates,
  afterPublication: parts.afterPublication,
  release: configuredRelease(config, "mlOS-foundation/mlos-distro", {
    title: "MLOS {tag}",
    notes: `Includes ${parts.includes}`,
  }),
  installers: isServed
    ? {
        "install.sh": shellInstaller({
          methods: ["docker", "binary"],
          contents: "all",
          keep: ["config/mlos.yaml", "config/axon.yaml"],
        }),
      }
    : undefined,
  channels: [
    ...(tap === undefined
      ? []
      : [
          homebrewFormula({
            tap,
            token: config.getSecret("tapToken"),
            author: { name: "MLOS releases", email: "releases@mlosfoundation.example" },
            description: "Tested whole of Axon and MLOS Core",
            homepage: "https://github.com/mlOS-foundation/mlos-distro",
            test: { run: ["mlos", "--version"], prints: "{version}" },
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
              mlos: {
                programs: ["mlos", ...Object.keys(parts.downloads)],
                description: "Tested whole of Axon and MLOS Core",
                files: [
                  { to: "/etc/mlos/mlos.yaml", source: "config/mlos.yaml" },
                  { to: "/etc/mlos/axon.yaml", source: "config/axon.yaml" },
                ],
              },
            },
          }),
        ]),
    ...(chocolateyKey === undefined
      ? []
      : [
          chocolateyPackage({
            authors: "MLOS Foundation",
            description: `The tested whole of Axon and MLOS Core for Windows: ${parts.includes}.`,
            homepage: "https://github.com/mlOS-foundation/mlos-distro",
            tags: ["mlos", "machine-learning"],
            licenseUrl: "https://github.com/mlOS-foundation/mlos-distro/blob/main/LICENSE",
            apiKey: chocolateyKey,
            feed: feed === undefined ? undefined : { source: feed, push: feed },
          }),
        ]),
    ...(hasSnaps
      ? [
          snapPackage({
            programs: ["mlos", ...Object.keys(parts.downloads)],
            summary: "Tested whole of Axon and MLOS Core",
            description: `Serves models of machine learning, and has them from a store.\n\n${parts.lines.join("\n")}\n`,
            apps: {
              mlos: { command: "bin/mlos" },
              axon: { command: "bin/axon", plugs: ["home", "network"] },
              "mlos-core": { command: "bin/mlos-core", plugs: ["network", "network-bind"] },
            },
            files: [
              { path: "config/mlos.yaml", source: "config/mlos.yaml" },
              { path: "config/axon.yaml", source: "config/axon.yaml" },
            ],
          }),
        ]
      : []),
  ],
  documents: [
    ...(config.getBoolean("documents") ? pages : []),
    ...(config.getBoolean("deployFiles")
      ? [
          composeFile("docker-compose.yml", {
            services: { mlos: { image: "mlos", ports: ["8080:8080"], restart: "unless-stopped" } },
          }),
        ]
      : []),
    ...githubWorkflows({
      versionFrom: "configuration",
      state: "run",
      policies: "policies.json",
      secrets: { tapToken: "TAP_TOKEN" },
      workflows: {
        release: {
          manual: {
            axon_version: { key: "axonVersion", description: "Version of Axon", example: "v1.5.0" },
            core_version: { key: "coreVersion", description: "Version of MLOS Core", example: "v1.0.0" },
          },
        },
        "test-compatibility": {
          component: {
            type: "component-release",
            components: { axon: "axonVersion", "mlos-core": "coreVersion" },
          },
          test: true,
        },
      },
    }),
  ],
  trust: configuredTrust(config),
});

/** Digest, platforms and pull commands. */
export const published = mlos.published;

/** What is proven of the image; what is `not executed` was not looked at. */
export const proven = mlos.proven;

/** Results of the compatibility test. */
export const checks = mlos.checks;
