import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import type { Properties } from "../../provider/base/properties";
import { devpiProgram, startDevpi, type DevpiServer } from "../support/devpi";
import { ProviderProcess, secret } from "../support/provider-process";
import {
  buildPythonProject,
  CleanEnvironment,
  requirePythonTools,
  writePythonProject,
} from "../support/python-packages";
import { requireTools } from "../support/tools";

const type = "slipway:pypi:Release";

describe("distribution files in devpi", function () {
  this.timeout(240_000);
  let root: string;
  let server: DevpiServer;
  let provider: ProviderProcess;

  before(async function () {
    requirePythonTools(this);
    requireTools(this, devpiProgram);
    root = await mkdtemp(path.join(tmpdir(), "slipway-devpi-"));
    for (const [folder, version, more] of [
      ["1.0.0", "1.0.0", ""],
      ["1.1.0rc1", "1.1.0rc1", ""],
      ["other", "1.0.0", "\n# changed\n"],
    ] as const) {
      await writePythonProject(path.join(root, folder), "hello-world", version, more);
      await buildPythonProject(path.join(root, folder));
    }
    server = await startDevpi(path.join(root, "devpi"));
    provider = await ProviderProcess.start(root);
  });
  after(async () => {
    await provider?.stop();
    await server?.stop();
    if (root) await rm(root, { recursive: true, force: true, maxRetries: 3 });
  });

  const declared = (version: string, folder = version, token = server.password): Properties => ({
    project: "hello-world",
    version,
    files: [`hello_world-${version}.tar.gz`, `hello_world-${version}-py3-none-any.whl`].map((file) => ({
      path: `${folder}/dist/${file}`,
    })),
    index: { simple: server.simple, upload: server.url },
    username: server.username,
    token: secret(token),
  });

  it("are refused without the password, which is not told, and nothing is there", async () => {
    await assert.rejects(
      provider.create(type, declared("1.0.0", "1.0.0", "wrong-password")),
      (error: Error) => {
        assert.match(error.message, /uploading hello_world-1\.0\.0\S* to 127\.0\.0\.1:\d+: HTTP 40[13]/);
        assert.doesNotMatch(error.message, /wrong-password/);
        return true;
      },
    );
    assert.equal((await fetch(`${server.simple}/hello-world/`)).status, 404);
  });

  it("are installed by pip as wheel and as sdist; a second run uploads nothing, other bytes are refused", async () => {
    const held = await provider.create(type, declared("1.0.0"));
    assert.equal(held.state.state, "served");
    const read = await provider.read(held);
    assert.ok(read);
    assert.deepEqual((await provider.diff(read, declared("1.0.0"))).changes, []);
    const again = await provider.create(type, declared("1.0.0"));
    assert.deepEqual(again.state.published, held.state.published);
    for (const preview of [true, false]) {
      await assert.rejects(
        provider.create(type, declared("1.0.0", "other"), preview),
        /hello_world-1\.0\.0\S* .*sha256:[0-9a-f]{64}.*sha256:[0-9a-f]{64}/,
      );
    }
    const [wheel, source] = await Promise.all(
      ["wheel", "source"].map((name) => CleanEnvironment.make(path.join(root, name))),
    );
    await wheel?.install(server, "hello-world");
    await source?.install(server, "--no-binary", ":all:", "--no-build-isolation", "hello-world");
    for (const one of [wheel, source]) assert.equal(await one?.run("hello-world"), "hello 1.0.0");
    await provider.create(type, declared("1.1.0rc1"));
    await wheel?.install(server, "--upgrade", "hello-world");
    assert.equal(await wheel?.run("hello-world"), "hello 1.0.0");
    await wheel?.install(server, "--upgrade", "--pre", "hello-world");
    assert.equal(await wheel?.run("hello-world"), "hello 1.1.0rc1");
  });
});
