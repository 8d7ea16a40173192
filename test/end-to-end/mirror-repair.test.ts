import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import * as path from "node:path";
import { digestHex, shortDigest } from "../../lib/oci/digest";
import { crane } from "../support/clients";
import { EngineProject, resourceCounts } from "../support/engine";
import { startDebianRegistry, startDistribution, type TestRegistry } from "../support/registries";
import { requireTools } from "../support/tools";
import { pushReferrer, referrersOf } from "./artifact";
import { mirrorFiles, mirrorProgram, registryAt } from "./mirror-program";
import { RequestRecord, tagDigests } from "./observation";

interface Manifest {
  manifests: { digest: string }[];
  layers: { digest: string }[];
}

describe("mirrors that somebody tampered with", () => {
  let primary: TestRegistry;
  let mirrors: TestRegistry[];
  let records: RequestRecord[];
  let project: EngineProject;
  /** The image in each registry, the first one's first. */
  let apps: string[];
  let index: string;
  /** The images of the index, for amd64 and arm64. */
  let children: string[];
  let referrer: string;
  let published: Record<string, string>;

  const first = () => apps[1] ?? "";
  const second = () => apps[2] ?? "";

  before(async function () {
    requireTools(this, "docker-registry");
    primary = await startDistribution();
    mirrors = [await startDistribution(), await startDebianRegistry()];
    records = mirrors.map((registry) => new RequestRecord(registry));
    apps = [primary, ...mirrors].map(({ host }) => `${host}/app`);
    project = await EngineProject.create({
      program: mirrorProgram({
        version: "v1.0.0",
        images: ["app"],
        registries: [primary, ...mirrors].map(({ host }) => registryAt(host)),
      }),
      files: mirrorFiles,
    });
    await project.upWithoutPreview();
    index = await crane(["digest", `${apps[0]}:v1.0.0`]);
    children = (await manifestOf(`${apps[0]}@${index}`)).manifests.map(({ digest }) => digest);
    referrer = await pushReferrer(apps[0] ?? "", index, "looked at");
    await project.upWithoutPreview();
    published = await tagDigests(apps[0] ?? "");
    for (const app of apps) assert.deepEqual(await tagDigests(app), published);
  });

  after(async () => {
    await project?.remove();
    for (const registry of [primary, ...(mirrors ?? [])]) await registry?.stop();
  });

  async function manifestOf(reference: string): Promise<Manifest> {
    return JSON.parse(await crane(["manifest", reference])) as Manifest;
  }

  /** A plain preview that writes nothing to the mirrors. */
  async function previewOnly(): Promise<string> {
    for (const record of records) await record.take();
    const text = await project.preview();
    for (const record of records) assert.deepEqual(await record.takeWrites(), []);
    return text;
  }

  const back = "`pulumi up` puts it back";

  /** Each warning is there, and once. */
  function tellsOnce(text: string, warnings: readonly string[]): void {
    for (const warning of warnings) assert.equal(text.split(`warning: ${warning}`).length, 2, text);
  }

  async function assertRepaired(): Promise<void> {
    for (const app of apps) {
      assert.deepEqual(await tagDigests(app), published, app);
      assert.deepEqual(await referrersOf(app, index), [referrer], app);
      await crane(["validate", "--remote", `${app}:v1.0.0`]);
    }
  }

  it("have a moved tag shown with both digests, and put back", async () => {
    await crane(["tag", `${first()}@${children[0]}`, "latest"]);
    const text = await previewOnly();
    assert.equal(resourceCounts(text).update, 1, text);
    assert.ok(text.includes(`latest: "${index}" => "${children[0]}"`), text);
    tellsOnce(text, [
      `somebody moved ${first()}:latest to ${shortDigest(children[0] ?? "")} from ${shortDigest(index)}; ${back}`,
    ]);

    assert.equal(resourceCounts(await project.upWithoutPreview()).updated, 1);
    const writes = (await records[0]?.takeWrites())?.map(({ method, path: target }) => `${method} ${target}`);
    assert.deepEqual(writes, ["PUT /v2/app/manifests/latest"]);
    assert.deepEqual(await records[1]?.takeWrites(), []);
    await assertRepaired();
  });

  it("have deleted tags shown and set again", async () => {
    for (const tag of ["v1", "v1.0.0"]) await crane(["delete", `${first()}:${tag}`]);
    const text = await previewOnly();
    assert.equal(resourceCounts(text).update, 1, text);
    for (const tag of ["v1", "v1.0.0"]) assert.match(text, new RegExp(`- "?${tag}"?\\s*: "${index}"`));
    tellsOnce(
      text,
      ["v1", "v1.0.0"].map(
        (tag) => `somebody deleted ${first()}:${tag}, which was ${shortDigest(index)}; ${back}`,
      ),
    );

    await project.upWithoutPreview();
    await assertRepaired();
  });

  it("have a deleted referrer shown and brought again, from the other mirror where the first registry lost it too", async () => {
    for (const app of [apps[0], first()]) await crane(["delete", `${app}@${referrer}`]);
    const text = await previewOnly();
    assert.equal(resourceCounts(text).update, 1, text);
    assert.ok(text.includes(`referrer ${referrer} of ${shortDigest(index)} is gone`), text);

    await project.upWithoutPreview();
    assert.deepEqual(await referrersOf(first(), index), [referrer]);
    // The first registry is what the mirrors follow; a referrer that is lost there stays so until
    // somebody pushes it.
    assert.equal(await pushReferrer(apps[0] ?? "", index, "looked at"), referrer);
    await assertRepaired();
  });

  it("have a deleted image of a platform shown and brought again, the first registry's with it", async () => {
    for (const app of [apps[0], first()]) await crane(["delete", `${app}@${children[1]}`]);
    const text = await previewOnly();
    assert.ok(text.includes(`manifest ${children[1]} is gone`), text);
    tellsOnce(text, [
      `somebody deleted ${apps[0]}@${children[1]} (linux/arm64); ${back}`,
      `${first()}: manifest ${children[1]} is gone; ${back}`,
    ]);

    await project.upWithoutPreview();
    await assertRepaired();
  });

  it("have everything shown that is gone at once, and brought again", async () => {
    for (const digest of [referrer, index, ...children]) await crane(["delete", `${second()}@${digest}`]);
    const text = await previewOnly();
    for (const digest of [index, ...children]) assert.ok(text.includes(`manifest ${digest} is gone`), text);
    assert.ok(text.includes(`referrer ${referrer} of ${shortDigest(index)} is gone`), text);

    await project.upWithoutPreview();
    await assertRepaired();
  });

  it("have a blob shown that its storage lost, and sent again", async () => {
    const { layers } = await manifestOf(`${first()}@${children[0]}`);
    const digest = layers[0]?.digest ?? "";
    const hex = digestHex(digest);
    const [mirror] = mirrors;
    assert.ok(mirror);
    const root = path.join(mirror.folder, "data", "docker", "registry", "v2");
    // A registry remembers what it has seen; so do its repositories.
    await mirror.suspend();
    await rm(path.join(root, "blobs", "sha256", hex.slice(0, 2), hex), { recursive: true });
    await rm(path.join(root, "repositories", "app", "_layers", "sha256", hex), { recursive: true });
    await mirror.resume();
    await assert.rejects(crane(["validate", "--remote", `${first()}:v1.0.0`]));
    const text = await previewOnly();
    assert.match(text, new RegExp(`blob ${digest} \\(\\d+ bytes\\) is gone`));

    await project.upWithoutPreview();
    await assertRepaired();
  });

  it("have nothing to do after that", async () => {
    assert.deepEqual(Object.keys(resourceCounts(await previewOnly())), ["unchanged"]);
  });
});
