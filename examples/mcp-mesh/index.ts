import * as pulumi from "@pulumi/pulumi";
import {
  baseImage,
  Check,
  configured,
  configuredList,
  configuredMirror,
  configuredMode,
  configuredRegistry,
  configuredRelease,
  configuredSecret,
  configuredTrust,
  Distribution,
  entryScript,
  fileTemplate,
  githubWorkflows,
  goBinary,
  homebrewFormula,
  imagesTable,
  installSection,
  observedChannel,
  type ObservedChannelTargetArgs,
  pypiProject,
  pythonVersionOf,
  releasedFile,
  scoopManifest,
  semverTags,
  wholeFile,
} from "slipway";

const config = new pulumi.Config();
const version = config.require("version");
const semver = version.replace(/^v/, "");
const registry = configuredRegistry(config, {
  username: "DOCKER_HUB_USERNAME",
  password: "DOCKER_HUB_ACCESS_TOKEN",
});
const registries = [registry, ...configuredMirror(config, "ghcr")];

const targets = configuredList(config, "targets", "PLATFORMS") ?? [
  "linux/amd64",
  "linux/arm64",
  "darwin/amd64",
  "darwin/arm64",
];
const linker = `-s -w -X github.com/dhyansraj/mcp-mesh/internal/version.Version={version}`;
/**
 * A program of `cmd/`, for Linux and macOS; users of Windows run the image `cli` in Docker or WSL2.
 */
const program = (name: string, test: string[]) =>
  goBinary({
    package: `./cmd/${name}`,
    ldflags: linker,
    sources: ["go.mod", "internal/**/*.go", `cmd/${name}/*.go`],
    platforms: targets,
    place: "dist/{os}_{arch}/{name}{exe}",
    test: { command: ["{file}", ...test] },
  });

const cli = `${registry.repository("cli")}:${semver}`;
const notesTemplate = `{changes}

## Windows

There are no programs for Windows. The image runs them in Docker, or in WSL2:

\`\`\`sh
docker run --rm ${cli} version
\`\`\`

## Programs

{verification}

{tests}
`;

const python = "src/runtime/python/src/mcp_mesh/__init__.py";
const pythonVersion = pythonVersionOf(version);
/** Index of Python packages, by the addresses that are read and uploaded to; nothing goes to one without it. */
const pypi = config.getObject<{ simple: string; upload: string }>("pypi");
const advisory = config.get("gates") === "advisory";
const gate = (
  command: string[],
  more: { sources?: string[]; directory?: string; env?: Record<string, string> },
) => ({ command: { command, ...more }, advisory });
const downloads = config.get("downloads");
/** What a user's own program sees of a channel. */
const outside = (script: string, ...args: string[]) => ({
  command: { command: ["sh", `packaging/scripts/${script}`, ...args] },
  attempts: 5,
});

/** What Homebrew and Scoop say of it, in files that are in the release too. */
const about = {
  name: "mcp-mesh",
  asset: true,
  author: { name: "MCP Mesh releases", email: "releases@mcp-mesh.example" },
  description: "Registry and commands for meshes of MCP agents",
  homepage: "https://github.com/dhyansraj/mcp-mesh",
};
const tap = config.require("tap");
const bucket = config.require("bucket");
const runCli = `@docker run --rm -it -v "%cd%:/work" -w /work ${cli} %*\r\n`;

/** What builds on this machine alone. */
const local = { stack: "dev", versionFrom: "configuration" } as const;

const mesh = new Distribution("mcp-mesh", {
  ...configured(config),
  mode: configuredMode(config, "DOCKER_PUSH"),
  source: "https://github.com/dhyansraj/mcp-mesh",
  licenses: "MIT",
  registries,
  platforms: configuredList(config, "platforms", "DOCKER_PLATFORMS") ?? ["linux/amd64", "linux/arm64"],
  images: {
    registry: {
      dockerfile: "packaging/docker/registry.Dockerfile",
      contexts: { program: { binary: "registry" } },
    },
    "python-runtime": {
      dockerfile: "packaging/docker/python-runtime.Dockerfile",
      buildArgs: { PYTHON_IMAGE: baseImage(config.require("pythonImage")) },
    },
    cli: {
      dockerfile: "packaging/docker/cli.Dockerfile",
      base: "python-runtime",
      contexts: { program: { binary: "meshctl" } },
    },
  },
  tags: semverTags({ prefix: "", aliases: ["minor", "latest"], also: ["v"] }),
  binaries: {
    meshctl: program("meshctl", ["version"]),
    registry: program("registry", ["--help"]),
  },
  archives: {
    "mcp-mesh": {
      binaries: ["meshctl", "registry"],
      name: "{name}_{version}_{os}_{arch}",
      alsoNames: ["{name}_latest_{os}_{arch}"],
      directory: "dist",
    },
    // Windows runs the image; its users get the command all the same.
    "mcp-mesh-windows": {
      platforms: ["windows/amd64"],
      name: "mcp-mesh_{version}_{os}_{arch}",
      format: "zip",
      files: [{ path: "meshctl.cmd", content: runCli }],
      directory: "dist",
    },
  },
  // Wheel and sdist. All that is released is in the sums: archives, these, and the manifests.
  extraArtifacts: {
    python: {
      command: ["sh", "packaging/pypi/build.sh", "{output}", "{semver}"],
      env: { SOURCE_DATE_EPOCH: "315532800" },
      sources: ["packaging/pypi/*", "src/runtime/python/src/**/*.py"],
      outputs: [`mcp_mesh-${pythonVersion}-py3-none-any.whl`, `mcp_mesh-${pythonVersion}.tar.gz`],
    },
  },
  checksums: { directory: "dist" },
  // With the gates and the last step, the eight points of the checklist before a release.
  gates: {
    version: gate(["grep", "-Fx", `__version__ = "{semver}"`, python], { sources: [python] }),
    changelog: gate(["grep", "-F", "## [{semver}]", "CHANGELOG.md"], { sources: ["CHANGELOG.md"] }),
    binaries: gate(["sha256sum", "-c", "SHA256SUMS"], { directory: "dist" }),
    image: { each: "image", anonymousPull: "{reference}", advisory },
    tests: gate(["make", "test-all"], {
      sources: ["Makefile", "go.mod", "cmd/**", "internal/**", "src/**/*.py"],
    }),
    "tag-pushed": gate(
      ["git", "ls-remote", "--exit-code", "--tags", config.require("remote"), "{version}"],
      {},
    ),
    "run-watched": gate(["sh", "-c", `test -n "$WATCHED_BY" && echo "watched by $WATCHED_BY"`], {
      // Who has pushed the tag watches what it starts.
      env: { WATCHED_BY: config.get("watchedBy") ?? process.env.GITHUB_ACTOR ?? "" },
    }),
  },
  trust: configuredTrust(config),
  release: configuredRelease(config, "dhyansraj/mcp-mesh", {
    title: "MCP Mesh {tag}",
    changelog: "CHANGELOG.md",
    notesTemplate,
  }),
  channels: [
    homebrewFormula({
      ...about,
      tap,
      token: config.getSecret("tapToken"),
      archive: "mcp-mesh",
      test: { run: ["meshctl", "version"], prints: "{version}" },
    }),
    scoopManifest({
      ...about,
      bucket,
      token: config.getSecret("bucketToken"),
      archive: "mcp-mesh-windows",
      programs: ["meshctl.cmd"],
      dependencies: ["main/docker"],
    }),
    ...(pypi === undefined
      ? []
      : [
          pypiProject({
            artifacts: "python",
            index: pypi,
            username: config.get("pypiUsername"),
            token: configuredSecret(config, "pypiToken", "PYPI_API_TOKEN"),
          }),
        ]),
    // Who else packages it; `slipway status` says which version users get there.
    ...(config.getObject<ObservedChannelTargetArgs[]>("observed") ?? []).map(observedChannel),
  ],
  // What is released, for who looks after it; there is none unless the configuration asks for it.
  documents: [
    ...(config.getBoolean("documents")
      ? [
          fileTemplate("packaging/README.md", {
            from: "templates/PACKAGING.md",
            values: { install: installSection(), images: imagesTable() },
          }),
          wholeFile("packaging/homebrew/mcp-mesh.rb", releasedFile("mcp-mesh.rb")),
          wholeFile("packaging/scoop/mcp-mesh.json", releasedFile("mcp-mesh.json"), { takeOver: true }),
          entryScript("packaging/scripts/build-docker.sh", { ...local, mode: "load" }),
          entryScript("packaging/scripts/build-binaries.sh", { ...local, mode: "build", only: "programs" }),
        ]
      : []),
    ...githubWorkflows({
      versionFrom: "configuration",
      state: "run",
      policies: "policies.json",
      secrets: { tapToken: "TAP_TOKEN", bucketToken: "BUCKET_TOKEN" },
      workflows: { release: { tags: ["v*"], manual: true } },
      status: {
        releases: "https://github.com/dhyansraj/mcp-mesh/releases/latest/download/releases.json",
        history: true,
      },
    }),
  ],
  // The eighth point: every channel is looked at from outside.
  afterPublication: {
    channel: { each: "repository", anonymousPull: "{repository}:{semver}", attempts: 5 },
    ...(pypi && { "channel-pypi": outside("check-pypi.sh", pypi.simple, pythonVersion, semver) }),
    ...(downloads !== undefined && {
      "channel-homebrew": outside("check-manifest.sh", tap, "Formula/mcp-mesh.rb", version),
      "channel-scoop": outside("check-manifest.sh", bucket, "bucket/mcp-mesh.json", version),
    }),
    downloads: (_images, options, artifacts) =>
      (downloads === undefined ? [] : targets).map((target) => {
        const file = artifacts.apply((all) =>
          all.find(({ name, platform }) => platform === target && name.includes("_latest_")),
        );
        const url = file.apply((found) => `${downloads}/latest/download/${found?.name}`);
        const checksum = { url, digest: file.apply((found) => found?.digest ?? "") };
        return new Check(`channel ${target}`, { checksum, attempts: 5 }, options);
      }),
  },
});

export const { published, artifacts, tested, built, proven, checks } = mesh;
