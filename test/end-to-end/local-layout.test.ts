import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import * as path from "node:path";
import { machinePlatform } from "../../lib/command/executable-format";
import { runClient } from "../support/clients";
import { EngineProject } from "../support/engine";
import { startDistribution, type TestRegistry } from "../support/registries";
import { requirement } from "../support/requirement";
import { startStaticServer } from "../support/static-server";
import { requireTools } from "../support/tools";

/** Targets of MCP Mesh, and what `file` says of programs for them. */
const targets: Readonly<Record<string, RegExp>> = {
  darwin_amd64: /^Mach-O 64-bit x86_64 executable/,
  darwin_arm64: /^Mach-O 64-bit arm64 executable/,
  linux_amd64: /^ELF 64-bit LSB executable, x86-64/,
  linux_arm64: /^ELF 64-bit LSB executable, ARM aarch64/,
};
const programs = ["meshctl", "registry"];
const archives = (version: string) =>
  Object.keys(targets).map((name) => `mcp-mesh_${version}_${name}.tar.gz`);

const source = `package main

import "os"

var version, program = "unknown", "unknown"

func main() {
	if len(os.Args) > 1 && os.Args[1] == "version" {
		os.Stdout.WriteString(program + " " + version + "\\n")
	} else {
		os.Stdout.WriteString("Usage: " + program + " version\\n")
	}
}
`;

function program(registry: string): string {
  return `
import { directoryRelease, Distribution, ociRegistry } from "@slipway";

const { PLATFORMS = ${JSON.stringify(Object.keys(targets).join(",").replaceAll("_", "/"))} } = process.env;
const go = {
  command: 'go build -trimpath -ldflags "-s -w -X main.version={version} -X main.program={name}" -o "{output}/{name}" .',
  sources: ["*.go", "go.mod"],
  env: { CGO_ENABLED: "0", GOFLAGS: "-buildvcs=false -p=1" },
  platforms: PLATFORMS.split(","),
  place: "dist/{os}_{arch}/{name}",
};
const mesh = new Distribution("mcp-mesh", {
  version: "v1.0.0",
  registries: [ociRegistry({ host: ${JSON.stringify(registry)} })],
  platforms: ["linux/amd64"],
  images: { cli: { files: [{ to: "/version", content: "v1.0.0" }] } },
  binaries: {
    meshctl: { ...go, test: { command: ["{file}", "version"], prints: "^meshctl {version}$" } },
    registry: { ...go, test: { command: ["{file}", "--help"], prints: "^Usage: registry" } },
  },
  archives: {
    "mcp-mesh": {
      binaries: ["meshctl", "registry"],
      name: "mcp-mesh_{version}_{os}_{arch}",
      alsoNames: ["mcp-mesh_latest_{os}_{arch}"],
      directory: "dist",
    },
  },
  checksums: { directory: "dist" },
  release: directoryRelease({ directory: "public", name: "dhyansraj/mcp-mesh" }),
});
export const artifacts = mesh.artifacts;
`;
}

describe("binaries of MCP Mesh: local layout, archives and release", function () {
  this.timeout(300_000);
  let registry: TestRegistry;
  let project: EngineProject;
  const projects: EngineProject[] = [];

  async function create(env: Record<string, string> = {}): Promise<EngineProject> {
    const files = { "main.go": source, "go.mod": "module mesh\n\ngo 1.21\n" };
    const created = await EngineProject.create({ program: program(registry.host), files, env });
    projects.push(created);
    return created;
  }

  before(async function () {
    requireTools(this, "go", "tar", "file", "sha256sum", "curl", "python3");
    registry = await startDistribution();
    project = await create();
  });
  after(async () => {
    for (const created of projects) await created.remove();
    await registry?.stop();
  });

  /** Folders of dist that hold programs, and what is in each. */
  async function layout({ directory }: EngineProject): Promise<Record<string, string[]>> {
    const found = await readdir(path.join(directory, "dist"), { withFileTypes: true });
    const folders = found.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    return Object.fromEntries(
      await Promise.all(
        folders.sort().map(async (name) => {
          return [name, (await readdir(path.join(directory, "dist", name))).sort()] as const;
        }),
      ),
    );
  }

  it("MESH-09: MESH-12: dist has both programs for each platform, and so has each archive", async () => {
    await project.upWithoutPreview();
    assert.deepEqual(
      await layout(project),
      Object.fromEntries(Object.keys(targets).map((name) => [name, programs])),
    );
    for (const [name, said] of Object.entries(targets)) {
      for (const file of programs) {
        const placed = path.join(project.directory, "dist", name, file);
        assert.match(await runClient("file", ["-b", placed]), said, `${name}/${file}`);
      }
      const archive = path.join(project.directory, "dist", `mcp-mesh_v1.0.0_${name}.tar.gz`);
      assert.deepEqual((await runClient("tar", ["-tzf", archive])).split("\n").sort(), programs);
    }
  });

  it("MESH-08: MESH-10: the release has four archives, and an alias with the same hash under the latest release", async () => {
    const folder = path.join(project.directory, "public/dhyansraj/mcp-mesh/releases/download/v1.0.0");
    const expected = [...archives("v1.0.0"), ...archives("latest"), "SHA256SUMS"].sort();
    assert.deepEqual((await readdir(folder)).sort(), expected);
    const server = await startStaticServer(path.join(project.directory, "public"));
    const hash = async (url: string) =>
      runClient("sh", [
        "-c",
        `curl -fsSL "$0" | sha256sum`,
        `${server.url}/dhyansraj/mcp-mesh/releases/${url}`,
      ]);
    try {
      for (const [index, alias] of archives("latest").entries()) {
        const versioned = await hash(`download/v1.0.0/${archives("v1.0.0")[index]}`);
        assert.equal(await hash(`latest/download/${alias}`), versioned);
      }
    } finally {
      await server.stop();
    }
  });

  it("MESH-11: the native programs do what their tests ask, with the version embedded", async function () {
    const here = machinePlatform().replace("/", "_");
    requirement(this, here in targets, `MCP Mesh has no programs for ${here}`);
    const run = (name: string, argument: string) =>
      runClient(path.join(project.directory, "dist", here, name), [argument]);
    assert.equal(await run("meshctl", "version"), "meshctl v1.0.0");
    assert.equal(await run("registry", "--help"), "Usage: registry version");
  });

  it("MESH-11: PLATFORMS limits what is built", async () => {
    const limited = await create({ PLATFORMS: "linux/arm64" });
    await limited.upWithoutPreview();
    assert.deepEqual(await layout(limited), { linux_arm64: programs });
    const archived = (await readdir(path.join(limited.directory, "dist"))).filter((name) =>
      name.endsWith(".gz"),
    );
    assert.deepEqual(archived.sort(), [
      "mcp-mesh_latest_linux_arm64.tar.gz",
      "mcp-mesh_v1.0.0_linux_arm64.tar.gz",
    ]);
  });
});
