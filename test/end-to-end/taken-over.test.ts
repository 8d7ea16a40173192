import assert from "node:assert/strict";
import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import * as path from "node:path";
import { gunzipSync } from "node:zlib";
import { digestOf } from "../../lib/oci/digest";
import { cosignVerify } from "../support/cosign";
import { crane, runClient } from "../support/clients";
import { EngineProject, resourceCounts } from "../support/engine";
import { startDistribution, type TestRegistry } from "../support/registries";
import { requireTools } from "../support/tools";
import { program } from "./taken-over/program";

/** Where the registries were when the stack was deployed. */
const former = { first: "127.0.0.1:5611", second: "127.0.0.1:5612" };

const fixture = path.join(__dirname, "taken-over");

/** Resources that the stack of then did not have. */
const added = /^ *\+ +slipway:release:(Ledger|Stage) /;

/** What is placed in a folder of the version now: nothing but files of this machine is moved. */
const moved = /^ *~ +slipway:\S+ \S+ +update +\[diff: ~(path|directory|files)\]/;

describe("a stack that an earlier version has deployed", function () {
  this.timeout(300_000);
  const registries = new Map<keyof typeof former, TestRegistry>();
  let project: EngineProject;

  before(async function () {
    requireTools(this, "pulumi", "registry", "cosign", "crane", "tar");
    project = await EngineProject.create({
      name: "take",
      program,
      config: { "take:version": "v1.0.0" },
    });
    const kept = path.join(project.directory, "..", "kept");
    await mkdir(kept);
    await runClient("tar", ["-xzf", path.join(fixture, "published.tar.gz"), "-C", kept]);
    await cp(path.join(kept, "project"), project.directory, { recursive: true });
    let state = gunzipSync(await readFile(path.join(fixture, "state.json.gz"))).toString("utf8");
    for (const name of ["first", "second"] as const) {
      const registry = await startDistribution();
      registries.set(name, registry);
      await cp(path.join(kept, name), path.join(registry.folder, "data"), { recursive: true });
      await project.configure({ [`take:${name}`]: registry.host });
      state = state.replaceAll(former[name], registry.host);
    }
    const file = path.join(kept, "state.json");
    await writeFile(file, state);
    await project.succeed(["stack", "import", "--stack", "dev", "--file", file]);
  });
  after(async () => {
    await project?.remove();
    for (const registry of registries.values()) await registry.stop();
  });

  /** Digest of each file of the released ones. */
  async function released(): Promise<Record<string, string>> {
    const folder = path.join(project.directory, "public");
    const found: Record<string, string> = {};
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      const file = path.join(entry.parentPath, entry.name);
      if (entry.isFile()) found[path.relative(folder, file)] = digestOf(await readFile(file));
    }
    return found;
  }

  const host = () => registries.get("first")?.host ?? "";
  const writes = () =>
    [...registries.values()].flatMap((registry) =>
      registry.requests().filter(({ method }) => !["GET", "HEAD"].includes(method)),
    );

  it("is taken over: nothing is pushed, signed or released again", async () => {
    const before = await released();
    assert.ok(Object.keys(before).length > 10);
    const preview = await project.succeed(["preview", "--stack", "dev"]);
    const planned = preview
      .split("\n")
      .filter((line) => /^ *[-+~±]+ +slipway:/.test(line) && !/ refresh(ing)? /.test(line));
    assert.deepEqual(
      planned.filter((line) => !added.test(line) && !moved.test(line)),
      [],
      preview,
    );
    const counts = resourceCounts(await project.upWithoutPreview());
    assert.deepEqual(Object.keys(counts).sort(), ["created", "unchanged", "updated"]);
    assert.deepEqual([counts.unchanged, counts.updated], [18, 6]);
    assert.deepEqual(writes(), []);
    // The list of what was published is the one new thing.
    const {
      "take/releases.json": list,
      "take/releases.json.sigstore.json": bundle,
      ...files
    } = await released();
    assert.deepEqual(files, before);
    assert.ok(list && bundle);
    assert.deepEqual(Object.keys(resourceCounts(await project.upWithoutPreview())), ["unchanged"]);
    await cosignVerify(`${host()}/harbour/take:v1.0.0`, path.join(project.directory, "cosign.pub"));
  });

  it("goes on to a new version, and what it had is watched", async () => {
    const before = await released();
    const first = await crane(["digest", `${host()}/harbour/take:v1.0.0`]);
    await project.configure({ "take:version": "v1.1.0" });
    await project.upWithoutPreview();
    assert.equal(
      await crane(["digest", `${host()}/harbour/take:latest`]),
      await crane(["digest", `${host()}/harbour/take:v1.1.0`]),
    );
    const after = await released();
    const kept = Object.keys(before).filter((file) => file.includes("v1.0.0/"));
    assert.ok(kept.length > 10, Object.keys(before).join(" "));
    for (const file of kept) assert.equal(after[file], before[file], file);

    await crane(["tag", `${host()}/harbour/take:v1.1.0`, "v1.0.0"]);
    assert.match(await project.succeed(["preview", "--stack", "dev"]), /warning: .*take:v1\.0\.0 /);
    await project.upWithoutPreview();
    assert.equal(await crane(["digest", `${host()}/harbour/take:v1.0.0`]), first);
  });
});
