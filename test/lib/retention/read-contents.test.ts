import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { parseRepository } from "../../../lib/oci/reference";
import type { Repository } from "../../../lib/oci/repository";
import { ContentsMemory } from "../../../lib/retention/contents-memory";
import { ReadContents } from "../../../lib/retention/read-contents";
import { crane } from "../../support/clients";
import { startProxy, type FaultProxy } from "../../support/proxy";
import { startCraneRegistry, type TestRegistry } from "../../support/registries";
import { requireTools } from "../../support/tools";
import { publishImage } from "../oci/mirror/fixtures";
import { TestClients } from "../oci/registry/fixtures";

describe("what a repository holds", function () {
  this.timeout(30_000);
  let registry: TestRegistry;
  let proxy: FaultProxy;
  let clients: TestClients;
  let folder: string;
  let repository: Repository;
  let name: string;
  let serial = 0;

  before(async function () {
    requireTools(this, "crane");
    registry = await startCraneRegistry();
    proxy = await startProxy(registry.port);
    clients = new TestClients();
    folder = await mkdtemp(path.join(tmpdir(), "slipway-memory-"));
  });
  after(async () => {
    await clients?.close();
    await proxy?.stop();
    await registry?.stop();
    if (folder) await rm(folder, { recursive: true });
  });
  beforeEach(async () => {
    name = `${proxy.host}/contents/test-${++serial}`;
    repository = clients.open().repository(parseRepository(name));
    await publishImage(repository, { tags: ["v1.0.0"], referrers: false, ownLayerBytes: [100] });
    await publishImage(repository, { tags: ["v2.0.0", "latest"], referrers: false, ownLayerBytes: [100] });
    proxy.reset();
  });

  const isFixed = (tag: string) => tag !== "latest";
  const unread = (contents: ReadContents) => contents.listed.filter((tag) => !contents.tags.has(tag)).sort();
  const readAll = (contents: ReadContents) =>
    contents.read({ tags: unread(contents), manifests: [], referrers: [] });

  it("is remembered as far as it does not move, and forgotten before anything is deleted", async () => {
    const memory = new ContentsMemory(folder);
    const first = await ReadContents.of(repository, []);
    assert.deepEqual(unread(first), ["latest", "v1.0.0", "v2.0.0"]);
    await readAll(first);
    await memory.note(name, first, isFixed);

    const second = await ReadContents.of(repository, [], { remembered: await memory.recall(name) });
    assert.deepEqual(unread(second), ["latest"]);
    for (const tag of ["v1.0.0", "v2.0.0"]) {
      assert.equal(second.tags.get(tag), first.tags.get(tag));
      const digest = first.tags.get(tag) ?? "";
      assert.deepEqual(second.manifests.get(digest), { ...first.manifests.get(digest), subject: undefined });
    }
    await second.freshen((tag) => !isFixed(tag));
    assert.deepEqual([unread(second), [...second.manifests.keys()]], [["latest", "v1.0.0", "v2.0.0"], []]);
  });

  it("is not remembered of tags that are gone, nor what they led to", async () => {
    const memory = new ContentsMemory(folder);
    const first = await ReadContents.of(repository, []);
    await readAll(first);
    await memory.note(name, first, isFixed);
    await crane(["delete", `${registry.host}/contents/test-${serial}:v1.0.0`]);
    const second = await ReadContents.of(repository, [], { remembered: await memory.recall(name) });
    assert.deepEqual([...second.tags.keys()], ["v2.0.0"]);
    assert.equal(second.manifests.has(first.tags.get("v1.0.0") ?? ""), false);
  });

  it("is not remembered where the file is damaged, or of another repository", async () => {
    const memory = new ContentsMemory(path.join(folder, "damaged"));
    const first = await ReadContents.of(repository, []);
    await readAll(first);
    await memory.note(name, first, isFixed);
    assert.equal((await memory.recall(name)).tags.size, 2);
    assert.equal((await memory.recall(`${name}-2`)).tags.size, 0);
    const [file = ""] = await readdir(path.join(folder, "damaged"));
    for (const text of ["", "{}", '{"version":1,"tags":{"v1.0.0":"../x"},"manifests":{}}']) {
      await writeFile(path.join(folder, "damaged", file), text);
      assert.equal((await memory.recall(name)).tags.size, 0, text);
    }
  });

  it("is asked again for tags that may have moved, once the answer is old", async () => {
    let time = 0;
    const contents = await ReadContents.of(repository, [], { now: () => time });
    await readAll(contents);
    time = 29_000;
    await contents.freshen((tag) => !isFixed(tag));
    assert.deepEqual(unread(contents), []);
    time = 31_000;
    await contents.freshen((tag) => !isFixed(tag));
    assert.deepEqual(unread(contents), ["latest"]);
    await readAll(contents);
    assert.equal(proxy.count("GET", /\/manifests\/latest$/), 2);
    assert.equal(proxy.count("GET", /\/manifests\/v\d\.0\.0$/), 2);
  });
});
