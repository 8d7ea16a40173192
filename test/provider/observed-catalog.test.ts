import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import * as path from "node:path";
import type { Properties } from "../../provider/base/properties";
import { ProviderProcess, type Held } from "../support/provider-process";

const type = "slipway:channel:Observed";

describe("a catalog that others fill", function () {
  this.timeout(60_000);
  let root: string;
  let provider: ProviderProcess;
  let server: Server;
  let answer: string;
  let asked: string[];

  before(async () => {
    root = await mkdtemp(path.join(tmpdir(), "slipway-observed-test-"));
    server = createServer((request, response) => {
      asked.push(request.method ?? "");
      if (answer === "") response.writeHead(503).end();
      else response.end(answer);
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    provider = await ProviderProcess.start(root);
  });
  beforeEach(() => {
    asked = [];
    answer = '{"version":"1.4.0"}';
  });
  after(async () => {
    await provider?.stop();
    await new Promise((done) => server.close(done));
    await rm(root, { recursive: true, force: true, maxRetries: 3 });
  });

  const declared = (more: Properties = {}): Properties => ({
    catalog: "acme store",
    probe: {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/app.json`,
      version: "/version",
    },
    version: "v1.4.0",
    ...more,
  });
  const told = ({ state }: Held) => [state.state, state.found, state.awaitingSince];
  const looked = async (held: Held): Promise<Held> => {
    const read = await provider.read(held);
    assert.ok(read);
    return read;
  };

  it("is asked for a new version and by a refresh, and is never written to", async () => {
    const first = await provider.create(type, declared());
    assert.deepEqual(told(first), ["served", "1.4.0", undefined]);
    assert.deepEqual((await provider.diff(first, declared())).changes, []);

    const second = await provider.update(first, declared({ version: "v1.5.0" }));
    const { since } = second.state;
    assert.deepEqual(told(second), ["awaiting", "1.4.0", since]);
    assert.notEqual(since, first.state.since);
    // Another lag is no other release.
    const patient = await provider.update(second, declared({ version: "v1.5.0", grace: "30d" }));
    assert.equal(patient.state.since, since);

    answer = "";
    assert.deepEqual(told(await looked(second)), ["unknown", undefined, undefined]);
    answer = "<html>";
    const nonsense = await looked(second);
    assert.deepEqual([nonsense.state.state, nonsense.state.since], ["unknown", since]);
    answer = '{"version":"1.5.0"}';
    assert.deepEqual(told(await looked(nonsense)), ["served", "1.5.0", undefined]);
    await provider.delete(second);
    assert.deepEqual([...new Set(asked)], ["GET"]);
  });

  it("is behind when its time is over", async () => {
    const held = await provider.create(type, declared({ version: "v1.5.0" }));
    const earlier = { ...held, state: { ...held.state, since: "2026-01-01T00:00:00.000Z" } };
    const late = await looked(earlier);
    assert.deepEqual(told(late), ["behind", "1.4.0", undefined]);
    assert.match(String(late.state.reason), /has 1\.4\.0, and was to follow within 7d of 2026-01-01/);
  });
});
