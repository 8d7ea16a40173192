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
  configuredTrust,
  Distribution,
  goBinary,
  homebrewFormula,
  scoopManifest,
  semverTags,
} from "slipway";

const config = new pulumi.Config();
const version = config.require("version");
const semver = version.replace(/^v/, "");
const registry = configuredRegistry(config);
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
const advisory = config.get("gates") === "advisory";
const gate = (
  command: string[],
  more: { sources?: string[]; directory?: string; env?: Record<string, string> },
) => ({ command: { command, ...more }, advisory });
const downloads = config.get("downloads");

/** What Homebrew and Scoop say of it, and where they are. */
const about = {
  name: "mcp-mesh",
  author: { name: "MCP Mesh releases", email: "releases@mcp-mesh.example" },
  description: "Registry and commands for meshes of MCP agents",
  homepage: "https://github.com/dhyansraj/mcp-mesh",
};
const runCli = `@docker run --rm -it -v "%cd%:/work" -w /work ${cli} %*\r\n`;

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
      env: { WATCHED_BY: config.get("watchedBy") ?? "" },
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
      tap: config.require("tap"),
      token: config.getSecret("tapToken"),
      archive: "mcp-mesh",
      test: { run: ["meshctl", "version"], prints: "{version}" },
    }),
    scoopManifest({
      ...about,
      bucket: config.require("bucket"),
      token: config.getSecret("bucketToken"),
      archive: "mcp-mesh-windows",
      programs: ["meshctl.cmd"],
      dependencies: ["main/docker"],
    }),
  ],
  // The eighth point: every channel is looked at from outside.
  afterPublication: {
    channel: { each: "repository", anonymousPull: "{repository}:{semver}", attempts: 5 },
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
