import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import type { Properties } from "../../provider/base/properties";
import { unknown } from "../../provider/base/unknown";
import { npm, requireVerdaccio, startVerdaccio, type PackageRegistry } from "../support/npm-registry";
import { ProviderProcess, secret, type Held } from "../support/provider-process";
import { startProxy, type Fault, type FaultProxy } from "../support/proxy";
import { runClient } from "../support/clients";

const type = "slipway:npm:Package";

describe("packages in a registry of npm", function () {
  this.timeout(240_000);
  let root: string;
  let server: PackageRegistry;
  let proxy: FaultProxy;
  let provider: ProviderProcess;
  let folders = 0;
  let name = "";

  before(async function () {
    requireVerdaccio(this);
    root = await mkdtemp(path.join(tmpdir(), "slipway-npm-test-"));
    server = await startVerdaccio(path.join(root, "registry"));
    proxy = await startProxy(server.port);
    provider = await ProviderProcess.start(root);
  });
  beforeEach(() => {
    proxy?.reset();
    name = `@acme/hello-${++folders}`;
  });
  after(async () => {
    await provider?.stop();
    await proxy?.stop();
    await server?.stop();
    if (root) await rm(root, { recursive: true, force: true, maxRetries: 3 });
  });

  /** Packs a package whose program says its version. */
  async function pack(
    packageName: string,
    version: string,
    more: Properties = {},
    says = version,
  ): Promise<{ path: string }> {
    const file = `dist/${packageName.replace(/[@/]/g, "_")}-${version}-${says.length}.tgz`;
    const manifest = { name: packageName, version, bin: { hello: "hello.js" }, ...more };
    const entries = [
      { path: "package.json", content: JSON.stringify(manifest) },
      {
        path: "hello.js",
        content: `#!/usr/bin/env node\nconsole.log(${JSON.stringify(`hello ${says}`)});\n`,
        mode: "0755",
      },
    ];
    await provider.create("slipway:build:Archive", { path: file, root: "package", entries });
    return { path: file };
  }
  const declared = (packages: unknown, more: Properties = {}): Properties => ({
    packages,
    registry: `http://${proxy.host}`,
    token: secret(server.token),
    ...more,
  });
  const view = async (field: string) =>
    JSON.parse(await npm(path.join(root, "view"), server, "view", name, field, "--json")) as unknown;
  async function installed(...wanted: string[]): Promise<string> {
    const folder = path.join(root, `installed-${++folders}`);
    await npm(folder, server, "install", ...wanted);
    return runClient(path.join(folder, "node_modules/.bin/hello"), []);
  }
  async function looked(held: Held): Promise<Held> {
    const read = await provider.read(held);
    assert.ok(read);
    return read;
  }

  it("are there for npm; a preview publishes none, a second run nothing", async () => {
    const packages = [await pack(name, "1.0.0")];
    const planned = await provider.create(type, declared(packages), true);
    assert.equal(proxy.count("PUT"), 0);
    assert.equal(planned.state.state, "published");
    const held = await provider.create(type, declared(packages));
    assert.equal(held.state.state, "published");
    assert.equal(await installed(name), "hello 1.0.0");
    assert.deepEqual(await view("dist-tags"), { latest: "1.0.0" });
    assert.deepEqual((await provider.diff(await looked(held), declared(packages))).changes, []);
    const puts = proxy.count("PUT");
    await provider.create(type, declared(packages));
    assert.equal(proxy.count("PUT"), puts);
    assert.ok(!provider.messages.join("\n").includes(server.token));
  });

  it("get `latest` with a higher stable version only; a pre-release has `next`", async () => {
    let held = await provider.create(type, declared([await pack(name, "1.1.0")]));
    for (const [version, tags, state] of [
      ["1.2.0-rc.1", { latest: "1.1.0", next: "1.2.0-rc.1" }, "published"],
      ["1.0.1", { latest: "1.1.0", next: "1.2.0-rc.1" }, "held"],
      ["1.2.0", { latest: "1.2.0", next: "1.2.0-rc.1" }, "published"],
    ] as const) {
      const inputs = declared([await pack(name, version)]);
      const read = await looked(held);
      assert.notDeepEqual((await provider.diff(read, inputs)).changes, []);
      held = await provider.update(read, inputs);
      assert.equal(held.state.state, state);
      assert.deepEqual(await view("dist-tags"), tags);
      assert.deepEqual((await provider.diff(await looked(held), inputs)).changes, []);
    }
    assert.equal(await installed(name), "hello 1.2.0");
    assert.equal(await installed(`${name}@next`), "hello 1.2.0-rc.1");
  });

  it("that depend on others get `latest` when all are there", async () => {
    const platform = `${name}-linux-x64`;
    const packages = [
      await pack(platform, "1.0.0", { os: ["linux"], cpu: ["x64"] }),
      await pack(name, "1.0.0", { optionalDependencies: { [platform]: "1.0.0" } }),
    ];
    proxy.inject({
      method: "PUT",
      nth: 2,
      fault: { kind: "respond", status: 400, body: '{"error":"not today"}' },
    });
    await assert.rejects(
      provider.create(type, declared(packages)),
      /publishing @acme\/hello-\d+@1\.0\.0 to .*: HTTP 400 \(not today\)/,
    );
    await assert.rejects(npm(path.join(root, "none"), server, "view", name));
    await provider.create(type, declared(packages));
    assert.deepEqual(await view("dist-tags"), { latest: "1.0.0" });
    assert.equal(await installed(name), "hello 1.0.0");
  });

  it("never replace what the registry has: with both integrities, at preview", async () => {
    await provider.create(type, declared([await pack(name, "1.0.0")]));
    const other = [await pack(name, "1.0.0", {}, "something else")];
    for (const gated of [false, true]) {
      await assert.rejects(
        provider.create(type, declared(other, { gated }), true),
        /has @acme\/hello-\d+@1\.0\.0 with the integrity sha512-\S+, and this program has it with sha512-\S+: a published version does not change/,
      );
    }
  });

  for (const [what, fault] of [
    ["an answer that is lost", { kind: "lose-response" }],
    ["an upload that breaks off", { kind: "cut-request", afterBytes: 300 }],
    ["a server that wants a wait", { kind: "respond", status: 429, headers: { "retry-after": "1" } }],
  ] as [string, Fault][]) {
    it(`survive ${what}`, async () => {
      proxy.inject({ method: "PUT", nth: 1, fault });
      const held = await provider.create(type, declared([await pack(name, "1.0.0")]));
      assert.equal(held.state.state, "published");
      assert.equal(await installed(name), "hello 1.0.0");
    });
  }

  it("whose tag somebody moves are told, and get it back", async () => {
    await provider.create(type, declared([await pack(name, "1.0.0")]));
    const inputs = declared([await pack(name, "1.1.0")]);
    const held = await provider.create(type, inputs);
    const response = await fetch(`${server.url}/-/package/${name.replace("/", "%2f")}/dist-tags/latest`, {
      method: "PUT",
      headers: { authorization: `Bearer ${server.token}`, "content-type": "application/json" },
      body: '"1.0.0"',
    });
    assert.ok(response.ok);
    const read = await looked(held);
    assert.match(
      provider.messages.at(-1) ?? "",
      /somebody moved to 1\.0\.0 the tag latest of @acme\/hello-\d+ in /,
    );
    await provider.update(read, inputs);
    assert.deepEqual(await view("dist-tags"), { latest: "1.1.0" });
  });

  it("leave a failure to the gate where there is one; a token that is refused is told, and shown nowhere", async () => {
    const packages = [await pack(name, "1.0.0")];
    const wrong = declared(packages, { token: secret("npm_wrongtoken123"), gated: true });
    const held = await provider.create(type, wrong);
    assert.equal(held.state.state, "failed");
    assert.match(String(held.state.reason), /HTTP 40[13].*The token is not accepted/);
    assert.ok(!provider.messages.join("\n").includes("npm_wrongtoken123"));
    const next = await provider.update(await looked(held), declared(packages, { gated: true }));
    assert.equal(next.state.state, "published");
  });

  it("are refused in clear, damaged, twice, private, or with a name that npm does not take", async () => {
    const one = await pack(name, "1.0.0");
    for (const [inputs, reason] of [
      [declared([one], { token: "npm_inclear" }), /token: is in clear text/],
      [declared([one, one]), /packages\[1\]\.path: .*is @acme\/hello-\d+@1\.0\.0 once more/],
      [declared([{ path: "absent.tgz" }]), /there is no such file/],
      [declared([await pack("Hello", "1.0.0")]), /"Hello" is not a name that npm takes/],
      [declared([await pack(name, "1.0")]), /has the version "1\.0", which is not one of npm/],
      [declared([await pack(name, "2.0.0", { private: true })]), /says private: true/],
      [
        declared([one], { registry: "https://u:hidden@x.example" }),
        /registry: the address is not one of a registry/,
      ],
    ] as [Properties, RegExp][]) {
      await assert.rejects(provider.check(type, inputs), (error: Error) => {
        assert.match(error.message, reason);
        assert.doesNotMatch(error.message, /hidden/);
        return true;
      });
    }
    assert.equal((await provider.create(type, declared(unknown), true)).state.published, unknown);
  });
});
