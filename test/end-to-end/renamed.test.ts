import assert from "node:assert/strict";
import { parseReleaseList } from "../../lib/release/release-list";
import { crane } from "../support/clients";
import { EngineProject, resourceCounts } from "../support/engine";
import { startDistribution, type TestRegistry } from "../support/registries";
import { requireTools } from "../support/tools";

describe("a distribution that gets another name", function () {
  this.timeout(300_000);
  let registry: TestRegistry;
  let project: EngineProject;

  function program(name: string, version: string, options = ""): string {
    return `
import { directoryRelease, Distribution, ociRegistry, throwAwayKey } from "@slipway";
new Distribution(${JSON.stringify(name)}, {
  version: ${JSON.stringify(version)},
  registries: [ociRegistry({ host: ${JSON.stringify(registry.host)} })],
  platforms: ["linux/amd64"],
  images: { app: { files: [{ to: "/version", content: ${JSON.stringify(version)} }] } },
  binaries: { tool: { command: "echo {version} > {output}/tool", sources: ["source.txt"], executable: false } },
  archives: { tool: { binaries: ["tool"] } },
  release: directoryRelease({ directory: "public" }),
  trust: { sign: throwAwayKey() },
}, ${options});
`;
  }

  before(async function () {
    requireTools(this, "pulumi", "registry", "crane");
    registry = await startDistribution();
    project = await EngineProject.create({
      program: program("hello", "v1.0.0"),
      files: { "source.txt": "1" },
    });
    await project.upWithoutPreview();
  });
  after(async () => {
    await project?.remove();
    await registry?.stop();
  });

  const listed = async () =>
    parseReleaseList(Buffer.from(await project.read("public/releases.json")))?.map(({ version }) => version);

  it("and says what it was called is unchanged, and keeps what it has published", async () => {
    await project.program(program("greeter", "v1.0.0", `{ aliases: [{ name: "hello" }] }`));
    assert.deepEqual(Object.keys(resourceCounts(await project.preview())), ["unchanged"]);
    await project.program(program("greeter", "v1.1.0", `{ aliases: [{ name: "hello" }] }`));
    await project.upWithoutPreview();
    // The alias has done its part.
    await project.program(program("greeter", "v1.1.0"));
    assert.deepEqual(Object.keys(resourceCounts(await project.upWithoutPreview())), ["unchanged"]);
    assert.deepEqual(await listed(), ["v1.1.0", "v1.0.0"]);
    await crane(["delete", `${registry.host}/app:v1.0.0`]);
    const preview = await project.preview();
    assert.match(preview, /somebody deleted \S+\/app:v1\.0\.0, published with v1\.0\.0/);
    await project.upWithoutPreview();
    await crane(["manifest", `${registry.host}/app:v1.0.0`]);
  });

  it("and does not say so begins a new ledger, and what was listed stays so", async () => {
    await project.program(program("other", "v1.1.0"));
    await project.upWithoutPreview();
    assert.deepEqual(await listed(), ["v1.1.0", "v1.0.0"]);
  });
});
