import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import * as path from "node:path";
import { buildkitStart, removeBuilder } from "../../lib/embedded/builder";
import { dockerBuildPlugin, requireBuildKit } from "../support/buildkit";
import { crane } from "../support/clients";
import { EngineProject } from "../support/engine";
import { startDistribution, type TestRegistry } from "../support/registries";
import { requireTools } from "../support/tools";

describe("the embedded builder", function () {
  this.timeout(300_000);
  let registry: TestRegistry;
  let project: EngineProject;

  before(async function () {
    requireTools(this, "pulumi", "registry", "crane");
    requireBuildKit(this);
    registry = await startDistribution();
    project = await EngineProject.create({
      program: program("one"),
      files: { "app/Dockerfile": "FROM scratch\nCOPY app.txt /\n", "app/app.txt": "1\n" },
      plugins: { "docker-build": dockerBuildPlugin() },
    });
  });
  after(async () => {
    if (project) await removeBuilder(project.directory);
    await project?.remove();
    await registry?.stop();
  });

  const program = (label: string) => `
import { Distribution, ociRegistry } from "@slipway";
new Distribution("acme", {
  branch: "main",
  registries: [ociRegistry({ host: "${registry.host}", namespace: "acme" })],
  platforms: ["linux/amd64"],
  tags: () => [{ tag: "main", moves: "always", published: true }],
  images: { app: { dockerfile: "app/Dockerfile", context: "app", builder: "embedded", labels: { of: "${label}" } } },
  trust: { sbom: false, provenance: false },
});
`;

  const labels = async () =>
    (
      JSON.parse(await crane(["config", `${registry.host}/acme/app:main`])) as {
        config: { Labels: Record<string, string> };
      }
    ).config.Labels;

  it("is started by what builds: a preview, and one of a change, starts none", async () => {
    await project.preview();
    assert.equal(buildkitStart(project.directory), undefined);
    assert.equal(existsSync(path.join(project.directory, ".slipway", "builder")), false);
    await project.upWithoutPreview();
    assert.ok(buildkitStart(project.directory));
    assert.equal((await labels()).of, "one");

    await removeBuilder(project.directory);
    await project.write({ "app/app.txt": "2\n" });
    await project.preview();
    assert.equal(buildkitStart(project.directory), undefined);
  });

  it("is started for a change that no context has", async () => {
    await project.upWithoutPreview();
    await removeBuilder(project.directory);
    await project.program(program("two"));
    await project.preview();
    assert.equal(buildkitStart(project.directory), undefined);
    await project.upWithoutPreview();
    assert.equal((await labels()).of, "two");
  });
});
