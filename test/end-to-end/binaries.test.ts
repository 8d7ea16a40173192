import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { machinePlatform } from "../../lib/command/executable-format";
import { runClient } from "../support/clients";
import { EngineProject, resourceCounts } from "../support/engine";
import { startDistribution, type TestRegistry } from "../support/registries";
import { requirement } from "../support/requirement";
import { startStaticServer } from "../support/static-server";
import { requireTools } from "../support/tools";
import { tagDigests } from "./observation";

/** Target, archive, and what `file` says of the program in it. */
const targets: readonly [platform: string, archive: string, said: RegExp][] = [
  ["linux/amd64", "hello_1.0.0_linux_amd64.tar.gz", /^ELF 64-bit LSB executable, x86-64.*statically linked/],
  ["linux/arm64", "hello_1.0.0_linux_arm64.tar.gz", /^ELF 64-bit LSB executable, ARM aarch64/],
  ["darwin/amd64", "hello_1.0.0_darwin_amd64.tar.gz", /^Mach-O 64-bit x86_64 executable/],
  ["darwin/arm64", "hello_1.0.0_darwin_arm64.tar.gz", /^Mach-O 64-bit arm64 executable/],
  ["windows/amd64", "hello_1.0.0_windows_amd64.zip", /^PE32\+ executable .* x86-64/],
  ["windows/arm64", "hello_1.0.0_windows_arm64.zip", /^PE32\+ executable .* (Aarch64|ARM64)/i],
];

/**
 * `{version}` is embedded at link time. A toolchain that is missing for a target is a file that is
 * not a source.
 */
const build = [
  `echo "$GOOS/$GOARCH" >> "$BUILDS"`,
  `if [ -e "$BUILDS.broken-$GOOS-$GOARCH" ]; then echo "no toolchain for $GOOS/$GOARCH" >&2; exit 3; fi`,
  `go build -trimpath -ldflags "-s -w -X main.version={version}" -o "{output}/hello{exe}" .`,
].join("; ");

function program(registry: string): string {
  return `
import { Distribution, directoryRelease, ociRegistry } from "@slipway";

const hello = new Distribution("hello", {
  version: "v1.0.0",
  registries: [ociRegistry({ host: ${JSON.stringify(registry)} })],
  platforms: ["linux/amd64"],
  images: { hello: { files: [{ to: "/hello", binary: "hello" }] } },
  binaries: {
    hello: {
      command: ${JSON.stringify(build)},
      sources: ["**/*.go", "go.mod"],
      env: { CGO_ENABLED: "0", GOFLAGS: "-buildvcs=false -p=1" },
      platforms: ${JSON.stringify(targets.map(([platform]) => platform))},
      test: { command: ["{file}", "--version"], prints: "^hello {version}$" },
    },
  },
  archives: {
    hello: {
      binaries: ["hello"],
      files: [{ path: "README.md", source: "README.md" }, { path: "LICENSE", source: "LICENSE" }],
      formats: { windows: "zip" },
      checksums: "SHA256SUMS",
      alsoNames: ["hello_latest_{os}_{arch}"],
    },
  },
  release: directoryRelease({ directory: "public", name: "acme/hello", title: "Hello {tag}" }),
});
export const artifacts = hello.artifacts;
`;
}

const source = `package main

import "os"

var version = "unknown"

func main() {
	if len(os.Args) > 1 && os.Args[1] == "--version" {
		os.Stdout.WriteString("hello " + version + "\\n")
	}
}
`;

describe("binaries, archives and a release, through the engine", function () {
  let registry: TestRegistry;
  let project: EngineProject;
  let folder: string;
  const projects: EngineProject[] = [];

  async function create(): Promise<EngineProject> {
    const created = await EngineProject.create({
      program: program(registry.host),
      files: {
        "main.go": source,
        "go.mod": "module hello\n\ngo 1.21\n",
        "README.md": "# hello\n",
        LICENSE: "Apache-2.0\n",
      },
      env: { BUILDS: path.join(folder, "builds.log") },
    });
    projects.push(created);
    return created;
  }

  before(async function () {
    requireTools(this, "go", "tar", "unzip", "file", "sha256sum", "curl", "python3");
    this.timeout(300_000);
    folder = await mkdtemp(path.join(tmpdir(), "slipway-binaries-"));
    registry = await startDistribution();
    project = await create();
  });
  after(async () => {
    for (const created of projects) await created.remove();
    await registry?.stop();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  /** Targets that were built since the last call, sorted. */
  async function takeBuilds(): Promise<string[]> {
    const log = path.join(folder, "builds.log");
    const text = await readFile(log, "utf8").catch(() => "");
    await rm(log, { force: true });
    return text.split("\n").filter(Boolean).sort();
  }

  const all = targets.map(([platform]) => platform).sort();

  it("one target's build fails: the others finish, nothing is published, and the message has command, exit code and last lines", async function () {
    this.timeout(300_000);
    await writeFile(`${path.join(folder, "builds.log")}.broken-darwin-arm64`, "");
    const text = await project.fail(["up", "--yes", "--skip-preview", "--stack", "dev"]);
    assert.match(text, /command failed: echo "\$GOOS\/\$GOARCH"/);
    assert.match(text, /exit code 3, in /);
    assert.match(text, /no toolchain for darwin\/arm64/);
    assert.deepEqual(await takeBuilds(), all);
    assert.deepEqual(await tagDigests(`${registry.host}/hello`).catch(() => ({})), {});
    await assert.rejects(readdir(path.join(project.directory, "public")));
  });

  it("the next update builds only that one, and publishes", async function () {
    this.timeout(300_000);
    await rm(`${path.join(folder, "builds.log")}.broken-darwin-arm64`);
    await project.up();
    assert.deepEqual(await takeBuilds(), ["darwin/arm64"]);
    assert.deepEqual(await readdir(path.join(project.directory, "public/acme/hello/releases/download")), [
      "v1.0.0",
    ]);
  });

  it("CORE-14: CORE-15: CORE-16: CORE-17: every archive can be had by curl, is checked by sha256sum, and holds the right program", async () => {
    const server = await startStaticServer(path.join(project.directory, "public"));
    try {
      const base = `${server.url}/acme/hello/releases/download/v1.0.0`;
      const downloads = await mkdtemp(path.join(folder, "downloads-"));
      const names = targets.flatMap(([, archive]) => [archive, archive.replace("1.0.0", "latest")]);
      for (const name of [...names, "SHA256SUMS"]) {
        await runClient("curl", ["-fsSL", "-o", path.join(downloads, name), `${base}/${name}`]);
      }
      const check = ["-c", `cd "$0" && sha256sum -c --strict SHA256SUMS`, downloads];
      assert.equal((await runClient("sh", check)).split("\n").length, names.length);
      for (const [platform, archive, said] of targets) {
        const target = await mkdtemp(path.join(folder, "unpacked-"));
        const windows = platform.startsWith("windows");
        const name = windows ? "hello.exe" : "hello";
        const file = path.join(downloads, archive);
        if (windows) await runClient("unzip", ["-q", file, "-d", target]);
        else await runClient("tar", ["-xzf", file, "-C", target]);
        assert.deepEqual((await readdir(target)).sort(), ["LICENSE", "README.md", "SHA256SUMS", name].sort());
        assert.match(await runClient("file", ["-b", path.join(target, name)]), said);
        const inner = ["-c", `cd "$0" && sha256sum -c --strict SHA256SUMS`, target];
        assert.equal((await runClient("sh", inner)).split("\n").length, 3);
      }
      await writeFile(path.join(downloads, names[0] ?? ""), "x", { flag: "a" });
      await assert.rejects(runClient("sh", check), /1 computed checksum did NOT match/);
    } finally {
      await server.stop();
    }
  });

  it("CORE-16: MESH-10: MESH-11: the native program under latest runs after curl | tar, and prints the embedded version", async function () {
    const here = machinePlatform();
    requirement(this, here.startsWith("linux/"), `there is no archive for ${here} that tar unpacks here`);
    const server = await startStaticServer(path.join(project.directory, "public"));
    try {
      const url = `${server.url}/acme/hello/releases/latest/download/hello_latest_${here.replace("/", "_")}.tar.gz`;
      const target = await mkdtemp(path.join(folder, "native-"));
      const script = `cd "$0" && curl -fsSL "$1" | tar -xz && ./hello --version`;
      assert.equal(await runClient("sh", ["-c", script, target, url]), "hello v1.0.0");
    } finally {
      await server.stop();
    }
  });

  it("changes nothing the second time", async () => {
    const text = await project.up();
    assert.deepEqual(Object.keys(resourceCounts(text)), ["unchanged"]);
    assert.deepEqual(await takeBuilds(), []);
  });

  it("PROD-04: a plain update puts back what was deleted from the release, and needs nothing else of dist", async () => {
    const asset = path.join(project.directory, "public/acme/hello/releases/download/v1.0.0/SHA256SUMS");
    const before = await readFile(asset, "utf8");
    await rm(asset);
    await rm(path.join(project.directory, "dist"), { recursive: true });
    const preview = await project.preview();
    assert.match(preview, /published/);
    await project.upWithoutPreview();
    assert.equal(await readFile(asset, "utf8"), before);
    assert.deepEqual(await readdir(path.join(project.directory, "dist/dev/v1.0.0")), ["SHA256SUMS"]);
    assert.deepEqual(await takeBuilds(), []);
  });

  it("two clones make the same bytes", async function () {
    this.timeout(300_000);
    const clone = await create();
    await clone.upWithoutPreview();
    const sums = "public/acme/hello/releases/download/v1.0.0/SHA256SUMS";
    assert.equal(await clone.read(sums), await project.read(sums));
  });
});
