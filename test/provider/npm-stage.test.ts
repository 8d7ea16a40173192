import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile, mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import type { Properties } from "../../provider/base/properties";
import { runClient } from "../support/clients";
import { npm, requireVerdaccio, startVerdaccio, type PackageRegistry } from "../support/npm-registry";
import { secondFactor, StagingRegistry } from "../support/npm-stage";
import { ProviderProcess, secret, type Held } from "../support/provider-process";
import { startProxy, type FaultProxy } from "../support/proxy";
import { requirement } from "../support/requirement";

const type = "slipway:npm:Package";

describe("packages on the stage of a registry of npm", function () {
  this.timeout(240_000);
  let root: string;
  let server: PackageRegistry;
  let stage: StagingRegistry;
  let proxy: FaultProxy;
  let provider: ProviderProcess;
  let names = 0;
  let name = "";

  before(async function () {
    requireVerdaccio(this);
    const version = await runClient("npm", ["--version"]);
    const [major = 0, minor = 0] = version.split(".").map(Number);
    requirement(
      this,
      major > 11 || (major === 11 && minor >= 15),
      `npm ${version} knows no stage (npm install --global npm@11)`,
    );
    root = await mkdtemp(path.join(tmpdir(), "slipway-stage-test-"));
    server = await startVerdaccio(path.join(root, "registry"));
    stage = await StagingRegistry.start(server, "npm_stageonly0123456789");
    proxy = await startProxy(stage.port);
    provider = await ProviderProcess.start(root);
  });
  beforeEach(() => {
    proxy?.reset();
    name = `@acme/staged-${++names}`;
  });
  afterEach(() => {
    assert.deepEqual(stage.violations, [], "npm's description is kept to");
    for (const { id } of stage.staged) stage.reject(id);
    stage.changes.length = 0;
  });
  after(async () => {
    await provider?.stop();
    await proxy?.stop();
    await stage?.stop();
    await server?.stop();
    if (root) await rm(root, { recursive: true, force: true, maxRetries: 3 });
  });

  async function pack(version: string, says = version, packageName = name): Promise<{ path: string }> {
    const file = `dist/${packageName.replace(/[@/]/g, "_")}-${version}-${says}.tgz`;
    const entries = [
      { path: "package.json", content: JSON.stringify({ name: packageName, version, description: says }) },
    ];
    await provider.create("slipway:build:Archive", { path: file, root: "package", entries });
    return { path: file };
  }
  const declared = (packages: unknown, more: Properties = {}): Properties => ({
    packages,
    registry: `http://${proxy.host}`,
    token: secret(stage.stageToken),
    staged: true,
    ...more,
  });
  /** A first version, which is published as ever. */
  const first = async (version = "1.0.0", packageName = name) =>
    provider.create(
      type,
      declared([await pack(version, version, packageName)], {
        token: secret(server.token),
        staged: false,
      }),
    );
  /** npm, as somebody uses it who may approve. */
  async function asOwner(...args: string[]): Promise<string> {
    const folder = path.join(root, "owner");
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, ".npmrc"), `//127.0.0.1:${stage.port}/:_authToken=${server.token}\n`);
    return npm(folder, { url: `http://127.0.0.1:${stage.port}` }, ...args);
  }
  const approve = (id: unknown) => asOwner("stage", "approve", String(id), "--otp", secondFactor);
  const tags = async (packageName = name) =>
    JSON.parse(await asOwner("view", packageName, "dist-tags", "--json")) as Record<string, string>;
  const idOf = ({ state }: Held, index = 0) => (state.published as { stageId?: string }[])[index]?.stageId;
  async function looked(held: Held): Promise<Held> {
    const read = await provider.read(held);
    assert.ok(read);
    return read;
  }

  it("wait without a difference, are seen by npm, and are published once it approves; a token that may only stage is enough", async () => {
    await first();
    const inputs = declared([await pack("1.1.0")]);
    const planned = await provider.create(type, inputs, true);
    assert.deepEqual([planned.state.state, stage.changes], ["staged", []]);
    const held = await provider.create(type, inputs);
    const [item] = stage.staged;
    assert.equal(held.state.state, "staged");
    assert.equal(
      held.state.reason,
      `somebody has to approve, in this order: ${name}@1.1.0 (npm stage approve ${item?.id})`,
    );
    assert.match(String(held.state.awaitingSince), /^20\d\d-/);
    assert.equal(item?.tag, "latest");
    assert.match(
      await asOwner("stage", "list", name),
      new RegExp(`^id: ${item?.id}\npackage name: ${name}\nversion: 1\\.1\\.0\n`),
    );
    const waiting = await looked(held);
    assert.deepEqual((await provider.diff(waiting, inputs)).changes, []);
    assert.equal(waiting.state.awaitingSince, held.state.awaitingSince);
    assert.deepEqual(await tags(), { latest: "1.0.0" });

    await approve(idOf(held));
    const published = await looked(waiting);
    assert.deepEqual([published.state.state, published.state.awaitingSince], ["published", undefined]);
    assert.deepEqual((await provider.diff(published, inputs)).changes, []);
    assert.deepEqual(await tags(), { latest: "1.1.0" });
    await provider.create(type, inputs);
    assert.equal(stage.changes.filter((change) => change.startsWith("POST /-/stage/package")).length, 1);
    const said = provider.messages.join("\n");
    assert.ok(!said.includes(stage.stageToken) && !said.includes(server.token));
  });

  it("are never staged twice: where the answer is lost, by a run that knows nothing of it, or where npm has done it", async () => {
    await first();
    const inputs = declared([await pack("1.1.0")]);
    proxy.inject({ method: "POST", nth: 1, fault: { kind: "lose-response" } });
    const held = await provider.create(type, inputs);
    const again = await provider.create(type, inputs);
    assert.equal(stage.staged.length, 1);
    assert.deepEqual([idOf(held), idOf(again)], [stage.staged[0]?.id, stage.staged[0]?.id]);

    const next = await pack("1.2.0");
    await asOwner("stage", "publish", path.join(root, next.path));
    const found = await provider.create(type, declared([next]));
    const byNpm = stage.staged.find(({ version }) => version === "1.2.0");
    assert.deepEqual([idOf(found), stage.staged.length], [byNpm?.id, 2]);
  });

  it("of an old line and pre-releases take no tag from anybody when they are approved", async () => {
    await first("2.0.0");
    for (const [version, tag] of [
      ["1.9.1", "slipway-incomplete"],
      ["2.1.0-rc.1", "next"],
    ] as const) {
      const inputs = declared([await pack(version)]);
      const held = await provider.create(type, inputs);
      assert.equal(stage.staged[0]?.tag, tag);
      await approve(idOf(held));
      const now = await looked(held);
      assert.equal(now.state.state, version === "1.9.1" ? "held" : "published");
      assert.deepEqual((await provider.diff(now, inputs)).changes, []);
      assert.equal((await tags()).latest, "2.0.0");
    }
  });

  it("of several packages wait for all of them, in their order", async () => {
    const platform = `${name}-linux-x64`;
    await first("1.0.0", platform);
    await first();
    const inputs = declared([await pack("1.1.0", "1.1.0", platform), await pack("1.1.0")]);
    const held = await provider.create(type, inputs);
    await approve(idOf(held));
    const half = await looked(held);
    assert.equal(half.state.state, "staged");
    assert.equal(
      half.state.reason,
      `somebody has to approve, in this order: ${name}@1.1.0 (npm stage approve ${idOf(held, 1)})`,
    );
    assert.deepEqual((await provider.diff(half, inputs)).changes, []);
    await approve(idOf(held, 1));
    assert.equal((await looked(half)).state.state, "published");
  });

  it("that somebody rejects have failed, and are not staged again; a new version is, and the former one is told", async () => {
    await first();
    const inputs = declared([await pack("1.1.0")], { gated: true });
    const held = await provider.create(type, inputs);
    await asOwner("stage", "reject", String(idOf(held)), "--otp", secondFactor);
    let now = await looked(held);
    assert.equal(now.state.state, "failed");
    assert.match(String(now.state.reason), /@1\.1\.0 \(\S+\) left the stage of .*publish a new version/);
    now = await provider.update(now, inputs);
    assert.deepEqual([now.state.state, stage.staged], ["failed", []]);
    now = await provider.update(now, declared([await pack("1.2.0")]));
    assert.equal(now.state.state, "staged");
    await provider.update(now, declared([await pack("1.3.0")]));
    assert.ok(
      provider.messages.some((message) =>
        /@1\.2\.0 is on the stage of .* too: approved after 1\.3\.0, it would take its tag/.test(message),
      ),
    );
  });

  it("are refused at preview where other bytes of that version wait, with what to do", async () => {
    await first();
    const held = await provider.create(type, declared([await pack("1.1.0")], { gated: true }));
    const other = declared([await pack("1.1.0", "other")], { gated: true });
    await assert.rejects(
      provider.update(await looked(held), other, true),
      new RegExp(`on the stage already, with other bytes.*npm stage reject ${idOf(held)}`),
    );
    assert.equal(stage.staged.length, 1);
  });

  it("are a failure after the grace that is declared", async () => {
    await first();
    const held = await provider.create(type, declared([await pack("1.1.0")]));
    const { state, reason } = held.state;
    const awaitingSince = new Date(Date.now() - 3 * 86_400_000).toISOString();
    const gate = (grace: string) => ({
      channels: [{ channel: "npm packages", state, reason, awaitingSince, grace }],
    });
    await provider.create("slipway:channel:Gate", gate("7d"));
    await assert.rejects(
      provider.create("slipway:channel:Gate", gate("2d")),
      /npm packages: it waits since 20\S+, longer than its grace of 2d: somebody has to approve/,
    );
  });

  it("are left to the gate where nobody can be asked, and taken to be as they were", async () => {
    await first();
    const inputs = declared([await pack("1.1.0")], { gated: true });
    const held = await provider.create(type, inputs);
    proxy.inject({ path: /stage/, fault: { kind: "respond", status: 400, body: '{"message":"not today"}' } });
    const now = await looked(held);
    assert.deepEqual(
      [now.state.state, now.state.awaitingSince, idOf(now)],
      ["unknown", held.state.awaitingSince, idOf(held)],
    );
    assert.deepEqual((await provider.diff(now, inputs)).changes, []);
  });

  for (const [what, more, reason] of [
    ["a package that the registry does not have", {}, /staging .*HTTP 404.*first version of a package may/],
    [
      "a token that is not accepted",
      { token: secret("npm_wrongtoken123") },
      /HTTP 401 \(Unauthorized\)\. The token/,
    ],
    ["a token that may only stage, without staged", { staged: false }, /HTTP 403.*needs `staged: true`/],
  ] as [string, Properties, RegExp][]) {
    it(`say what to do about ${what}`, async () => {
      const inputs = declared([await pack("1.0.0")], more);
      await assert.rejects(provider.create(type, inputs), (error: Error) => {
        assert.match(error.message, reason);
        assert.doesNotMatch(error.message, /npm_wrongtoken123|npm_stageonly/);
        return true;
      });
    });
  }

  it("say that a registry has no stage", async () => {
    const inputs = declared([await pack("1.0.0")], { registry: server.url, token: secret(server.token) });
    await assert.rejects(provider.create(type, inputs), /HTTP 404.*has no stage: leave out `staged`/);
  });
});
