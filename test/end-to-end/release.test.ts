import assert from "node:assert/strict";
import { crane } from "../support/clients";
import { EngineProject, resourceCounts } from "../support/engine";
import { startDistribution, type TestRegistry } from "../support/registries";
import { appProgram } from "./app-program";
import { RequestRecord, tagDigests } from "./observation";

describe("releases: versions, aliases, and what never moves", () => {
  let registry: TestRegistry;
  let requests: RequestRecord;
  let app: string;
  /** The main line's stack. */
  let main: EngineProject;
  /** Another stack that publishes to the same repository. */
  let branch: EngineProject;

  const projects: EngineProject[] = [];

  async function newProject(version: string, content: string): Promise<EngineProject> {
    const project = await EngineProject.create({
      program: appProgram({ registry: registry.host, version }),
      files: { "app.txt": content },
    });
    projects.push(project);
    return project;
  }

  async function release(project: EngineProject, version: string, content: string, fields = "") {
    await project.program(appProgram({ registry: registry.host, version, fields }));
    await project.write({ "app.txt": content });
  }

  /** The text of the published file that a tag leads to. */
  function contentOf(tag: string): Promise<string> {
    return crane(["export", "--platform", "linux/amd64", `${app}:${tag}`, "-"]).then(
      (archive) => /content of \S+/.exec(archive)?.[0] ?? "",
    );
  }

  async function contents(): Promise<Record<string, string>> {
    const tags = Object.keys(await tagDigests(app));
    return Object.fromEntries(
      await Promise.all(tags.map(async (tag) => [tag, await contentOf(tag)] as const)),
    );
  }

  before(async () => {
    registry = await startDistribution();
    requests = new RequestRecord(registry);
    app = `${registry.host}/app`;
    main = await newProject("v1.0.0", "content of 1.0.0\n");
    await main.upWithoutPreview();
  });

  after(async () => {
    for (const project of projects) await project.remove();
    await registry?.stop();
  });

  let first: string;

  it("PROD-02: previews a new version as a diff: the image, and the tags that move, with both digests", async () => {
    const before = await tagDigests(app);
    first = before["v1.0.0"] ?? "";
    await release(main, "v1.1.0", "content of 1.1.0\n");
    await requests.take();

    const preview = await main.preview();
    const parts = preview.split(/(?=~ slipway:oci:)/);
    const tagsOf = (name: string) => parts.find((part) => part.includes(`::app:${name}]`)) ?? "";
    const versions = tagsOf("version-tags");
    const [, next = ""] = /\+ v1\.1\.0: "(sha256:[0-9a-f]{64})"/.exec(versions) ?? [];
    assert.match(next, /^sha256:/, preview);
    assert.doesNotMatch(versions, /- v1\.0\.0/);
    const aliases = tagsOf("aliases");
    for (const tag of ["latest", "v1"]) {
      assert.match(aliases, new RegExp(`~ ${tag}\\s*: "${first}" => "${next}"`));
      assert.ok(preview.includes(`${app}:${tag} will move from ${first} to ${next}`), preview);
    }
    assert.match(aliases, new RegExp(`\\+ v1\\.1\\s*: "${next}"`));
    assert.doesNotMatch(aliases, /- v1\.0/);
    assert.match(preview, /::app\]\s+~ version: "v1\.0\.0" => "v1\.1\.0"/);
    assert.match(
      preview,
      /~ slipway:oci:Image: \(update\)\s+\[id=\S+platform=linux\/amd64\]\s+\[urn=\S+::app-linux-amd64\]\s+~ digest\s*: "sha256:\w+" => "sha256:\w+"/,
    );
    for (const tag of ["v1.0.0", "v1.0"]) {
      assert.ok(preview.includes(`${app}: ${tag} stays in the registry`), preview);
    }

    assert.deepEqual(await requests.takeWrites(), []);
    assert.deepEqual(await tagDigests(app), before);
    assert.equal(await crane(["catalog", registry.host]), "app");
  });

  it("CORE-04: CORE-05: TINY-09: publishes it under version, minor, major and latest; the old version stays as it was", async () => {
    await main.upWithoutPreview();
    assert.deepEqual(await contents(), {
      latest: "content of 1.1.0",
      v1: "content of 1.1.0",
      "v1.0": "content of 1.0.0",
      "v1.0.0": "content of 1.0.0",
      "v1.1": "content of 1.1.0",
      "v1.1.0": "content of 1.1.0",
    });
    assert.equal(await crane(["digest", `${app}:v1.0.0`]), first);
    const digests = await tagDigests(app);
    for (const tag of ["v1.1", "v1", "latest"]) assert.equal(digests[tag], digests["v1.1.0"], tag);
  });

  it("BLEU-08: BLEU-09: lets a patch of an old line take the aliases of its line only", async () => {
    branch = await newProject("v1.0.1", "content of 1.0.1\n");
    await branch.upWithoutPreview();
    const after = await contents();
    assert.equal(after["v1.0.1"], "content of 1.0.1");
    assert.equal(after["v1.0"], "content of 1.0.1");
    assert.equal(after["v1.0.0"], "content of 1.0.0");
    assert.equal(after.v1, "content of 1.1.0");
    assert.equal(after.latest, "content of 1.1.0");
    assert.deepEqual(resourceCounts(await main.preview()), { unchanged: 11 });
  });

  it("BLEU-09: moves nothing for a pre-release", async () => {
    const before = await tagDigests(app);
    await release(branch, "v2.0.0-rc.1", "content of 2.0.0-rc.1\n");
    await branch.upWithoutPreview();
    const { "v2.0.0-rc.1": candidate, ...others } = await tagDigests(app);
    assert.deepEqual(others, before);
    assert.ok(candidate);
    assert.equal(await contentOf("v2.0.0-rc.1"), "content of 2.0.0-rc.1");
  });

  /** Both runs must refuse, and nothing may lead to the new content. */
  async function refuses(project: EngineProject, version: string): Promise<void> {
    const before = await tagDigests(app);
    await requests.take();
    const preview = await project.fail(["preview", "--stack", "dev"]);
    assert.deepEqual(await requests.takeWrites(), []);
    const update = await project.fail(["up", "--yes", "--skip-preview", "--stack", "dev"]);
    for (const text of [preview, update]) {
      const [, published, made] =
        /:v1\.1\.0 is published as (sha256:\w{64}), and this program makes (sha256:\w{64})/.exec(text) ?? [];
      assert.equal(published, before[version], text);
      assert.ok(made && made !== published, text);
      assert.match(text, /A version tag never moves\. Release the change under a new version/);
      assert.doesNotMatch(text, /^\s+at .*:\d+:\d+\)?$/m);
    }
    assert.deepEqual(await tagDigests(app), before);
  }

  it("CORE-05: refuses changed sources under a version that it has published, at preview and at the update", async () => {
    await release(main, "v1.1.0", "content of another 1.1.0\n");
    await refuses(main, "v1.1.0");
  });

  it("refuses it too where the state is lost and only the registry has the version", async () => {
    await refuses(await newProject("v1.1.0", "content of a third 1.1.0\n"), "v1.1.0");
  });

  it("adopts what is published where the state is lost and the sources are the same", async () => {
    const before = await tagDigests(app);
    const fresh = await newProject("v1.1.0", "content of 1.1.0\n");
    await requests.take();
    await fresh.upWithoutPreview();
    assert.deepEqual(await requests.takeWrites(), []);
    assert.deepEqual(await tagDigests(app), before);
  });

  it("TINY-11: moves the aliases to a rebuild and leaves the version tag", async () => {
    const before = await tagDigests(app);
    await release(main, "v1.1.0", "content of 1.1.0 rebuilt\n", `rebuilt: "20260131",`);
    await main.upWithoutPreview();
    const { "v1.1.0-20260131": rebuild = "", ...others } = await tagDigests(app);
    assert.deepEqual(others, { ...before, latest: rebuild, v1: rebuild, "v1.1": rebuild });
    assert.notEqual(rebuild, before["v1.1.0"]);
  });

  it("CORE-25: binaries that are added later are creations only, and nothing published is touched", async () => {
    const before = await tagDigests(app);
    const fields = `rebuilt: "20260131",
      binaries: { tool: { command: "cp app.txt {output}/tool", sources: ["app.txt"] } },
      archives: { tool: { binaries: ["tool"] } },
      release: directoryRelease({ directory: "public" }),`;
    const program = appProgram({ registry: registry.host, version: "v1.1.0", fields });
    await main.program(program.replace("import { ", "import { directoryRelease, "));
    await requests.take();
    const preview = await main.preview();
    const { create, unchanged, ...others } = resourceCounts(preview);
    // What was published is noted; nothing else is an update.
    assert.deepEqual(others, { update: 1 });
    assert.match(preview, /~ slipway:release:Ledger: \(update\)/);
    assert.ok(create && unchanged, preview);
    await main.upWithoutPreview();
    assert.deepEqual(await requests.takeWrites(), []);
    assert.deepEqual(await tagDigests(app), before);
    assert.match(await main.read("public/releases/download/v1.1.0/SHA256SUMS"), /tool_1\.1\.0_linux_amd64/);
  });
});
