import assert from "node:assert/strict";
import { readFile, rm } from "node:fs/promises";
import * as path from "node:path";
import { formatLock, lockKey } from "../../provider/dockerfile/locked-images";
import type { Properties } from "../../provider/base/properties";
import { CheckFailed, type ProviderProcess } from "../support/provider-process";
import { startDistribution } from "../support/registries";
import { requireTools } from "../support/tools";
import { pushBase } from "./base-images";
import { Workbench } from "./workbench";

describe("locks of images", function () {
  let bench: Workbench;
  let provider: ProviderProcess;
  let serial = 0;
  let file: string;
  let base: string;
  let first: string;

  before(async function () {
    requireTools(this, "registry", "crane");
    bench = await Workbench.open(() => startDistribution());
    provider = await bench.provider();
  });
  after(() => bench?.close());

  beforeEach(async () => {
    serial += 1;
    file = `lock-${serial}.json`;
    base = `${bench.repository(`bases/app-${serial}`)}:3.12`;
    first = await push("first");
    await bench.write(`docker-${serial}/Dockerfile`, `FROM ${base}\n`);
  });

  const push = (content: string) => pushBase(bench.direct(base), { files: { "etc/base": content } });

  const context = (lock: Properties = {}): Properties => ({
    image: "app",
    dockerfile: `docker-${serial}/Dockerfile`,
    context: `docker-${serial}`,
    platforms: ["linux/amd64"],
    lock: { file, ...lock },
  });
  const digestsOf = ({ bases }: Properties) => (bases as { digest?: string }[]).map(({ digest }) => digest);
  const write = (images: Record<string, string>) => bench.write(file, formatLock(images));
  const said = () => provider.messages.join("\n");

  it("BLEU-34: a base that was published anew keeps the locked digest, and is shown as a pending rebuild", async () => {
    await write({ [base]: first });
    const held = await provider.create("slipway:build:Context", context());
    assert.deepEqual(digestsOf(held.state), [first]);
    assert.equal(held.state.pending, undefined);
    const second = await push("second");
    const inputs = await provider.check("slipway:build:Context", context(), held.inputs);
    assert.deepEqual(digestsOf(inputs), [first]);
    assert.deepEqual(inputs.pending, { [base]: second });
    const { details } = await provider.diff(held, context());
    assert.deepEqual(Object.keys(details), [`pending["${base}"]`]);
    assert.ok(
      said().includes(
        `pending rebuild: ${base} (line 1) is locked at ${first}, and its registry has ${second} now`,
      ),
      said(),
    );
  });

  it("takes the newer digest where the lock is to be renewed, or has lost the line", async () => {
    await write({ [base]: first });
    const second = await push("second");
    const renewed = await provider.check("slipway:build:Context", context({ refresh: true }));
    assert.deepEqual([digestsOf(renewed), renewed.pending], [[second], undefined]);
    await write({});
    assert.deepEqual(digestsOf(await provider.check("slipway:build:Context", context())), [second]);
    await rm(path.join(bench.project, file));
    assert.deepEqual(digestsOf(await provider.check("slipway:build:Context", context())), [second]);
  });

  it("builds from the locked digest where the registry gives none, and says so", async () => {
    const gone = `${bench.repository("bases/gone")}:1.2.3`;
    await write({ [gone]: first });
    await bench.write(`docker-${serial}/Dockerfile`, `FROM ${gone}\n`);
    const inputs = await provider.check("slipway:build:Context", context());
    assert.deepEqual([digestsOf(inputs), inputs.pending], [[first], undefined]);
    assert.ok(
      said().includes(`${gone} (line 1) could not be resolved, so the builder takes ${first}`),
      said(),
    );
  });

  it("TINY-22: reports a floating base, unless it is locked", async () => {
    const floating = `${base.split(":3.12")[0]}:slim`;
    const image = await pushBase(bench.direct(floating));
    await bench.write(`docker-${serial}/Dockerfile`, `FROM ${floating}\n`);
    await write({ [floating]: image });
    await provider.check("slipway:build:Context", context());
    assert.ok(!said().includes(`${floating} is a floating base`));
    const { lock: _lock, ...unlocked } = context();
    await provider.check("slipway:build:Context", unlocked);
    assert.ok(said().includes(`line 1: ${floating} is a floating base`), said());
  });

  for (const { title, text, expected } of [
    { title: "no JSON", text: "{", expected: /is not a lock of images: .*JSON/ },
    { title: "a bad digest", text: `{"version":1,"images":{"a:1":"sha256:0"}}`, expected: /images\.a:1: / },
    { title: "another version", text: `{"version":2,"images":{}}`, expected: /version: / },
  ]) {
    it(`refuses a lock with ${title}, naming the file`, async () => {
      await bench.write(file, text);
      await assert.rejects(provider.check("slipway:build:Context", context()), (error) => {
        assert.ok(error instanceof CheckFailed, String(error));
        assert.match(JSON.stringify(error.failures), new RegExp(`lock\\.file.*${file}`));
        assert.match(error.failures.map(({ reason }) => reason).join("\n"), expected);
        return true;
      });
    });
  }

  describe("the file", () => {
    const type = "slipway:build:ImageLock";
    const images = () => ({ "redis:7": first, [base]: first });
    const text = () => readFile(path.join(bench.project, file), "utf8");

    const today = new Date().toISOString().slice(0, 10);

    it("is written by an update, not by a preview: sorted, whole references, a line each", async () => {
      await provider.create(type, { file, images: images() }, true);
      await assert.rejects(text(), { code: "ENOENT" });
      const held = await provider.create(type, { file, images: images() });
      assert.equal(
        await text(),
        `{\n  "version": 1,\n  "refreshed": "${today}",\n  "images": {\n    "${base}": "${first}",\n    "docker.io/library/redis:7": "${first}"\n  }\n}\n`,
      );
      assert.equal((await provider.read(held))?.state.digest, held.state.digest);
    });

    it("is made again where it was deleted or changed by hand", async () => {
      const inputs = { file, images: images() };
      const held = await provider.create(type, inputs);
      const written = await text();
      await bench.write(file, written.replace("redis", "valkey"));
      const observed = await provider.read(held);
      assert.ok(observed);
      assert.deepEqual(Object.keys((await provider.diff(observed, inputs)).details), ["digest"]);
      await provider.update(observed, inputs);
      assert.equal(await text(), written);
      await rm(path.join(bench.project, file));
      assert.equal(await provider.read(held), undefined);
      await provider.create(type, inputs);
      await provider.delete(held);
      assert.equal(await text(), written);
    });

    it("TINY-34: says when all digests were those of the registries, until they are again", async () => {
      const refreshed = async () => (JSON.parse(await text()) as { refreshed?: string }).refreshed;
      await bench.write(file, formatLock(images(), "2026-01-31"));
      const held = await provider.create(type, { file, images: images(), refresh: false });
      assert.equal(await refreshed(), "2026-01-31");
      // Lost by somebody, it is made again as it was.
      await rm(path.join(bench.project, file));
      const again = await provider.check(type, { file, images: images() }, held.inputs);
      assert.equal(again.refreshed, "2026-01-31");
      const renewed = { file, images: images(), refresh: true };
      assert.deepEqual(Object.keys((await provider.diff(held, renewed)).details).sort(), [
        "digest",
        "refreshed",
      ]);
      await provider.update(held, renewed);
      assert.equal(await refreshed(), today);
    });

    it("one of a former release, which noted no day, stays to the byte", async () => {
      const before = formatLock(images());
      assert.doesNotMatch(before, /refreshed/);
      await bench.write(file, before);
      await provider.create(type, { file, images: images() });
      assert.equal(await text(), before);
    });

    it("shows which image moves", async () => {
      const held = await provider.create(type, { file, images: images() });
      const second = await push("second");
      const { details } = await provider.diff(held, { file, images: { ...images(), [base]: second } });
      assert.deepEqual(Object.keys(details).sort(), ["digest", `images["${base}"]`]);
    });
  });

  describe("external images", () => {
    const type = "slipway:oci:ExternalImages";
    const external = (more: Properties = {}): Properties => ({ images: { base }, lock: { file }, ...more });

    it("TINY-21: are resolved to digests, and recorded with them", async () => {
      const { state } = await provider.create(type, external({ lock: undefined }));
      assert.deepEqual(state.references, { base: `${base}@${first}` });
      const second = await push("second");
      const again = await provider.check(type, external({ lock: undefined }));
      assert.deepEqual(again.digests, { base: second });
    });

    it("stay at the locked digest, and a newer one is shown", async () => {
      await write({ [base]: first });
      const held = await provider.create(type, external());
      const second = await push("second");
      assert.deepEqual(Object.keys((await provider.diff(held, external())).details), [`pending["${base}"]`]);
      assert.ok(said().includes(`${base} is locked at ${first}, and its registry has ${second} now`), said());
      const renewed = await provider.update(held, external({ lock: { file, refresh: true } }));
      assert.deepEqual(renewed.state.references, { base: `${base}@${second}` });
    });

    it("DISTRO-04: one that is missing is refused by name before anything happens", async () => {
      const missing = base.replace("3.12", "3.13");
      await assert.rejects(provider.check(type, external({ images: { python: missing, base } })), (error) => {
        assert.ok(error instanceof CheckFailed, String(error));
        assert.deepEqual(
          error.failures.map(({ property }) => property),
          ["images.python"],
        );
        assert.match(error.message + JSON.stringify(error.failures), /the registry has no such image/);
        return true;
      });
    });
  });

  it("reads one image under all its names", () => {
    for (const name of ["redis", "redis:latest", "library/redis", "docker.io/library/redis:latest"])
      assert.equal(lockKey(name), "docker.io/library/redis:latest");
  });
});
