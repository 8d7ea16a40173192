import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { RegistryError } from "../../../../lib/oci/errors";
import type { RegistryHost } from "../../../../lib/oci/registry/client";
import { makeCertificate, type ServerCertificate } from "../../../support/certificates";
import { freePort } from "../../../support/processes";
import { startProxy, type FaultProxy } from "../../../support/proxy";
import { startDistribution, startCraneRegistry, type TestRegistry } from "../../../support/registries";
import { startTokenServer } from "../../../support/token-server";
import { requireTools } from "../../../support/tools";
import { drain, randomBlob, TestClients } from "./fixtures";

describe("TLS", function () {
  this.timeout(60_000);
  let clients: TestClients;
  let certificate: ServerCertificate;
  let registry: TestRegistry;

  before(async function () {
    requireTools(this, "registry", "crane", "openssl");
    clients = new TestClients();
    certificate = makeCertificate(clients.folder);
    registry = await startDistribution({ tls: certificate });
  });
  after(async () => {
    await registry?.stop();
    await clients?.close();
  });

  const open = (settings: Partial<RegistryHost>, host = registry.host) =>
    clients.open({ credentials: [{ host, ...settings }] }).repository({ registry: host, path: "acme/app" });

  it("trusts an authority given as text or as a file", async () => {
    for (const settings of [{ ca: certificate.ca }, { caFile: certificate.caFile }]) {
      const repository = open(settings);
      const blob = randomBlob(20_000);
      assert.equal(await repository.putBlob(blob, blob.source), "uploaded");
      assert.equal((await drain(await repository.getBlob(blob))).digest, blob.digest);
    }
  });

  const failures: [name: string, settings: Partial<RegistryHost>, message: RegExp][] = [
    ["an unknown authority", { insecure: false }, /not signed by a trusted authority.*caFile/],
    ["plain HTTP to a registry with TLS", { insecure: true }, /speaks HTTPS/],
  ];
  for (const [name, settings, message] of failures) {
    it(`fails at once with a hint for ${name}`, async () => {
      await assert.rejects(open(settings).listTags(), (error: unknown) => {
        assert.ok(error instanceof RegistryError && !error.temporary, String(error));
        assert.match(error.message, message);
        return true;
      });
    });
  }

  it("fails at once with a hint for TLS to a registry without", async () => {
    const plain = await startCraneRegistry();
    try {
      await assert.rejects(
        open({ insecure: false }, plain.host).listTags(),
        /does not speak TLS.*insecure: true/,
      );
    } finally {
      await plain.stop();
    }
  });

  it("refuses an authority file that is missing or is none", () => {
    const none = join(clients.folder, "none.pem");
    assert.throws(() => open({ caFile: none }), /none\.pem cannot be read/);
    writeFileSync(none, "nothing");
    assert.throws(() => open({ caFile: none }), /none\.pem has no certificate/);
  });

  it("does not send credentials to a token server without TLS", async () => {
    const tokens = await startTokenServer();
    const front = await startDistribution({ auth: tokens, tls: certificate });
    try {
      const settings = { caFile: certificate.caFile, username: "alice", password: "pass-word" };
      await assert.rejects(open(settings, front.host).listTags(), (error: unknown) => {
        assert.ok(error instanceof RegistryError && !error.temporary);
        return /token server without TLS/.test(error.message);
      });
      assert.equal(tokens.requests.length, 0);
    } finally {
      await front.stop();
      await tokens.stop();
    }
  });
});

describe("temporary failures", function () {
  this.timeout(60_000);
  let registry: TestRegistry;
  let proxy: FaultProxy;
  let clients: TestClients;
  const warnings: string[] = [];

  before(async function () {
    requireTools(this, "crane");
    registry = await startCraneRegistry();
    proxy = await startProxy(registry.port);
  });
  after(async () => {
    await proxy?.stop();
    await registry?.stop();
  });
  beforeEach(() => {
    proxy.reset();
    warnings.length = 0;
    clients = new TestClients();
  });
  afterEach(() => clients.close());

  const open = (retry = {}) =>
    clients
      .open({ retry, onWarning: (host, text) => warnings.push(`${host} ${text}`) })
      .repository({ registry: proxy.host, path: "acme/app" });

  it("are waited out as long as Retry-After says", async () => {
    proxy.inject({ nth: 1, fault: { kind: "respond", status: 429, headers: { "retry-after": "1" } } });
    const started = Date.now();
    assert.deepEqual(await open().listTags(), []);
    assert.ok(Date.now() - started >= 990, "waits a second, not the 5 ms of the policy");
    assert.equal(proxy.requests.length, 2);
  });

  it("are waited out no longer than the cap", async () => {
    proxy.inject({ nth: 1, fault: { kind: "respond", status: 503, headers: { "retry-after": "3600" } } });
    assert.deepEqual(await open({ maxRetryAfterMs: 50 }).listTags(), []);
  });

  for (const status of [408, 500, 502, 503, 504]) {
    it(`are retried: ${status}`, async () => {
      proxy.inject({ nth: [1, 2], fault: { kind: "respond", status } });
      assert.deepEqual(await open().listTags(), []);
      assert.equal(proxy.requests.length, 3);
    });
  }

  it("are retried: a broken connection", async () => {
    proxy.inject({ nth: [1, 2], fault: { kind: "lose-response" } });
    assert.deepEqual(await open().listTags(), []);
  });

  for (const status of [400, 403, 405, 501, 505, 507]) {
    it(`are not: ${status}`, async () => {
      proxy.inject({ fault: { kind: "respond", status } });
      await assert.rejects(open().listTags(), { status });
      assert.equal(proxy.requests.length, 1);
    });
  }

  it("end with the last answer after the tries of the policy", async () => {
    proxy.inject({
      fault: {
        kind: "respond",
        status: 503,
        body: '{"errors":[{"code":"UNAVAILABLE","message":"maintenance"}]}',
      },
    });
    await assert.rejects(open({ attempts: 3 }).listTags(), (error: unknown) => {
      assert.ok(error instanceof RegistryError && error.hasCode("UNAVAILABLE") && error.temporary);
      return true;
    });
    assert.equal(proxy.requests.length, 3);
  });

  it("end with a hint where nothing listens", async () => {
    const host = `127.0.0.1:${await freePort()}`;
    const client = clients.open({ retry: { attempts: 2 } });
    await assert.rejects(client.ping(host), (error: unknown) => {
      assert.ok(error instanceof RegistryError && error.status === undefined && error.temporary);
      assert.match(error.message, /ECONNREFUSED[^]*is the registry running/);
      return true;
    });
  });

  it("are no reason to keep more than the allowed connections", async () => {
    const repository = clients
      .open({ concurrency: 2 })
      .repository({ registry: proxy.host, path: "acme/app" });
    proxy.inject({ fault: { kind: "delay", milliseconds: 50 } });
    const started = Date.now();
    await Promise.all(Array.from({ length: 6 }, () => repository.listTags()));
    assert.ok(Date.now() - started >= 140, "three rounds of two");
  });

  it("come with warnings of the registry, each once", async () => {
    proxy.inject({
      fault: { kind: "headers", response: { warning: ['299 - "end of life"', '299 - "quota"'] } },
    });
    const repository = open();
    await repository.listTags();
    await repository.listTags();
    assert.deepEqual(warnings, [`${proxy.host} end of life`, `${proxy.host} quota`]);
  });
});
