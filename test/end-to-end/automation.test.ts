import assert from "node:assert/strict";
import { LocalWorkspace, type Stack } from "@pulumi/pulumi/automation";
import { Distribution, ociRegistry } from "../../components";
import { EngineProject } from "../support/engine";
import { startDistribution, type TestRegistry } from "../support/registries";
import { tagDigests } from "./observation";

describe("the Automation API with an inline program", () => {
  let registry: TestRegistry;
  let project: EngineProject;
  let stack: Stack;
  let searchPath: string | undefined;

  before(async () => {
    registry = await startDistribution();
    // Its folder, state and environment; the program is the one below.
    project = await EngineProject.create({ program: "", files: { "app.txt": "one\n" } });
    // The Automation API looks for the CLI on the PATH of its own process.
    searchPath = process.env.PATH;
    process.env.PATH = project.env.PATH;
    stack = await LocalWorkspace.createStack(
      {
        stackName: "automated",
        projectName: "test",
        program: async () => {
          const app = new Distribution("app", {
            version: "v1.0.0",
            registries: [ociRegistry({ host: registry.host })],
            platforms: ["linux/amd64"],
            images: { app: { files: [{ to: "/app.txt", source: "app.txt" }] } },
          });
          return { published: app.published };
        },
      },
      // The folder's Pulumi.yaml says where the provider is.
      { workDir: project.directory, envVars: project.env as Record<string, string> },
    );
  });

  after(async () => {
    if (searchPath !== undefined) process.env.PATH = searchPath;
    await project?.remove();
    await registry?.stop();
  });

  it("previews", async () => {
    const { changeSummary } = await stack.preview();
    assert.deepEqual(changeSummary, { create: 10 });
    assert.deepEqual(await tagDigests(`${registry.host}/app`), {});
  });

  it("updates, and gives the outputs", async () => {
    const { summary, outputs } = await stack.up();
    assert.equal(summary.result, "succeeded");
    assert.deepEqual(summary.resourceChanges, { create: 10 });
    const tags = await tagDigests(`${registry.host}/app`);
    assert.deepEqual(Object.keys(tags), ["latest", "v1", "v1.0", "v1.0.0"]);
    const published = outputs.published?.value as Record<string, { digest: string; platforms: string[] }>;
    assert.equal(published.app?.digest, tags["v1.0.0"]);
    assert.deepEqual(published.app?.platforms, ["linux/amd64"]);
    assert.deepEqual((await stack.outputs()).published?.value, published);
  });

  it("changes nothing the second time", async () => {
    const { summary } = await stack.up();
    assert.deepEqual(summary.resourceChanges, { same: 10 });
  });
});
