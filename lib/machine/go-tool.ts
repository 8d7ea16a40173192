import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { isExecutable } from "./search-path";
import { SetupError } from "./setup-error";

/** A program in Go that is built from pinned module versions. */
export interface GoTool {
  name: string;
  /**
   * Directory of the Go module that pins it (go.mod and go.sum), absolute or relative to the
   * repository.
   */
  moduleDir: string;
  /** Package to build: an import path, or "." for the module's own main package. */
  package: string;
  /** The module whose version in go.mod is the tool's version. */
  versionModule: string;
  /**
   * Variables (import path and name) that are set to that version when linking, so that the tool
   * knows it.
   */
  versionVariables: readonly string[];
  /** Whether the variables take the version without its `v`. Default: with it. */
  bareVersion?: boolean;
  /** Build tags. Default: none. */
  tags?: readonly string[];
  /** About how long the first build takes on two cores, downloads included, in seconds. */
  aboutSeconds: number;
  /** Alternative to building it, as a sentence for users; "" if none. */
  instead: string;
}

export const GO_TOOLS = {
  pulumi: {
    name: "pulumi",
    moduleDir: "tools/go/pulumi",
    package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    versionModule: "github.com/pulumi/pulumi/pkg/v3",
    versionVariables: ["github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"],
    aboutSeconds: 360,
    instead: "Or install Pulumi itself, which is then used: https://www.pulumi.com/docs/install/",
  },
  registry: {
    name: "registry",
    moduleDir: "tools/go/registry",
    package: ".",
    versionModule: "github.com/distribution/distribution/v3",
    versionVariables: ["github.com/distribution/distribution/v3/version.version"],
    aboutSeconds: 60,
    instead: "",
  },
  crane: {
    name: "crane",
    moduleDir: "tools/go/crane",
    package: "github.com/google/go-containerregistry/cmd/crane",
    versionModule: "github.com/google/go-containerregistry",
    versionVariables: [
      "github.com/google/go-containerregistry/cmd/crane/cmd.Version",
      "github.com/google/go-containerregistry/pkg/v1/remote/transport.Version",
    ],
    aboutSeconds: 30,
    instead: "",
  },
  "referrers-registry": {
    name: "referrers-registry",
    moduleDir: "tools/go/referrers-registry",
    package: ".",
    versionModule: "github.com/google/go-containerregistry",
    versionVariables: [],
    aboutSeconds: 20,
    instead: "",
  },
  // What podman, skopeo and CRI-O judge signatures with, as a judge.
  "containers-policy": {
    name: "containers-policy",
    moduleDir: "tools/go/containers-policy",
    package: ".",
    versionModule: "go.podman.io/image/v5",
    versionVariables: [],
    // GnuPG's library in C is not needed for Sigstore's signatures.
    tags: ["containers_image_openpgp"],
    aboutSeconds: 30,
    instead: "",
  },
  // The two that follow are for tests of scans.
  "osv-scanner": {
    name: "osv-scanner",
    moduleDir: "tools/go/osv-scanner",
    package: "github.com/google/osv-scanner/cmd/osv-scanner",
    versionModule: "github.com/google/osv-scanner",
    versionVariables: [],
    aboutSeconds: 180,
    instead: "",
  },
  "trivy-database": {
    name: "trivy-database",
    moduleDir: "tools/go/trivy-database",
    package: ".",
    versionModule: "go.etcd.io/bbolt",
    versionVariables: [],
    aboutSeconds: 20,
    instead: "",
  },
  // The client of an index of kubectl plugins, as a judge of what is put there.
  krew: {
    name: "krew",
    moduleDir: "tools/go/krew",
    package: "sigs.k8s.io/krew/cmd/krew",
    versionModule: "sigs.k8s.io/krew",
    versionVariables: [],
    aboutSeconds: 60,
    instead: "",
  },
  // The registry of MCP servers, as a judge of what is published there.
  "mcp-registry": {
    name: "mcp-registry",
    moduleDir: "tools/go/mcp-registry",
    package: "github.com/modelcontextprotocol/registry/cmd/registry",
    versionModule: "github.com/modelcontextprotocol/registry",
    versionVariables: ["main.Version"],
    aboutSeconds: 40,
    instead: "",
  },
  // What runs and checks files of compose, and what checks manifests of Kubernetes, as judges.
  compose: {
    name: "compose",
    moduleDir: "tools/go/compose",
    package: "github.com/docker/compose/v5/cmd",
    versionModule: "github.com/docker/compose/v5",
    versionVariables: ["github.com/docker/compose/v5/internal.Version"],
    aboutSeconds: 90,
    instead: "",
  },
  kubeconform: {
    name: "kubeconform",
    moduleDir: "tools/go/kubeconform",
    package: "github.com/yannh/kubeconform/cmd/kubeconform",
    versionModule: "github.com/yannh/kubeconform",
    versionVariables: ["main.version"],
    aboutSeconds: 20,
    instead: "",
  },
  // Who reads workflows of GitHub Actions as GitHub does, as a judge of what is rendered.
  actionlint: {
    name: "actionlint",
    moduleDir: "tools/go/actionlint",
    package: "github.com/rhysd/actionlint/cmd/actionlint",
    versionModule: "github.com/rhysd/actionlint",
    versionVariables: ["main.version"],
    aboutSeconds: 15,
    instead: "",
  },
  // An installer that picks a release's archive by its name, as a judge of how they are named.
  eget: {
    name: "eget",
    moduleDir: "tools/go/eget",
    package: "github.com/zyedidia/eget",
    versionModule: "github.com/zyedidia/eget",
    versionVariables: [],
    aboutSeconds: 30,
    instead: "",
  },
  // The clients of charts, of the two generations that are in use, as judges of what is published.
  helm: {
    name: "helm",
    moduleDir: "tools/go/helm",
    package: "helm.sh/helm/v4/cmd/helm",
    versionModule: "helm.sh/helm/v4",
    versionVariables: ["helm.sh/helm/v4/internal/version.version"],
    aboutSeconds: 250,
    instead: "",
  },
  "helm-v3": {
    name: "helm-v3",
    moduleDir: "tools/go/helm-v3",
    package: "helm.sh/helm/v3/cmd/helm",
    versionModule: "helm.sh/helm/v3",
    versionVariables: ["helm.sh/helm/v3/internal/version.version"],
    aboutSeconds: 120,
    instead: "",
  },
  // Peers of the benchmarks; nothing else needs them.
  regctl: {
    name: "regctl",
    moduleDir: "tools/go/regctl",
    package: "github.com/regclient/regclient/cmd/regctl",
    versionModule: "github.com/regclient/regclient",
    versionVariables: [],
    aboutSeconds: 30,
    instead: "",
  },
  oras: {
    name: "oras",
    moduleDir: "tools/go/oras",
    package: "oras.land/oras/cmd/oras",
    versionModule: "oras.land/oras",
    versionVariables: [],
    aboutSeconds: 30,
    instead: "",
  },
  // The newest version whose dependencies the public module proxy has, and that the Go of the
  // others builds.
  goreleaser: {
    name: "goreleaser",
    moduleDir: "tools/go/goreleaser",
    package: "github.com/goreleaser/goreleaser/v2",
    versionModule: "github.com/goreleaser/goreleaser/v2",
    versionVariables: ["main.version"],
    aboutSeconds: 600,
    instead: "",
  },
  // Independent judges of signatures, of the two generations that are in use. Only tests and
  // benchmarks need them.
  cosign: {
    name: "cosign",
    moduleDir: "tools/go/cosign",
    package: "github.com/sigstore/cosign/v3/cmd/cosign",
    versionModule: "github.com/sigstore/cosign/v3",
    versionVariables: [],
    aboutSeconds: 240,
    instead: "",
  },
  "cosign-v2": {
    name: "cosign-v2",
    moduleDir: "tools/go/cosign-v2",
    package: "github.com/sigstore/cosign/v2/cmd/cosign",
    versionModule: "github.com/sigstore/cosign/v2",
    versionVariables: [],
    aboutSeconds: 240,
    instead: "",
  },
  // What builds Dockerfiles: the official provider's plugin, and BuildKit where no Docker with
  // buildx is installed.
  "pulumi-resource-docker-build": {
    name: "pulumi-resource-docker-build",
    moduleDir: "tools/go/docker-build",
    package: "github.com/pulumi/pulumi-docker-build/provider/cmd/pulumi-resource-docker-build",
    versionModule: "github.com/pulumi/pulumi-docker-build",
    versionVariables: ["github.com/pulumi/pulumi-docker-build/provider.Version"],
    bareVersion: true,
    aboutSeconds: 240,
    instead: "Or install the plugin, which is then used: pulumi plugin install resource docker-build 0.0.22",
  },
  buildkitd: {
    name: "buildkitd",
    moduleDir: "tools/go/buildkit",
    package: "github.com/moby/buildkit/cmd/buildkitd",
    versionModule: "github.com/moby/buildkit",
    versionVariables: ["github.com/moby/buildkit/version.Version"],
    aboutSeconds: 120,
    instead: "",
  },
  buildctl: {
    name: "buildctl",
    moduleDir: "tools/go/buildkit",
    package: "github.com/moby/buildkit/cmd/buildctl",
    versionModule: "github.com/moby/buildkit",
    versionVariables: ["github.com/moby/buildkit/version.Version"],
    aboutSeconds: 30,
    instead: "",
  },
  "docker-buildx": {
    name: "docker-buildx",
    moduleDir: "tools/go/buildx",
    package: "github.com/docker/buildx/cmd/buildx",
    versionModule: "github.com/docker/buildx",
    versionVariables: ["github.com/docker/buildx/version.Version"],
    aboutSeconds: 90,
    instead: "",
  },
} as const satisfies Record<string, GoTool>;

/** The version that a tool's go.mod pins, for example "v3.276.0". */
export function pinnedVersion(tool: GoTool, moduleDir: string): string {
  const text = readFileSync(join(moduleDir, "go.mod"), "utf8");
  const pattern = new RegExp(`^(?:require)?\\s*${tool.versionModule.replace(/[.]/g, "\\.")}\\s+(v\\S+)`, "m");
  const version = pattern.exec(text)?.[1];
  if (version === undefined) {
    throw new SetupError(
      `${join(moduleDir, "go.mod")} does not require ${tool.versionModule}, so the version of ${tool.name} is unknown.`,
      `Add it: (cd ${moduleDir} && go get ${tool.versionModule}@VERSION)`,
    );
  }
  return version;
}

/** The Go version that a module asks for, for example "1.26". */
export function requiredGo(moduleDir: string): string {
  return /^go\s+(\S+)/m.exec(readFileSync(join(moduleDir, "go.mod"), "utf8"))?.[1] ?? "1.26";
}

/** Linker flags: no symbol table (half the size), and the version where the tool looks for it. */
export function linkerFlags(tool: GoTool, moduleDir: string): string {
  const pinned = pinnedVersion(tool, moduleDir);
  const version = tool.bareVersion === true ? pinned.replace(/^v/, "") : pinned;
  return ["-s -w", ...tool.versionVariables.map((variable) => `-X ${variable}=${version}`)].join(" ");
}

/**
 * Key of one build: everything that decides the program but the Go release, which is noted in the
 * build's record instead. So a cached tool is found without asking Go, or without Go at all.
 */
export function buildKey(tool: GoTool, moduleDir: string): string {
  const hash = createHash("sha256");
  const further = readdirSync(moduleDir).filter((file) => file.endsWith(".go") && file !== "main.go");
  for (const file of ["go.mod", "go.sum", "main.go", ...further.sort()]) {
    const path = join(moduleDir, file);
    hash.update(`${file}\0${existsSync(path) ? readFileSync(path, "utf8") : ""}\0`);
  }
  hash.update(`${tool.package}\0${linkerFlags(tool, moduleDir)}\0${process.platform}-${process.arch}`);
  return hash.digest("hex").slice(0, 16);
}

/** Returns where the build of a tool lies, or will lie, below the cache directory. */
export function builtPath(tool: GoTool, moduleDir: string, cache: string): string {
  return join(cache, "tools", `${tool.name}-${buildKey(tool, moduleDir)}`, tool.name);
}

/** The built tool, if the cache has it. Runs nothing. */
export function cachedTool(tool: GoTool, moduleDir: string, cache: string): string | undefined {
  const path = builtPath(tool, moduleDir, cache);
  return isExecutable(path) ? path : undefined;
}
