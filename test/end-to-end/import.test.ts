import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import * as path from "node:path";
import { crane, runClient } from "../support/clients";
import { EngineProject, resourceCounts } from "../support/engine";
import { startDistribution, type TestRegistry } from "../support/registries";
import { appProgram } from "./app-program";
import { RequestRecord, tagDigests } from "./observation";

/** A resource in a stack's state. */
interface StateResource {
  type: string;
  urn: string;
  inputs?: Record<string, unknown>;
}

describe("import of what is published already", () => {
  let registry: TestRegistry;
  let requests: RequestRecord;
  let publisher: EngineProject;
  let project: EngineProject;
  let app: string;
  /** Image and index of Slipway's making. */
  let image: string;
  let index: string;
  /** Image of another client's making. */
  let foreign: string;

  before(async () => {
    registry = await startDistribution();
    requests = new RequestRecord(registry);
    app = `${registry.host}/app`;
    publisher = await EngineProject.create({
      program: appProgram({ registry: registry.host, version: "v1.0.0" }),
      files: { "app.txt": "one\n" },
    });
    await publisher.upWithoutPreview();
    index = (await tagDigests(app))["v1.0.0"] ?? "";
    const { manifests } = JSON.parse(await crane(["manifest", `${app}@${index}`])) as {
      manifests: { digest: string }[];
    };
    image = manifests[0]?.digest ?? "";

    const archive = path.join(publisher.directory, "layer.tar");
    await runClient("tar", ["-cf", archive, "-C", publisher.directory, "app.txt"]);
    foreign = `${registry.host}/foreign:v3.0.0`;
    await crane(["append", "--oci-empty-base", "--new_layer", archive, "--new_tag", foreign]);
    await crane(["mutate", "--set-platform", "linux/amd64", "--tag", foreign, foreign]);

    project = await EngineProject.create({ program: "" });
    await writeFile(path.join(project.directory, "app.txt"), "not in any import");
    await requests.take();
  });

  after(async () => {
    await publisher?.remove();
    await project?.remove();
    await registry?.stop();
  });

  function importing(type: string, name: string, id: string): string[] {
    const noCode = ["--generate-code=false", "--protect=false"];
    return ["import", `slipway:oci:${type}`, name, id, "--yes", "--stack", "dev", ...noCode];
  }

  /** The inputs that an import has put into the state. */
  async function inputsOf(name: string): Promise<Record<string, unknown>> {
    const { deployment } = JSON.parse(await project.state()) as {
      deployment: { resources: StateResource[] };
    };
    const found = deployment.resources.find(({ urn }) => urn.endsWith(`::${name}`));
    assert.ok(found?.inputs, `${name} is not in the state`);
    return found.inputs;
  }

  it("takes a version tag", async () => {
    await project.succeed(importing("Tag", "version", `${app}:v1.0.0`));
    assert.deepEqual(await inputsOf("version"), {
      repository: app,
      tag: "v1.0.0",
      digest: index,
      moves: "never",
    });
  });

  it("takes another tag as one that moves", async () => {
    await project.succeed(importing("Tag", "latest", `${app}:latest`));
    assert.deepEqual(await inputsOf("latest"), {
      repository: app,
      tag: "latest",
      digest: index,
      moves: "always",
    });
  });

  it("takes several tags of one image, under the repository", async () => {
    await project.succeed(importing("Tags", "tags", `${app}:v1.0.0,v1.0`));
    const digests = { "v1.0.0": index, "v1.0": index };
    assert.deepEqual(await inputsOf("tags"), {
      repository: app,
      digest: index,
      tags: [
        { tag: "v1.0.0", moves: "never" },
        { tag: "v1.0", moves: "always" },
      ],
      pointers: digests,
    });
  });

  it("takes an image by digest, and one that another client made by its tag", async () => {
    await project.succeed(importing("Image", "image", `${app}@${image}`));
    await project.succeed(importing("Image", "foreign", foreign));
    const { repository, platform, base, digest } = await inputsOf("foreign");
    const expected = await crane(["digest", foreign]);
    assert.deepEqual(
      { repository, platform, base, digest },
      {
        repository: `${registry.host}/foreign`,
        platform: "linux/amd64",
        base: `${registry.host}/foreign@${expected}`,
        digest: expected,
      },
    );
  });

  it("takes an index", async () => {
    await project.succeed(importing("Index", "index", `${app}:v1.0.0`));
    const { digest, manifests } = await inputsOf("index");
    assert.equal(digest, index);
    const { manifests: published } = JSON.parse(await crane(["manifest", `${app}@${index}`])) as {
      manifests: unknown;
    };
    assert.deepEqual(manifests, published);
  });

  it("has sent nothing that could change anything", async () => {
    assert.deepEqual(await requests.takeWrites(), []);
  });

  it("lets a program with the imported inputs preview without changes", async () => {
    const resources = {
      version: "Tag",
      latest: "Tag",
      tags: "Tags",
      image: "Image",
      foreign: "Image",
      index: "Index",
    };
    const declarations = await Promise.all(
      Object.entries(resources).map(async ([name, type]) => {
        const { digest, assembly: _assembly, pointers: _pointers, ...inputs } = await inputsOf(name);
        const args = type.startsWith("Tag") ? { ...inputs, digest } : inputs;
        return `new ${type}(${JSON.stringify(name)}, ${JSON.stringify(args)});`;
      }),
    );
    await project.program(
      `import { Image, Index, Tag, Tags } from "@slipway";\n${declarations.join("\n")}\n`,
    );
    assert.deepEqual(resourceCounts(await project.preview()), { unchanged: 7 });
    assert.deepEqual(await requests.takeWrites(), []);
  });

  const refused: [string, () => string[], RegExp][] = [
    [
      "an index as an image",
      () => importing("Image", "wrong", `${app}:v1.0.0`),
      /is an index \(linux\/amd64, linux\/arm64\), not an image: import it as slipway:oci:Index/,
    ],
    [
      "an image as an index",
      () => importing("Index", "wrong", `${app}@${image}`),
      /is a manifest of type \S+, not an index: import it as slipway:oci:Image/,
    ],
    ["what is not there", () => importing("Tag", "wrong", `${app}:v9.9.9`), /app:v9\.9\.9' does not exist/],
    ["a tag without a tag", () => importing("Tag", "wrong", app), /has no tag \(a valid example: "/],
  ];
  for (const [what, args, message] of refused) {
    it(`refuses ${what}`, async () => assert.match(await project.fail(args()), message));
  }
});
