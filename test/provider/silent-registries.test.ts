import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { RegistryError } from "../../lib/oci/errors";
import { parseRepository } from "../../lib/oci/reference";
import { RegistryClient } from "../../lib/oci/registry/client";
import { SilentRegistries } from "../../provider/run/silent-registries";
import { startBlackhole } from "../support/blackhole";
import { freePort } from "../support/processes";

describe("registries that did not answer", () => {
  const client = new RegistryClient({ retry: { attempts: 1 } });
  after(() => client.close());

  const failure = (fields: { host: string; status?: number; temporary?: boolean }) =>
    new RegistryError({ operation: "looking", method: "GET", path: "/v2/", ...fields });

  it("are not asked again, whichever repository it is about, until a minute has passed", async () => {
    const host = `127.0.0.1:${await freePort()}`;
    const [one, other] = ["one", "other"].map((name) =>
      client.repository(parseRepository(`${host}/${name}`)),
    );
    assert.ok(one && other);
    const silent = new SilentRegistries();
    await assert.rejects(
      silent.ask(one, () => one.listTags()),
      /ECONNREFUSED/,
    );
    let asked = 0;
    await assert.rejects(
      silent.ask(other, async () => (asked += 1)),
      /ECONNREFUSED/,
    );
    assert.equal(asked, 0);
    assert.ok(silent.reason(other, Date.now() + 50_000));
    assert.equal(silent.reason(other, Date.now() + 70_000), undefined);
  });

  it("are not tried again at once, as they are elsewhere", async () => {
    const patient = new RegistryClient({ retry: { attempts: 3, baseDelayMs: 400 } });
    after(() => patient.close());
    const down = patient.repository(parseRepository(`127.0.0.1:${await freePort()}/app`));
    const timed = async (work: () => Promise<unknown>) => {
      const started = performance.now();
      await assert.rejects(work(), /ECONNREFUSED/);
      return performance.now() - started;
    };
    const quick = await timed(() => new SilentRegistries().ask(down, () => down.headManifest("v1")));
    const slow = await timed(() => down.headManifest("v1"));
    assert.ok(quick < 200 && slow > 500, `${quick} ms, ${slow} ms`);
  });

  it("are mirrors that take no connection in a moment; a slow one that takes it is waited for", async () => {
    const blackhole = await startBlackhole();
    const server = createServer((_request, response) => {
      setTimeout(() => response.end(JSON.stringify({ name: "app", tags: ["v1"] })), 2500);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    try {
      const silent = new SilentRegistries();
      const [one, other] = ["one", "other"].map((name) =>
        client.repository(parseRepository(`${blackhole.host}/${name}`)),
      );
      assert.ok(one && other);
      const started = performance.now();
      const asked = [one, one, other].map((mirror) => silent.askMirror(mirror, () => mirror.listTags()));
      for (const result of await Promise.allSettled(asked)) {
        assert.match(
          String(result.status === "rejected" && result.reason),
          /opening a connection: GET 127.*no answer from 127\.0\.0\.1:\d+ within 1\.4 s.*firewall/s,
        );
      }
      await assert.rejects(silent.askMirror(other, () => other.listTags()));
      const seconds = (performance.now() - started) / 1000;
      assert.ok(seconds > 1.3 && seconds < 2.5, `${seconds} s`);
      assert.deepEqual(
        [one, other].map((mirror) => silent.isTold(mirror, silent.reason(mirror))),
        [false, true],
      );

      const { port } = server.address() as AddressInfo;
      const slow = client.repository(parseRepository(`127.0.0.1:${port}/app`));
      assert.deepEqual(await silent.askMirror(slow, () => slow.listTags()), ["v1"]);
    } finally {
      server.close();
      await blackhole.stop();
    }
  });

  const repository = client.repository(parseRepository("registry.example.com/app"));
  const answers: [what: string, error: Error][] = [
    ["refused", failure({ host: "registry.example.com", status: 403 })],
    ["answered that they are overloaded", failure({ host: "registry.example.com", status: 503 })],
    ["have a bad certificate", failure({ host: "registry.example.com", temporary: false })],
    ["were not what failed", failure({ host: "other.example.com", temporary: true })],
  ];
  for (const [what, error] of answers) {
    it(`are not those that ${what}`, async () => {
      const silent = new SilentRegistries();
      await assert.rejects(
        silent.ask(repository, () => Promise.reject(error)),
        error,
      );
      assert.equal(await silent.ask(repository, () => Promise.resolve("asked")), "asked");
    });
  }
});
