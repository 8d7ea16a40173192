import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { promisify } from "node:util";
import { crane, runClient } from "../../test/support/clients";

/**
 * What both sides build: five images with the shape of TinyOlly's, for two platforms. A shared base
 * with what an installer writes, two children of it, a Go program in two stages, and a small image
 * beside them.
 */

export const platforms = ["linux/amd64", "linux/arm64"] as const;
export const version = "v2.0.0";
/** What the rule of Slipway makes of the version; the peer gets the same list. */
export const tags = [version, "v2.0", "v2", "latest"] as const;
export const namespace = "tinyolly";
export const builderName = "bench";

const commit = "0123456789abcdef0123456789abcdef01234567";
const source = "https://github.com/tinyolly/tinyolly";
const licenses = "BSD-3-Clause";

/** Files that the installer writes, and the size of each in bytes: 20 MB for each platform. */
const installed = { files: 200, bytes: 100_000 };

interface FixtureBuild {
  dockerfile: string;
  base?: string;
  buildArgs?: Record<string, string>;
}

const images: Readonly<Record<string, FixtureBuild>> = {
  "python-base": { dockerfile: "docker/Dockerfile.python-base" },
  ui: { dockerfile: "docker/Dockerfile.app", base: "python-base", buildArgs: { APP_DIR: "tinyolly-ui" } },
  "otlp-receiver": {
    dockerfile: "docker/Dockerfile.app",
    base: "python-base",
    buildArgs: { APP_DIR: "tinyolly-otlp-receiver" },
  },
  "opamp-server": { dockerfile: "docker/Dockerfile.opamp-server" },
  "otel-supervisor": { dockerfile: "docker/Dockerfile.otel-supervisor" },
};

export const imageNames = Object.keys(images);

/** Which image each is built on, where it is one of these. */
export const baseOf = (name: string): string | undefined => images[name]?.base;

/**
 * The base as the Dockerfiles of the children have it; bake knows contexts without `:latest` only.
 */
const baseName = "tinyolly/python-base";

/**
 * Bytes that hardly compress, from a fixed seed: what is installed is the same in every run and on
 * both sides.
 */
const installerSource = `package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"strconv"
)

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	}
}

func main() {
	files, _ := strconv.Atoi(os.Args[2])
	size, _ := strconv.Atoi(os.Args[3])
	check(os.MkdirAll(os.Args[1], 0o755))
	state := uint64(88172645463325252)
	for file := 0; file < files; file++ {
		content := make([]byte, 0, size+8)
		for len(content) < size {
			state ^= state << 13
			state ^= state >> 7
			state ^= state << 17
			content = binary.LittleEndian.AppendUint64(content, state)
		}
		check(os.WriteFile(fmt.Sprintf("%s/module-%d", os.Args[1], file), content[:size], 0o644))
		fmt.Println("installed module", file)
	}
}
`;

/** References of the images that the Dockerfiles start from. */
export interface ExternalImages {
  runtime: string;
  toolchain: string;
}

/**
 * Publishes the images that the Dockerfiles start from: one with the installer for both platforms,
 * and the Go toolchain of this machine for the builder's.
 */
export async function publishExternalImages(host: string): Promise<ExternalImages> {
  const folder = await mkdtemp(path.join(tmpdir(), "slipway-external-"));
  try {
    const runtime = `${host}/external/runtime:3.12.1`;
    await mkdir(path.join(folder, "installer"));
    await writeFile(path.join(folder, "installer", "main.go"), installerSource);
    await writeFile(path.join(folder, "installer", "go.mod"), "module example.org/installer\n\ngo 1.26\n");
    const perPlatform: string[] = [];
    for (const platform of platforms) {
      const architecture = platform.split("/")[1] ?? "";
      const root = path.join(folder, architecture);
      await go(path.join(folder, "installer"), architecture, path.join(root, "bin", "install"));
      perPlatform.push(await pushFiles(`${runtime}-${architecture}`, platform, ["-C", root, "bin"], root));
    }
    await crane(["index", "append", ...perPlatform.flatMap((image) => ["-m", image]), "-t", runtime]);

    const toolchain = `${host}/external/toolchain:1.26.0`;
    const goroot = (await promisify(execFile)("go", ["env", "GOROOT"])).stdout.trim();
    const goFiles = ["--exclude=testdata", "--exclude=*_test.go", "--exclude=pkg/obj", "-C", goroot];
    await pushFiles(
      toolchain,
      `linux/${process.arch === "arm64" ? "arm64" : "amd64"}`,
      ["--transform", "s,^,go/,", ...goFiles, "bin", "pkg", "src", "lib", "go.env", "VERSION"],
      path.join(folder, "toolchain"),
    );
    return { runtime, toolchain };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function go(folder: string, architecture: string, output: string): Promise<void> {
  const env = { ...process.env, GOARCH: architecture, GOOS: "linux", CGO_ENABLED: "0", GOWORK: "off" };
  const args = ["build", "-trimpath", "-ldflags", "-s -w", "-o", output, "."];
  await promisify(execFile)("go", args, { cwd: folder, env });
}

/** An image with one layer. @returns its reference */
async function pushFiles(reference: string, platform: string, tar: string[], name: string): Promise<string> {
  const archive = `${name}.tar`;
  await runClient("tar", ["-c", "-f", archive, "--owner=0", "--group=0", ...tar]);
  await crane(["append", "--oci-empty-base", "-f", archive, "-t", reference]);
  await crane(["mutate", reference, "--set-platform", platform, "-t", reference]);
  return reference;
}

/** Files of a project, of either side. */
export function projectFiles({ runtime, toolchain }: ExternalImages): Record<string, string> {
  const module = (name: string) =>
    Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [
        `docker/apps/${name}/module_${index}.py`,
        `print("${name} ${index}")\n`.repeat(200),
      ]),
    );
  return {
    "docker/Dockerfile.python-base": [
      `FROM ${runtime}`,
      "COPY requirements.txt /requirements.txt",
      `RUN ["/bin/install", "/usr/lib/site-packages", "${installed.files}", "${installed.bytes}"]`,
      "",
    ].join("\n"),
    "docker/Dockerfile.app": [
      `FROM ${baseName}:latest`,
      "ARG APP_DIR",
      "COPY ${APP_DIR} /app",
      `RUN ["/bin/install", "/var/lib/app", "10", "1000"]`,
      `CMD ["/bin/install"]`,
      "",
    ].join("\n"),
    "docker/Dockerfile.opamp-server": [
      `FROM --platform=$BUILDPLATFORM ${toolchain} AS build`,
      "ARG TARGETOS TARGETARCH",
      "ENV GOROOT=/go GOCACHE=/tmp/cache GOPATH=/tmp/path GOFLAGS=-mod=mod GOPROXY=off GOTOOLCHAIN=local CGO_ENABLED=0",
      "ENV GOOS=$TARGETOS GOARCH=$TARGETARCH",
      // The toolchain is all there is in the image: this makes the folder.
      "WORKDIR /tmp",
      "WORKDIR /src",
      "COPY opamp-server /src",
      `RUN ["/go/bin/go", "build", "-trimpath", "-ldflags=-s -w -buildid=", "-o", "/out/opamp-server", "."]`,
      "FROM scratch",
      "COPY --from=build /out/opamp-server /opamp-server",
      `ENTRYPOINT ["/opamp-server"]`,
      "",
    ].join("\n"),
    "docker/Dockerfile.otel-supervisor": [
      `FROM ${runtime}`,
      "COPY supervisor.yaml /etc/supervisor.yaml",
      "USER 10001",
      "",
    ].join("\n"),
    "docker/apps/requirements.txt": "fastapi==0.110.0\n",
    "docker/apps/supervisor.yaml": "agent: {}\n",
    "docker/apps/opamp-server/go.mod": "module example.org/opamp\n\ngo 1.26\n",
    "docker/apps/opamp-server/main.go": opampSource,
    ...module("tinyolly-ui"),
    ...module("tinyolly-otlp-receiver"),
  };
}

const opampSource = `package main

import (
	"encoding/json"
	"os"
)

func main() {
	_ = json.NewEncoder(os.Stdout).Encode(map[string]string{"status": "ok"})
}
`;

/** The program of Slipway. @param host registry that is published to */
export function slipwayProgram(host: string): string {
  const declared = Object.fromEntries(
    Object.entries(images).map(([name, image]) => [
      name,
      { ...image, context: "docker/apps", builder: builderName },
    ]),
  );
  return `
import { Distribution, ociRegistry } from "@slipway";
const release = new Distribution("tinyolly", {
  version: ${JSON.stringify(version)},
  commit: ${JSON.stringify(commit)},
  source: ${JSON.stringify(source)},
  licenses: ${JSON.stringify(licenses)},
  registries: [ociRegistry(${JSON.stringify({ host, namespace })})],
  platforms: ${JSON.stringify(platforms)},
  images: ${JSON.stringify(declared)},
});
export const published = release.published;
`;
}

/**
 * The same for `docker buildx bake`: labels, annotations, times and tags are those that Slipway
 * gives.
 */
export function bakeFile(host: string): string {
  const target = Object.fromEntries(
    Object.entries(images).map(([name, { dockerfile, base, buildArgs }]) => {
      const facts = Object.entries(standardAnnotations(name));
      return [
        name,
        {
          context: "docker/apps",
          dockerfile: `../../${dockerfile}`,
          platforms,
          args: { SOURCE_DATE_EPOCH: "0", ...buildArgs },
          labels: Object.fromEntries(facts),
          annotations: facts.map(([key, value]) => `index,manifest:${key}=${value}`),
          tags: tags.map((tag) => `${host}/${namespace}/${name}:${tag}`),
          output: ["type=image,push=true,oci-mediatypes=true,rewrite-timestamp=true"],
          attest: ["type=provenance,disabled=true"],
          ...(base === undefined ? {} : { contexts: { [baseName]: `target:${base}` } }),
        },
      ];
    }),
  );
  return JSON.stringify({ group: { default: { targets: imageNames } }, target }, undefined, 2);
}

function standardAnnotations(name: string): Record<string, string> {
  const facts = {
    title: name,
    version,
    revision: commit,
    source,
    licenses,
    created: "1970-01-01T00:00:00Z",
  };
  return Object.fromEntries(
    Object.entries(facts).map(([key, value]) => [`org.opencontainers.image.${key}`, value]),
  );
}
