import assert from "node:assert/strict";
import { RegistryError } from "../../lib/oci/errors";
import { parseRepository } from "../../lib/oci/reference";
import { RegistryClient } from "../../lib/oci/registry/client";
import { SilentRegistries } from "../../provider/run/silent-registries";
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
