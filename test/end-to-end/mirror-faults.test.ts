import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import * as path from "node:path";
import { crane } from "../support/clients";
import { EngineProject, resourceCounts } from "../support/engine";
import { startProxy, type FaultProxy } from "../support/proxy";
import { startDistribution, type TestRegistry } from "../support/registries";
import { mirrorFiles, mirrorProgram, mirrorTags, registryAt } from "./mirror-program";
import { RequestRecord, tagDigests } from "./observation";

const images = ["ant", "bee"];

/** Starts a registry again that takes nothing, or takes everything again. */
async function setReadOnly(registry: TestRegistry, enabled: boolean): Promise<void> {
  const file = path.join(registry.folder, "config.yml");
  const config = JSON.parse(await readFile(file, "utf8")) as { storage: Record<string, unknown> };
  config.storage.maintenance = { readonly: { enabled } };
  await registry.suspend();
  await writeFile(file, JSON.stringify(config));
  await registry.resume();
}

describe("mirrors of which some take nothing", () => {
  let primary: TestRegistry;
  let healthy: TestRegistry;
  let down: TestRegistry;
  let readOnly: TestRegistry;
  /** Behind a proxy that refuses blobs as a registry without space does. */
  let full: TestRegistry;
  let proxy: FaultProxy;
  let project: EngineProject;
  let hosts: { healthy: string; down: string; readOnly: string; full: string };

  before(async () => {
    primary = await startDistribution();
    healthy = await startDistribution();
    down = await startDistribution();
    readOnly = await startDistribution();
    full = await startDistribution();
    proxy = await startProxy(full.port);
    hosts = { healthy: healthy.host, down: down.host, readOnly: readOnly.host, full: proxy.host };
    project = await EngineProject.create({ program: programOf("v1.0.0"), files: mirrorFiles });
  });

  after(async () => {
    await project?.remove();
    await proxy?.stop();
    for (const registry of [primary, healthy, down, readOnly, full]) await registry?.stop();
  });

  function programOf(version: string): string {
    return mirrorProgram({
      version,
      images,
      registries: [primary.host, ...Object.values(hosts)].map((host) => registryAt(host)),
    });
  }

  async function assertComplete(host: string, version: string): Promise<void> {
    for (const name of images) {
      const digest = await crane(["digest", `${primary.host}/${name}:${version}`]);
      const tags = await tagDigests(`${host}/${name}`);
      for (const tag of ["latest", "v1", version]) assert.equal(tags[tag], digest, `${host}/${name}:${tag}`);
      await crane(["validate", "--remote", `${host}/${name}:${version}`]);
    }
  }

  describe("one down, one read-only and one full from the start", () => {
    before(async () => {
      await down.suspend();
      await setReadOnly(readOnly, true);
      proxy.inject({
        method: "POST",
        path: /\/blobs\/uploads\//,
        fault: { kind: "respond", status: 507, body: "no space left on device" },
      });
    });

    it("fail the update, which names each with what it said", async () => {
      const text = await project.fail(["up", "--yes", "--skip-preview", "--stack", "dev"]);
      const total = images.length * Object.keys(hosts).length;
      assert.ok(text.includes(`${images.length * 3} of ${total} mirrors are not complete`), text);
      const end = text.slice(text.lastIndexOf("mirrors are not complete")).split("\n\n")[0] ?? "";
      const lines = end.split(/\n {4}- /);
      for (const name of images) {
        for (const [host, reason] of [
          [hosts.down, /ECONNREFUSED|refused/],
          [hosts.readOnly, /HTTP 405/],
          [hosts.full, /HTTP 507/],
        ] as const) {
          const line = lines.find((part) => part.startsWith(`${host}/${name}: `));
          assert.ok(line, `${host}/${name} is not named:\n${end}`);
          assert.match(line, reason);
        }
        assert.ok(!end.includes(`- ${hosts.healthy}/${name}`), end);
      }
    });

    it("do not keep the others from being complete", async () => {
      await assertComplete(primary.host, "v1.0.0");
      await assertComplete(hosts.healthy, "v1.0.0");
      for (const host of [hosts.readOnly, hosts.full]) {
        for (const name of images) assert.deepEqual(await tagDigests(`${host}/${name}`), {});
      }
    });

    it("fail the next update too, as long as nothing has changed", async () => {
      proxy.requests.length = 0;
      const text = await project.fail(["up", "--yes", "--skip-preview", "--stack", "dev"]);
      assert.match(text, /mirrors are not complete/);
      assert.ok(proxy.count("POST", /\/blobs\/uploads\//) > 0);
    });

    it("are completed by the first update after that, which writes nothing to the others", async () => {
      await down.resume();
      await setReadOnly(readOnly, false);
      proxy.reset();
      const others = [new RequestRecord(primary), new RequestRecord(healthy)];
      for (const record of others) await record.take();
      await project.upWithoutPreview();
      for (const record of others) assert.deepEqual(await record.takeWrites(), []);
      for (const host of Object.values(hosts)) await assertComplete(host, "v1.0.0");
      for (const name of images) {
        assert.deepEqual(Object.keys(await tagDigests(`${hosts.down}/${name}`)), mirrorTags);
      }
    });
  });

  describe("one down when a new version is released", () => {
    before(async () => {
      await down.suspend();
      await project.write({ "app.txt": "two\n" });
      await project.program(programOf("v1.1.0"));
    });

    it("is told by a preview, which succeeds", async () => {
      const text = await project.preview();
      const told = text.split("\n").filter((line) => /^warning: .* cannot be observed/.test(line));
      assert.equal(told.length, 1, text);
      assert.match(told[0] ?? "", new RegExp(`${hosts.down}/(ant|bee) cannot be observed`));
    });

    it("fails the update after the others are complete, and is completed when it is back", async () => {
      const text = await project.fail(["up", "--yes", "--skip-preview", "--stack", "dev"]);
      assert.ok(text.includes(`2 of 8 mirrors are not complete`), text);
      for (const host of [primary.host, hosts.healthy, hosts.readOnly, hosts.full]) {
        await assertComplete(host, "v1.1.0");
      }

      await down.resume();
      const others = [primary, healthy, readOnly, full].map((registry) => new RequestRecord(registry));
      for (const record of others) await record.take();
      await project.upWithoutPreview();
      for (const record of others) assert.deepEqual(await record.takeWrites(), []);
      await assertComplete(hosts.down, "v1.1.0");
      assert.deepEqual(Object.keys(resourceCounts(await project.preview())), ["unchanged"]);
    });
  });
});
