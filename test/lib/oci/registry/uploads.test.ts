import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { DigestMismatchError, RegistryError } from "../../../../lib/oci/errors";
import type { RegistryClient, RegistryClientOptions } from "../../../../lib/oci/registry/client";
import type { Repository } from "../../../../lib/oci/repository";
import { startProxy, type FaultProxy } from "../../../support/proxy";
import { startCraneRegistry, startDistribution, type TestRegistry } from "../../../support/registries";
import { requireTools } from "../../../support/tools";
import { blobOf, drain, randomBlob, TestClients, type TestBlob } from "./fixtures";

const MiB = 1024 * 1024;
const uploads = /\/blobs\/uploads\//;

describe("blob uploads over a bad line", function () {
  this.timeout(60_000);
  let registry: TestRegistry;
  let proxy: FaultProxy;
  let clients: TestClients;
  let client: RegistryClient;
  let repository: Repository;
  let path: string;

  before(async function () {
    requireTools(this, "registry", "crane");
    registry = await startDistribution();
    proxy = await startProxy(registry.port);
  });
  after(async () => {
    await proxy?.stop();
    await registry?.stop();
  });
  beforeEach(() => {
    proxy.reset();
    clients = new TestClients();
    path = `acme/app-${randomBytes(4).toString("hex")}`;
    open({});
  });
  afterEach(() => clients.close());

  const open = (options: RegistryClientOptions) => {
    client = clients.open(options);
    repository = client.repository({ registry: proxy.host, path });
  };
  const streamed = { upload: { monolithicBytes: MiB, chunkBytes: 4 * MiB } };
  const sentBytes = (method: string) =>
    proxy.requests.filter((seen) => seen.method === method).reduce((sum, seen) => sum + seen.requestBytes, 0);
  const assertStored = async (blob: TestBlob) => {
    assert.deepEqual(await drain(await repository.getBlob(blob)), { digest: blob.digest, size: blob.size });
  };

  it("sends a small blob in one PUT", async () => {
    const blob = randomBlob(5000);
    await repository.putBlob(blob, blob.source);
    assert.deepEqual(
      proxy.requests.map(({ method, requestBytes }) => `${method} ${requestBytes}`),
      ["HEAD 0", "POST 0", "PUT 5000"],
    );
  });

  it("streams a larger blob in one PATCH", async () => {
    open(streamed);
    const blob = randomBlob(5 * MiB);
    await repository.putBlob(blob, blob.source);
    assert.deepEqual(
      proxy.requests.map(({ method, requestBytes }) => `${method} ${requestBytes}`),
      ["HEAD 0", "POST 0", `PATCH ${blob.size}`, "PUT 0"],
    );
  });

  it("goes on from what the registry kept of a stream that broke", async () => {
    open(streamed);
    proxy.inject({ method: "PATCH", nth: 1, fault: { kind: "cut-request", afterBytes: 6 * MiB } });
    const blob = randomBlob(10 * MiB);
    assert.equal(await repository.putBlob(blob, blob.source), "uploaded");
    assert.ok(proxy.count("GET", uploads) >= 1, "asks for the status");
    assert.equal(blob.opened[0], 0);
    const resumed = blob.opened.slice(1);
    assert.ok(
      resumed.length > 0 && resumed.every((offset) => offset > 2 * MiB),
      `opened at ${blob.opened.join()}`,
    );
    const last = proxy.requests.filter(({ method }) => method === "PATCH").at(-1);
    assert.match(last?.headers["content-range"] ?? "", /^\d+-10485759$/);
    await assertStored(blob);
  });

  it("starts again in pieces where the registry kept nothing, and loses one piece at the next break", async () => {
    open(streamed);
    proxy.inject({ method: "PATCH", nth: [1, 4], fault: { kind: "swallow-request", afterBytes: 3 * MiB } });
    const blob = randomBlob(14 * MiB);
    assert.equal(await repository.putBlob(blob, blob.source), "uploaded");
    const ranges = proxy.requests.flatMap(({ headers }) => headers["content-range"] ?? []);
    const piece = (start: number, end: number) => `${start * MiB}-${end * MiB - 1}`;
    assert.deepEqual(ranges, [piece(0, 4), piece(4, 8), piece(8, 12), piece(8, 12), piece(12, 14)]);
    assert.deepEqual(blob.opened, [0, 0, 8 * MiB], "one source for all pieces between two breaks");
    await assertStored(blob);
  });

  it("starts again where the session is gone", async () => {
    open(streamed);
    proxy.inject({ method: "PATCH", nth: 1, fault: { kind: "cut-request", afterBytes: 2 * MiB } });
    proxy.inject({ method: "GET", path: uploads, nth: 1, fault: { kind: "respond", status: 404 } });
    const blob = randomBlob(5 * MiB);
    assert.equal(await repository.putBlob(blob, blob.source), "uploaded");
    assert.equal(proxy.count("POST"), 2);
    await assertStored(blob);
  });

  it("starts again after a 404 for the session itself", async () => {
    open(streamed);
    proxy.inject({ method: "PATCH", nth: 1, fault: { kind: "respond", status: 404 } });
    const blob = randomBlob(5 * MiB);
    assert.equal(await repository.putBlob(blob, blob.source), "uploaded");
    await assertStored(blob);
  });

  it("takes a commit whose answer was lost as done", async () => {
    for (const options of [{}, streamed]) {
      proxy.reset();
      open(options);
      proxy.inject({ method: "PUT", nth: 1, fault: { kind: "lose-response" } });
      const blob = randomBlob(2 * MiB);
      assert.equal(await repository.putBlob(blob, blob.source), "uploaded");
      assert.equal(proxy.count("PUT"), 1);
      assert.ok(sentBytes("PUT") + sentBytes("PATCH") === blob.size, "nothing is sent twice");
      await assertStored(blob);
    }
  });

  it("sends a small blob again after a break", async () => {
    proxy.inject({ method: "PUT", nth: 1, fault: { kind: "cut-request", afterBytes: 200_000 } });
    const blob = randomBlob(MiB);
    assert.equal(await repository.putBlob(blob, blob.source), "uploaded");
    await assertStored(blob);
  });

  for (const status of [500, 502, 503, 429]) {
    it(`tries again after ${status} in the middle of an upload`, async () => {
      open(streamed);
      for (const method of ["POST", "PATCH", "PUT"]) {
        proxy.inject({ method, nth: 1, fault: { kind: "respond", status, headers: { "retry-after": "0" } } });
      }
      const blob = randomBlob(5 * MiB);
      assert.equal(await repository.putBlob(blob, blob.source), "uploaded");
      await assertStored(blob);
    });
  }

  it("sends pieces, and smaller ones, to a proxy that limits the size of requests", async () => {
    open(streamed);
    const limit = (nth: number[]) =>
      proxy.inject({ method: "PATCH", nth, fault: { kind: "respond", status: 413, body: "too large" } });
    limit([1, 2]);
    const blob = randomBlob(9 * MiB);
    assert.equal(await repository.putBlob(blob, blob.source), "uploaded");
    const ranges = proxy.requests.flatMap(({ headers, status }) =>
      status === 413 ? [] : (headers["content-range"] ?? []),
    );
    assert.deepEqual(ranges[0], `0-${2 * MiB - 1}`);
    assert.equal(ranges.length, 5);
    await assertStored(blob);
  });

  it("says so where even small requests are too large", async () => {
    open(streamed);
    proxy.inject({ method: "PATCH", fault: { kind: "respond", status: 413 } });
    const blob = randomBlob(9 * MiB);
    await assert.rejects(repository.putBlob(blob, blob.source), (error: unknown) => {
      assert.ok(error instanceof RegistryError && error.status === 413);
      assert.match(error.message, /limits the size/);
      return true;
    });
    assert.equal(proxy.count("POST"), proxy.count("DELETE", uploads), "every session is given up");
  });

  it("makes pieces as large as the registry wants them", async () => {
    open(streamed);
    proxy.inject({
      method: "POST",
      fault: { kind: "headers", response: { "oci-chunk-min-length": String(5 * MiB) } },
    });
    proxy.inject({ method: "PATCH", nth: 1, fault: { kind: "respond", status: 413 } });
    const blob = randomBlob(12 * MiB);
    assert.equal(await repository.putBlob(blob, blob.source), "uploaded");
    const ranges = proxy.requests.flatMap(({ headers }) => headers["content-range"] ?? []);
    assert.deepEqual(ranges, [
      `0-${5 * MiB - 1}`,
      `${5 * MiB}-${10 * MiB - 1}`,
      `${10 * MiB}-${12 * MiB - 1}`,
    ]);
  });

  it("gives up after the tries of the policy, and gives the session up", async () => {
    open({ ...streamed, retry: { attempts: 3 } });
    proxy.inject({ method: "PATCH", fault: { kind: "respond", status: 503, body: "busy" } });
    const blob = randomBlob(5 * MiB);
    await assert.rejects(repository.putBlob(blob, blob.source), (error: unknown) => {
      assert.ok(error instanceof RegistryError && error.status === 503 && error.temporary);
      assert.match(
        error.message,
        /uploading blob sha256:[0-9a-f]{12} to 127\.0\.0\.1:\d+\/acme.*PATCH.*busy/,
      );
      return true;
    });
    assert.equal(proxy.count("PATCH"), 3);
    assert.equal(proxy.count("POST"), proxy.count("DELETE", uploads));
  });

  it("does not try again what is not allowed", async () => {
    proxy.inject({ method: "POST", fault: { kind: "respond", status: 403 } });
    const blob = randomBlob(5000);
    await assert.rejects(repository.putBlob(blob, blob.source), { status: 403 });
    assert.equal(proxy.count("POST"), 1);
    assert.deepEqual(blob.opened, []);
  });

  it("refuses a registry that stored something else", async () => {
    proxy.inject({
      method: "PUT",
      fault: { kind: "headers", response: { "docker-content-digest": `sha256:${"0".repeat(64)}` } },
    });
    const blob = randomBlob(5000);
    await assert.rejects(repository.putBlob(blob, blob.source), DigestMismatchError);
  });

  it("refuses an empty blob that is not empty", async () => {
    const wrong = blobOf(Buffer.from("x"));
    await assert.rejects(repository.putBlob(randomBlob(0), wrong.source), DigestMismatchError);
    assert.equal(proxy.count("PUT"), 0);
  });

  it("shares one upload between two callers, each hearing of its progress", async () => {
    open(streamed);
    proxy.inject({ method: "HEAD", fault: { kind: "delay", milliseconds: 50 } });
    const blob = randomBlob(5 * MiB);
    const progress: number[][] = [[], []];
    const transfers = await Promise.all(
      progress.map((seen) =>
        repository.putBlob(blob, blob.source, { onProgress: (sent) => seen.push(sent) }),
      ),
    );
    assert.deepEqual(transfers, ["uploaded", "uploaded"]);
    assert.equal(proxy.count("POST"), 1);
    assert.deepEqual(blob.opened, [0]);
    assert.deepEqual(
      progress.map((seen) => seen.at(-1)),
      [blob.size, blob.size],
    );
  });

  it("uploads for the second caller when the first one stops", async () => {
    proxy.inject({ method: "POST", nth: 1, fault: { kind: "delay", milliseconds: 200 } });
    const blob = randomBlob(5000);
    const controller = new AbortController();
    const first = repository.putBlob(blob, blob.source, { signal: controller.signal });
    const second = repository.putBlob(blob, blob.source);
    const outcomes = Promise.allSettled([first, second]);
    await sleep(50);
    controller.abort(new Error("stopped"));
    const [one, two] = await outcomes;
    assert.equal(one.status, "rejected");
    assert.deepEqual(two, { status: "fulfilled", value: "uploaded" });
  });

  it("mounts a blob instead of sending it", async () => {
    const blob = randomBlob(5000);
    await repository.putBlob(blob, blob.source);
    proxy.reset();
    const other = client.repository({ registry: proxy.host, path: `${path}-other` });
    const transfer = await other.putBlob(blob, () => assert.fail("not opened"), { mountFrom: path });
    assert.equal(transfer, "mounted");
    assert.deepEqual(
      proxy.requests.map(({ method }) => method),
      ["HEAD", "POST"],
    );
    assert.equal(await other.blobSize(blob.digest), blob.size);
  });

  it("uploads in the session that a declined mount opened", async () => {
    const blob = randomBlob(5000);
    assert.equal(await repository.putBlob(blob, blob.source, { mountFrom: `${path}-none` }), "uploaded");
    assert.equal(proxy.count("POST"), 1);
    await assertStored(blob);
  });

  it("uploads where mounting is refused", async () => {
    proxy.inject({ method: "POST", path: /mount=/, fault: { kind: "respond", status: 403 } });
    const blob = randomBlob(5000);
    assert.equal(await repository.putBlob(blob, blob.source, { mountFrom: "acme/secret" }), "uploaded");
    await assertStored(blob);
  });

  it("starts again with a registry that cannot tell how much it has", async () => {
    const crane = await startCraneRegistry();
    const front = await startProxy(crane.port);
    try {
      front.inject({ method: "PATCH", nth: [1, 3], fault: { kind: "cut-request", afterBytes: 3 * MiB } });
      repository = clients.open(streamed).repository({ registry: front.host, path });
      const blob = randomBlob(9 * MiB);
      assert.equal(await repository.putBlob(blob, blob.source), "uploaded");
      await assertStored(blob);
    } finally {
      await front.stop();
      await crane.stop();
    }
  });
});
