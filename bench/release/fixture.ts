import { cp, writeFile } from "node:fs/promises";
import * as path from "node:path";
import { runClient } from "../../test/support/clients";
import { repository } from "../../test/support/engine";

/** What both sides release: the Go program of the example, with its license, for six targets. */

export const version = "1.0.0";
export const program = "hello";

export const targets = ["linux", "darwin", "windows"].flatMap((os) =>
  ["amd64", "arm64"].map((architecture) => `${os}/${architecture}`),
);

/** What the linker is told; the same on both sides, so that they make the same binaries. */
export const linkerFlags = `-s -w -X main.version=v${version}`;

/** Name of the archive of a target. */
export function archiveName(target: string): string {
  const [os = "", architecture = ""] = target.split("/");
  return `${program}_${version}_${os}_${architecture}.${os === "windows" ? "zip" : "tar.gz"}`;
}

/** Copies the sources of the program and the license to a folder that is there. */
export async function writeSources(folder: string): Promise<void> {
  for (const name of ["go.mod", "main.go"]) {
    await cp(path.join(repository, "examples", "hello", name), path.join(folder, name));
  }
  await cp(path.join(repository, "LICENSE"), path.join(folder, "LICENSE"));
}

/**
 * Writes the sources, GoReleaser's configuration and a Git repository with a tag, which GoReleaser
 * asks for.
 */
export async function writeGoReleaserProject(folder: string): Promise<void> {
  await writeSources(folder);
  await writeFile(path.join(folder, ".gitignore"), "dist/\n");
  await writeFile(path.join(folder, ".goreleaser.yaml"), goReleaserConfiguration);
  const git = (...args: string[]) => runClient("git", ["-C", folder, ...args]);
  await git("init", "--quiet");
  await git("add", ".");
  const identity = ["-c", "user.name=bench", "-c", "user.email=bench@example.com"];
  await git(...identity, "-c", "commit.gpgsign=false", "commit", "--quiet", "-m", "sources");
  await git("tag", `v${version}`);
}

// Commit and date are not in the binary, and files have no times of their own: what is left is the
// work.
const goReleaserConfiguration = `version: 2
project_name: ${program}
snapshot:
  version_template: "${version}"
builds:
  - id: ${program}
    main: .
    binary: ${program}
    env: [CGO_ENABLED=0]
    flags: [-trimpath]
    ldflags: ["${linkerFlags}"]
    goos: [linux, darwin, windows]
    goarch: [amd64, arm64]
archives:
  - formats: [tar.gz]
    format_overrides:
      - goos: windows
        formats: [zip]
    name_template: "${program}_${version}_{{ .Os }}_{{ .Arch }}"
    files: [LICENSE]
checksum:
  name_template: SHA256SUMS
  algorithm: sha256
`;

/**
 * The same as a program of Slipway. An image is part of every distribution: this one has a file of
 * a few bytes.
 */
export function slipwayProgram(host: string, namespace: string): string {
  return `
import { directoryRelease, Distribution, ociRegistry } from "@slipway";
const distribution = new Distribution(${JSON.stringify(program)}, {
  version: ${JSON.stringify(version)},
  ${releasedFields(host, namespace, program)}
  release: directoryRelease({ directory: "releases" }),
});
export const artifacts = distribution.artifacts;
`;
}

/** What is released of it, as fields of a distribution, and where to. @param name of the program, its archives and the image */
export function releasedFields(host: string, namespace: string, name: string): string {
  return `registries: [ociRegistry(${JSON.stringify({ host, namespace })})],
  platforms: ["linux/amd64"],
  binaries: { ${name}: {
    command: ["go", "build", "-trimpath", ${JSON.stringify(`-ldflags=${linkerFlags}`)}, "-o", "{output}/${name}{exe}", "."],
    env: { CGO_ENABLED: "0" },
    sources: ["*.go", "go.mod"],
    platforms: ${JSON.stringify(targets)},
  } },
  archives: { ${name}: {
    binaries: [${JSON.stringify(name)}],
    files: [{ path: "LICENSE", source: "LICENSE" }],
    formats: { windows: "zip" },
  } },
  images: { ${name}: { files: [{ to: "/name", content: ${JSON.stringify(name)} }] } },`;
}
