import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { serverSchemaAddress } from "../../lib/channels/mcp/server-json";
import type { Properties } from "../../provider/base/properties";
import { unknown } from "../../provider/base/unknown";
import { mcpCheck } from "../../provider/doctor/checks/mcp";
import { requireMcpRegistry, startMcpRegistry } from "../support/mcp-registry";
import { AskingPlace, lines } from "./doctor/asking";
import { CheckFailed, ProviderProcess, secret, type Held } from "../support/provider-process";
import { startProxy, type FaultProxy } from "../support/proxy";

const type = "slipway:mcp:Server";
let serial = 0;

describe("a server in the registry of MCP servers", function () {
  this.timeout(60_000);
  let root: string;
  let place: Awaited<ReturnType<typeof startMcpRegistry>>;
  let proxy: FaultProxy;
  let provider: ProviderProcess;
  let name: string;

  before(async function () {
    requireMcpRegistry(this);
    root = await mkdtemp(path.join(tmpdir(), "slipway-mcp-test-"));
    place = await startMcpRegistry();
  });
  beforeEach(async () => {
    name = `io.modelcontextprotocol.anonymous/hello-${++serial}`;
    proxy = await startProxy(place.port);
    provider = await ProviderProcess.start(root);
  });
  afterEach(async () => {
    await provider?.stop();
    await proxy?.stop();
  });
  after(async () => {
    await place?.stop();
    if (root) await rm(root, { recursive: true, force: true, maxRetries: 3 });
  });

  const text = (version: string, description = "Greets the world") =>
    JSON.stringify({
      $schema: serverSchemaAddress,
      name,
      version,
      description,
      packages: [
        {
          registryType: "oci",
          identifier: `ghcr.io/acme/hello@sha256:${"a".repeat(64)}`,
          transport: { type: "stdio" },
        },
      ],
    });
  const declared = (version = "1.0.0", more: Properties = {}): Properties => ({
    registry: `http://${proxy.host}`,
    server: text(version),
    anonymous: true,
    gated: true,
    ...more,
  });
  const writes = () => proxy.requests.filter(({ method }) => method !== "GET").map(({ method }) => method);

  async function looked(held: Held): Promise<Held> {
    const read = await provider.read(held);
    assert.ok(read);
    return read;
  }

  it("is there after one publication; a preview publishes nothing, a second run neither", async () => {
    await provider.create(type, declared(), true);
    assert.deepEqual(writes(), []);
    const held = await provider.create(type, declared());
    assert.deepEqual(
      [held.state.state, held.state.foundStatus, held.state.isLatest],
      ["served", "active", true],
    );
    assert.deepEqual((await provider.diff(await looked(held), declared())).changes, []);
    const before = writes().length;
    assert.equal((await provider.create(type, declared())).state.state, "served");
    assert.equal(writes().length, before);
  });

  it("with another content is refused with both digests, at preview, gated or not", async () => {
    await provider.create(type, declared());
    const other = declared("1.0.0", { server: text("1.0.0", "Another") });
    await assert.rejects(
      provider.create(type, other, true),
      /sha256:[0-9a-f]{64}, and would be sha256:[0-9a-f]{64} now/,
    );
    assert.equal((await provider.create(type, other)).state.state, "failed");
  });

  it("goes from version to version; a patch of an old line leaves the latest where it is", async () => {
    const first = await provider.create(type, declared("1.0.0"));
    const { changes } = await provider.diff(await looked(first), declared("2.0.0"));
    assert.deepEqual(changes, ["server"]);
    await provider.create(type, declared("2.0.0"));
    const old = await provider.create(type, declared("1.0.1"));
    assert.deepEqual([old.state.state, old.state.isLatest], ["served", false]);
  });

  it("is held where it is a pre-release, unless somebody asks for that", async () => {
    const held = await provider.create(type, declared("1.0.0-rc.1"));
    assert.equal(held.state.state, "held");
    assert.deepEqual(writes(), []);
    assert.deepEqual((await provider.diff(await looked(held), declared("1.0.0-rc.1"))).changes, []);
    const asked = await provider.create(type, declared("1.0.0-rc.1", { prereleases: true }));
    assert.equal(asked.state.state, "served");
  });

  it("is marked as declared, and a mark of somebody else is put back", async () => {
    const held = await provider.create(type, declared());
    const marked = declared("1.0.0", { status: "deprecated", statusMessage: "take 2.0.0" });
    assert.deepEqual((await provider.diff(await looked(held), marked)).changes, ["status"]);
    const after = await provider.update(await looked(held), marked);
    assert.deepEqual([after.state.foundStatus, after.state.foundMessage], ["deprecated", "take 2.0.0"]);
    assert.deepEqual((await provider.diff(await looked(after), declared())).changes, ["status"]);
  });

  it("that fails leaves it to the gate, and nothing secret in what is said", async () => {
    const token = "gh-token-of-somebody";
    proxy.inject({ fault: { kind: "respond", status: 500, headers: {}, body: `no ${token}` } });
    const held = await provider.create(type, declared("1.0.0", { githubToken: secret(token) }));
    assert.equal(held.state.state, "failed");
    assert.ok(!JSON.stringify([held.state.reason, provider.shown]).includes(token));
  });

  it("refuses what it cannot sign in with, and says how", async () => {
    const nobody = { ...declared(), anonymous: false };
    assert.match(
      String((await provider.create(type, nobody)).state.reason),
      /nobody says who publishes: run it in a workflow/,
    );
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    const domain = { name: "acme.example", proof: "dns", key: secret(pem) };
    await assert.rejects(provider.create(type, declared("1.0.0", { domain })), (error: unknown) => {
      assert.ok(error instanceof CheckFailed);
      assert.match(JSON.stringify(error.failures), /no private key of Ed25519/);
      return true;
    });
  });

  it("slipway doctor says whether who publishes is taken, and publishes nothing", async () => {
    const doctor = await AskingPlace.open();
    const { privateKey } = generateKeyPairSync("ed25519", {
      privateKeyEncoding: { format: "pem", type: "pkcs8" },
      publicKeyEncoding: { format: "pem", type: "spki" },
    });
    try {
      const ask = async (more: Properties) => {
        const inputs = declared("1.0.0", { anonymous: undefined, server: unknown, ...more });
        const [first] = lines(await doctor.ask(mcpCheck, [{ type, inputs }], { env: {} }));
        return first?.replaceAll(proxy.host, "HOST");
      };
      assert.equal(await ask({ anonymous: true }), "ok: HOST: who publishes is taken");
      assert.match((await ask({})) ?? "", /^failure: HOST: nobody says who publishes/);
      assert.equal(
        await ask({ githubToken: unknown }),
        "not asked: HOST: who publishes is known only in a release",
      );
      assert.match(
        (await ask({ domain: { name: "localhost", proof: "http", key: privateKey } })) ?? "",
        /^failure: HOST: signing in to HOST: HTTP 4/,
      );
      assert.ok(writes().length > 0 && !proxy.requests.some(({ path: asked }) => asked.includes("publish")));
    } finally {
      await doctor.close();
    }
  });

  it("that is not known yet is planned", async () => {
    const planned = await provider.create(type, declared("1.0.0", { server: unknown }), true);
    assert.equal(planned.state.server, unknown);
    assert.deepEqual(writes(), []);
  });
});
