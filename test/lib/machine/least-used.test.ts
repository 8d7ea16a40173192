import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BuildStore } from "../../../lib/command/store";
import { stageContext, stagedContexts, type ContextContent } from "../../../lib/dockerfile/staged-context";
import { cachedFolders, removeLeastUsed } from "../../../lib/machine/least-used";
import { hashFile } from "../../../lib/oci/layer/file-content";
import { LayerCache } from "../../../lib/oci/layer/cache";
import { writeTree } from "../oci/assembly/temporary-folder";

describe("what a cache keeps under its limit", () => {
  let project: string;

  beforeEach(() => {
    project = mkdtempSync(join(tmpdir(), "slipway-least-used-"));
  });
  afterEach(() => rmSync(project, { recursive: true, force: true }));

  const cache = (...parts: string[]) => join(project, ".slipway/cache", ...parts);
  const hours = (count: number) => new Date(Date.now() - count * 3_600_000);
  const age = (file: string, count: number) => utimesSync(file, hours(count), hours(count));

  it("loses the folders that were not used for longest, whole, and none that is being written", async () => {
    writeTree(project, {
      "old/a/b": "x".repeat(100),
      "older/c": "x".repeat(50),
      "young/d": "x".repeat(70),
      ".building-1/e": "x",
      "no-folder": "",
    });
    for (const [name, count] of Object.entries({ old: 5, older: 6, young: 4, ".building-1": 9 }))
      age(join(project, name), count);
    const items = await cachedFolders(project, ".building-");
    assert.deepEqual(items.map(({ size }) => size).sort(), [100, 50, 70]);
    assert.equal(await removeLeastUsed(items, 220, Infinity), 0);
    assert.equal(await removeLeastUsed(items, 100, hours(4.5).getTime()), 150);
    assert.deepEqual(readdirSync(project).sort(), [".building-1", "no-folder", "young"]);
  });

  it("is results of commands, copies of contexts and layers together; what is looked at counts as used", async () => {
    const layers = new LayerCache(cache());
    const builds = new BuildStore(project, cache("builds"), async (file) => (await hashFile(file)).digest);
    writeTree(project, { source: "source" });
    const results = ["1", "2"].map((name) => ({
      digest: `sha256:${name.repeat(64)}`,
      spec: {
        command: ["sh", "-c", 'head -c 1000 /dev/zero > "$SLIPWAY_OUTPUT/result"'],
        directory: project,
        env: {},
        sources: ["source"],
        outputs: ["result"],
        timeoutSeconds: 20,
      },
    }));
    for (const { digest, spec } of results) await builds.build(digest, spec, { onLine: () => undefined });
    const contents: ContextContent[] = ["FROM a", "FROM b"].map((text) => ({
      dockerfile: { name: "Dockerfile", text },
      trees: new Map(),
      digests: new Map(),
    }));
    const stage = (content: ContextContent) => stageContext(cache("contexts"), content);
    const staged = [];
    for (const content of contents) staged.push((await stage(content)).folder);
    const layer = await layers.build(project, [{ to: "/source", source: "source" }], { compression: "none" });
    const files = [...results.map(({ digest }) => cache("builds", digest.slice(7))), ...staged, layer.path];
    for (const file of files) age(file, 5);

    // One result is looked up, the file of the other is not asked for, and one context is needed.
    assert.ok(await builds.lookup(results[0]?.digest ?? ""));
    for (const content of contents.slice(1)) await stage(content);
    const others = [...(await builds.kept()), ...(await stagedContexts(cache("contexts")))];
    const there = () => files.map((file) => existsSync(file));
    assert.equal(await layers.prune(1e9, hours(3).getTime(), others), 0);
    assert.deepEqual(there(), [true, true, true, true, true]);
    assert.ok((await layers.prune(0, hours(3).getTime(), others)) > 1000);
    assert.deepEqual(there(), [true, false, false, true, false]);

    // What has gone is made again where it is asked for.
    const [, { digest, spec } = results[0]!] = results;
    builds.register(digest, spec);
    await builds.ensure(`.slipway/cache/builds/${digest.slice(7)}/result`, { onLine: () => undefined });
    age(files[1] ?? "", 5);
    await builds.ensure(`.slipway/cache/builds/${digest.slice(7)}/result`, { onLine: () => undefined });
    await layers.prune(0, hours(3).getTime(), await builds.kept());
    assert.deepEqual(there().slice(0, 2), [true, true]);
  });
});
