import assert from "node:assert/strict";
import * as path from "node:path";
import type { Context } from "mocha";
import { crane, runClient } from "../support/clients";
import { requirePythonTools, toolVariables } from "../support/python-packages";
import { requireTools } from "../support/tools";
import { makeCheckout } from "./checkout";
import { ExampleProject, ownPlatform, requireExamples } from "./example-project";
import { ExampleWorkspace } from "./example-workspace";
import { runHistory, type HistoryStep, type PublishedState } from "./history";
import { writeMeshRelease } from "./mcp-mesh-release";

const images = ["registry", "python-runtime", "cli"] as const;

const candidate = "MESH-04: pre-release, with one platform more";

/** The tags of a release that stay for ever. */
const fixedTags = (version: string, step: string): PublishedState => ({
  [version]: step,
  [`v${version}`]: step,
});

const afterFirst = {
  ...fixedTags("1.0.0", "first release"),
  "1.0": "first release",
  latest: "first release",
};
const afterCandidate = { ...afterFirst, ...fixedTags("1.1.0-rc.1", candidate) };
const afterMinor = { ...afterCandidate, ...fixedTags("1.1.0", "minor"), "1.1": "minor", latest: "minor" };
const rebuilt = "1.1.0-20260131";
const afterRebuild = {
  ...afterMinor,
  [rebuilt]: "rebuild for a newer base",
  "1.1": "rebuild for a newer base",
  latest: "rebuild for a newer base",
};

describe("MCP Mesh: what is published after each step of its life", function () {
  this.timeout(600_000);
  let workspace: ExampleWorkspace;
  let project: ExampleProject;

  before(async function (this: Context) {
    requireExamples(this);
    requireTools(this, "go", "git", "make", "python3", "tar", "sha256sum", "file");
    requirePythonTools(this);
    workspace = await ExampleWorkspace.shared();
    const host = await workspace.registry();
    project = await ExampleProject.copyOf("mcp-mesh", {
      workspace,
      env: toolVariables(),
      config: {
        gates: "mandatory",
        watchedBy: "the test",
        ghcr: `${host}/ghcr`,
        // What holds for several is shown by mcp-mesh.test.ts.
        platforms: JSON.stringify([ownPlatform]),
        targets: JSON.stringify([ownPlatform]),
      },
    });
    await makeCheckout(project);
  });
  after(() => workspace?.remove());

  /** A step that releases a version. */
  const release = (version: string) => ({
    config: { version: `v${version}` },
    change: () => writeMeshRelease(project, version),
    preview: [`v${version}`],
  });

  const released = () => path.join(project.directory, ".slipway/releases/dhyansraj/mcp-mesh/releases");
  /** The version that a program of the latest release prints. */
  async function latestIs(version: string): Promise<void> {
    const archive = path.join(
      released(),
      `latest/download/mcp-mesh_latest_${ownPlatform.replace("/", "_")}.tar.gz`,
    );
    await runClient("tar", ["-xzf", archive, "-C", workspace.root, "meshctl"]);
    const printed = await runClient(path.join(workspace.root, "meshctl"), ["version"]);
    assert.ok(printed.startsWith(`meshctl v${version} `), printed);
  }
  /** The archives of a version are those that its sums list. */
  const isWhole = (version: string) =>
    runClient("sh", [
      "-c",
      'cd "$0" && sha256sum -c --strict --quiet SHA256SUMS',
      path.join(released(), `download/v${version}`),
    ]);

  /** A base like Python's for one platform more. Nothing of it is run. */
  async function makeArmV7Base(): Promise<void> {
    const base = `${workspace.host}/bases/python`;
    const other = ["--platform", "linux/arm64", "--set-platform", "linux/arm/v7"];
    await crane(["mutate", `${base}:3.11`, ...other, "--tag", `${base}:3.11-armv7`], workspace.signedIn);
    const more = ["--manifest", `${base}:3.11-armv7`, "--tag", `${base}:3.11-more`];
    await crane(["index", "append", `${base}:3.11`, ...more], workspace.signedIn);
  }
  async function hasArmV7(version: string): Promise<void> {
    for (const name of images) {
      const { manifests } = JSON.parse(await crane(["manifest", `${workspace.host}/${name}:${version}`])) as {
        manifests: { platform: { os: string; architecture: string; variant?: string } }[];
      };
      assert.deepEqual(
        manifests.map(({ platform: { os, architecture, variant = "" } }) =>
          [os, architecture, variant].filter((part) => part !== "").join("/"),
        ),
        [ownPlatform, "linux/arm/v7"],
      );
    }
    const archive = path.join(workspace.root, "registry-arm.tar");
    const image = `${workspace.host}/registry:${version}`;
    await crane(["export", "--platform", "linux/arm/v7", image, archive]);
    await runClient("tar", ["-xf", archive, "-C", workspace.root, "usr/local/bin/registry"]);
    const format = await runClient("file", [path.join(workspace.root, "usr/local/bin/registry")]);
    assert.match(format, /ELF 32-bit LSB executable, ARM/);
  }

  const steps: readonly HistoryStep[] = [
    { name: "first release", ...release("1.0.0"), published: afterFirst, check: () => latestIs("1.0.0") },
    {
      name: candidate,
      config: { version: "v1.1.0-rc.1", pythonImage: "bases/python:3.11-more" },
      change: async () => {
        await writeMeshRelease(project, "1.1.0-rc.1");
        await makeArmV7Base();
        project.env.DOCKER_PLATFORMS = `${ownPlatform},linux/arm/v7`;
      },
      approved: "mcp-mesh",
      preview: ["v1.1.0-rc.1", "registry-linux-arm-v7", "cli-linux-arm-v7", "python-runtime-linux-arm-v7"],
      published: afterCandidate,
      check: async () => {
        project.env.DOCKER_PLATFORMS = "";
        await project.set("pythonImage", "bases/python:3.11");
        await hasArmV7("1.1.0-rc.1");
        await isWhole("1.1.0-rc.1");
        await latestIs("1.0.0");
      },
    },
    {
      name: "minor",
      ...release("1.1.0"),
      published: afterMinor,
      check: async () => {
        for (const version of ["1.0.0", "1.1.0"]) await isWhole(version);
        await latestIs("1.1.0");
      },
    },
    {
      name: "rebuild for a newer base",
      config: { rebuilt: "20260131" },
      change: async () => {
        const base = `${workspace.host}/bases/python:3.11`;
        await crane(["mutate", base, "--label", "security=fixed", "--tag", base], workspace.signedIn);
      },
      preview: ["bases/python:3.11", rebuilt],
      published: afterRebuild,
      // It has no base.
      exceptions: { registry: { ...afterMinor, [rebuilt]: "minor" } },
      check: () => latestIs("1.1.0"),
    },
  ];

  runHistory({
    project: () => project,
    repositories: () =>
      images.flatMap((name) => [`${workspace.host}/${name}`, `${workspace.host}/ghcr/${name}`]),
    steps,
  });
});
