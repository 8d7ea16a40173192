import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import * as path from "node:path";
import type { Context } from "mocha";
import { requireTools } from "../support/tools";
import { requireExamples, type ExampleProject } from "./example-project";
import { runHistory } from "./history";
import { MlosWorkspace, releaseFolder } from "./mlos-published";
import { patchBase } from "./patched-base";

const axonRepository = "mlOS-foundation/axon";
const patch =
  "DISTRO-15, DISTRO-18: a compatible version of a component is a patch, with matrix, change log and labels";
const minor = "G-16: the declared row wins: a minor version";

describe("MLOS Distro: what is published after each step of its life", function () {
  this.timeout(600_000);
  let mlos: MlosWorkspace;

  before(async function (this: Context) {
    requireExamples(this);
    requireTools(this, "go", "make");
    mlos = await MlosWorkspace.create();
    await mlos.workspace.registry();
    await mlos.core.onePlatform();
    await mlos.distro.onePlatform();
    await mlos.core.upWithoutPreview();
    await axon("v1.5.0")();
  });
  after(() => mlos?.remove());

  /** Axon publishes a version of its own. */
  const axon = (version: string) => async () => {
    await mlos.axon.set("version", version);
    await mlos.axon.upWithoutPreview();
  };
  const rows = async (project: ExampleProject) =>
    (await project.read("VERSIONS.md")).split("\n").filter((line) => / (Stable|Testing) /.test(line));
  let record: string;

  runHistory(
    {
      project: () => mlos.distro,
      repositories: () => [mlos.repository("mlos")],
      steps: [
        {
          name: "first release",
          preview: ["v1.0.0", "Includes Axon v1.5.0 + MLOS Core v1.0.0"],
          published: { "v1.0.0": "first release", latest: "first release" },
        },
        {
          name: patch,
          change: axon("v1.5.1"),
          config: { axonVersion: "v1.5.1" },
          approved: "mlos-distro",
          preview: [
            /"v1\.0\.0" => "v1\.0\.1"/,
            "Includes Axon v1.5.1 + MLOS Core v1.0.0",
            /slipway:release:VersionMatrix: \(update\)/,
            /slipway:release:Changelog: \(update\)/,
            /org\.mlosfoundation\.component\.axon *: "v1\.5\.0" => "v1\.5\.1"/,
          ],
          published: {
            "v1.0.0": "first release",
            "v1.0.1": patch,
            latest: patch,
          },
          check: async (project) => {
            assert.deepEqual(await rows(project), [
              "| v1.0.0 | v1.5.0 | v1.0.0 |  | Stable | passed |",
              "| v1.0.1 | v1.5.1 | v1.0.0 |  | Stable | passed |",
            ]);
            const { Labels } = await mlos.config("mlos", "v1.0.1");
            assert.equal(Labels?.["org.mlosfoundation.component.axon"], "v1.5.1");
            assert.match(
              await project.read("CHANGELOG.md"),
              /^## \[1\.0\.1\] - \d{4}-\d\d-\d\d\n\n### Changed\n\n- Includes Axon v1\.5\.1 \+ MLOS Core v1\.0\.0$/m,
            );
            record = await project.read("versions.json");
          },
        },
        { name: "another run: what was released is part of the declaration", preview: [] },
        {
          name: "DISTRO-13: a pair whose test fails",
          change: async (project) => {
            await mlos.axon.edit("axon/store.go", (text) => text.replace('"/models/"', '"/model/"'));
            await axon("v1.5.2")();
            assert.equal(await project.read("versions.json"), record);
          },
          config: { axonVersion: "v1.5.2" },
          preview: ["v1.0.2"],
          fails: /check failed: sh compatibility-test\.sh[^]*404/,
          check: async (project) => assert.equal(await project.read("versions.json"), record),
        },
        {
          name: "DISTRO-08: a component whose release was tampered with",
          change: async () => {
            await mlos.axon.edit("axon/store.go", (text) => text.replace('"/model/"', '"/models/"'));
            await axon("v1.5.3")();
            const folder = releaseFolder(mlos.axon, axonRepository, "v1.5.3");
            const file = path.join(folder, "axon_1.5.3_linux_arm64.tar.gz");
            const bytes = await readFile(file);
            bytes[bytes.length >> 1]! ^= 1;
            await writeFile(file, bytes);
          },
          config: { axonVersion: "v1.5.3" },
          fails: /axon_1\.5\.3_linux_arm64\.tar\.gz[^]*sha256:/,
        },
        {
          name: minor,
          change: axon("v1.6.0"),
          config: { axonVersion: "v1.6.0" },
          preview: [/"v1\.0\.1" => "v1\.1\.0"/],
          published: {
            "v1.0.0": "first release",
            "v1.0.1": patch,
            "v1.1.0": minor,
            latest: minor,
          },
        },
        {
          name: "rebuild for a new base",
          config: { rebuilt: "20260131" },
          change: () => patchBase(`${mlos.workspace.host}/bases/debian`, "12", mlos.workspace.signedIn),
          preview: ["v1.1.0-20260131"],
          published: {
            "v1.0.0": "first release",
            "v1.0.1": patch,
            "v1.1.0": minor,
            "v1.1.0-20260131": "rebuild for a new base",
            latest: "rebuild for a new base",
          },
        },
      ],
    },
    ({ name }) => name,
  );

  it("DISTRO-13: an untested pair that the record calls stable is refused by the preview", async () => {
    const before = await mlos.distro.read("versions.json");
    const { versions, tested } = JSON.parse(before) as {
      versions: { version: string; status: string }[];
      tested: [];
    };
    for (const row of versions) if (row.version === "v1.2.0") row.status = "Stable";
    await mlos.distro.write({ "versions.json": JSON.stringify({ versions, tested }) });
    assert.match(
      await mlos.distro.fail(["preview", "--stack", "dev"]),
      /v1\.2\.0 \(Axon v1\.6\.0 \+ MLOS Core v1\.1\.0 \+ SMI Spec v1\.0\.0\) cannot be Stable: it was never tested/,
    );
    await mlos.distro.write({ "versions.json": before });
  });
});
