import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import * as path from "node:path";
import { generateKeyPairFiles } from "../../lib/sigstore";
import { crane, runClient } from "../support/clients";
import { cosignVerify } from "../support/cosign";
import { EngineProject, resourceCounts } from "../support/engine";
import { startCraneRegistry, startDistribution, type TestRegistry } from "../support/registries";
import { requireTools, toolPath } from "../support/tools";
import { tagDigests } from "./observation";

const retention = `retention: { versions: { majors: 1, after: "2y" }, untagged: { after: "30d" } },`;
const deprecated = `deprecated: [{ versions: "1", since: "2024-01-01", removal: "2024-07-01", instead: "v2" }],`;

describe("the retention of a distribution", function () {
  this.timeout(240_000);
  let registry: TestRegistry;
  let mirror: TestRegistry;
  let project: EngineProject;
  let first: Record<string, string>;

  const program = (version: string, fields = "") => `
import { cosignKey, Distribution, ociRegistry } from "@slipway";
new Distribution("app", {
  version: ${JSON.stringify(version)},
  registries: [
    ociRegistry({ host: ${JSON.stringify(registry.host)}, namespace: "acme" }),
    ociRegistry({ host: ${JSON.stringify(mirror.host)}, namespace: "copy" }),
  ],
  platforms: ["linux/amd64", "linux/arm64"],
  images: { app: { files: [{ to: "/app.txt", content: ${JSON.stringify(version)} }] } },
  trust: {
    sign: cosignKey({ key: "cosign.key", publicKey: "cosign.pub", password: "none" }),
    sbom: {},
    provenance: false,
  },
  ${fields}
});
`;

  before(async function () {
    requireTools(this, "pulumi", "registry", "crane", "cosign");
    registry = await startDistribution();
    mirror = await startCraneRegistry();
    const pair = await generateKeyPairFiles("none");
    project = await EngineProject.create({
      program: program("v1.0.0"),
      files: { "cosign.key": pair.privateKey, "cosign.pub": pair.publicKey },
    });
    await project.upWithoutPreview();
    first = await tags(0);
    await project.program(program("v2.0.0"));
    await project.upWithoutPreview();
  });
  after(async () => {
    await project?.remove();
    await registry?.stop();
    await mirror?.stop();
  });

  const places = () => [`${registry.host}/acme/app`, `${mirror.host}/copy/app`] as const;

  /** Digests of the tags of versions and aliases. */
  async function tags(place: 0 | 1): Promise<Record<string, string>> {
    const all = Object.entries(await tagDigests(places()[place]));
    return Object.fromEntries(all.filter(([tag]) => !tag.startsWith("sha256-")));
  }

  const stateFile = () =>
    path.join(path.dirname(project.directory), "state", ".pulumi", "stacks", "test", "dev.json");

  it("PROD-07: removes nothing of a version that has left the program, and says nothing of it", async () => {
    const before = await tags(0);
    assert.equal(before["v1.0.0"], first["v1.0.0"]);
    await project.program(program("v2.0.0", retention));
    assert.deepEqual(resourceCounts(await project.upWithoutPreview()).created, 3);
    assert.deepEqual([await tags(0), await tags(1)], [before, before]);
  });

  it("TINY-37: removes nothing of what was announced and is young", async () => {
    await project.program(program("v2.0.0", retention + deprecated));
    assert.doesNotMatch(await project.upWithoutPreview(), /removed|by the declared retention/);
    assert.equal((await tags(0))["v1.0.0"], first["v1.0.0"]);
  });

  it("TINY-35, TINY-37: names in a preview what goes from the registry and its mirror, and why", async () => {
    // The day of its publication is long ago.
    const state = await readFile(stateFile(), "utf8");
    await writeFile(
      stateFile(),
      state.replaceAll(/"20\d\d-[^"]{14}Z(\\ntag [^"]*:v1\.0\.0 )/g, '"2020-01-01T00:00:00Z$1'),
    );
    const text = await project.preview();
    assert.deepEqual(resourceCounts(text).update, 2, text);
    for (const place of places()) assert.ok(text.includes(`${place}: by the declared retention goes`), text);
    const reason =
      "- v1.0.0: published 2020-01-01, older than 2y, outside the last major, removal announced for 2024-07-01";
    assert.equal(text.split(reason).length - 1, 2, text);
    assert.equal((await tags(0))["v1.0.0"], first["v1.0.0"]);
  });

  it("removes it everywhere, and leaves nothing to do and nothing to put back", async () => {
    await project.upWithoutPreview();
    for (const place of [0, 1] as const) {
      assert.deepEqual(Object.keys(await tags(place)).sort(), ["latest", "v2", "v2.0", "v2.0.0"]);
      await assert.rejects(
        crane(["digest", `${places()[place]}@${first["v1.0.0"]}`]),
        /MANIFEST_UNKNOWN|404/,
      );
      // Nor lists of what referred to it.
      const all = Object.keys(await tagDigests(places()[place]));
      assert(!all.includes(first["v1.0.0"]!.replace(":", "-")), all.join(" "));
    }
    const again = await project.preview();
    assert.deepEqual(Object.keys(resourceCounts(again)), ["unchanged"], again);
    assert.doesNotMatch(again, /is gone|not as (it|they)|puts it back/, again);
  });

  it("leaves every tag whole and signed when the registry has collected its garbage", async () => {
    await registry.suspend();
    const collected = await runClient(toolPath("registry"), [
      ...["garbage-collect", "--delete-untagged", path.join(registry.folder, "config.yml")],
    ]);
    assert.match(collected, /blobs? (marked|eligible for deletion)|blob eligible/);
    await registry.resume();
    for (const tag of ["v2.0.0", "v2", "latest"]) {
      await crane(["validate", "--remote", `${places()[0]}:${tag}`]);
      await cosignVerify(`${places()[0]}:${tag}`, path.join(project.directory, "cosign.pub"));
    }
    assert.deepEqual(Object.keys(resourceCounts(await project.preview())), ["unchanged"]);
  });
});
