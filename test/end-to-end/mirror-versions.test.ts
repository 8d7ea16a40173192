import assert from "node:assert/strict";
import { crane } from "../support/clients";
import { EngineProject, resourceCounts } from "../support/engine";
import { startDistribution, type TestRegistry } from "../support/registries";
import { mirrorFiles, mirrorProgram, registryAt } from "./mirror-program";
import { RequestRecord, tagDigests } from "./observation";

describe("a mirror that has the version tag of something else", () => {
  let primary: TestRegistry;
  let mirror: TestRegistry;
  let project: EngineProject;
  let stranger: string;

  before(async () => {
    primary = await startDistribution();
    mirror = await startDistribution();
    project = await EngineProject.create({
      program: mirrorProgram({
        version: "v1.0.0",
        images: ["app"],
        registries: [registryAt(primary.host)],
      }),
      files: mirrorFiles,
    });
    await project.upWithoutPreview();
    const index = JSON.parse(await crane(["manifest", `${primary.host}/app:v1.0.0`])) as {
      manifests: { digest: string }[];
    };
    stranger = index.manifests[0]?.digest ?? "";
    await crane(["copy", `${primary.host}/app@${stranger}`, `${mirror.host}/app:v1.0.0`]);
    await project.program(
      mirrorProgram({
        version: "v1.0.0",
        images: ["app"],
        registries: [registryAt(primary.host), registryAt(mirror.host)],
      }),
    );
  });

  after(async () => {
    await project?.remove();
    await primary?.stop();
    await mirror?.stop();
  });

  it("is refused by the preview, with both digests, and nothing is written", async () => {
    const record = new RequestRecord(mirror);
    await record.take();
    const published = await crane(["digest", `${primary.host}/app:v1.0.0`]);
    for (const command of [["preview"], ["up", "--yes"], ["up", "--yes", "--skip-preview"]]) {
      const text = await project.fail([...command, "--stack", "dev"]);
      assert.ok(text.includes(`${mirror.host}/app:v1.0.0 is published as ${stranger}`), text);
      assert.ok(text.includes(`this program mirrors ${published}`), text);
      assert.match(text, /A version tag never moves\. Release the change under a new version/);
    }
    assert.deepEqual(await record.takeWrites(), []);
    assert.deepEqual(await tagDigests(`${mirror.host}/app`), { "v1.0.0": stranger });
  });

  it("is completed by a new version, and keeps the old tag", async () => {
    await project.write({ "app.txt": "two\n" });
    await project.program(
      mirrorProgram({
        version: "v1.1.0",
        images: ["app"],
        registries: [registryAt(primary.host), registryAt(mirror.host)],
      }),
    );
    await project.upWithoutPreview();
    const published = await crane(["digest", `${primary.host}/app:v1.1.0`]);
    assert.deepEqual(await tagDigests(`${mirror.host}/app`), {
      latest: published,
      v1: published,
      "v1.0.0": stranger,
      "v1.1": published,
      "v1.1.0": published,
    });
    assert.deepEqual(Object.keys(resourceCounts(await project.preview())), ["unchanged"]);
  });
});
