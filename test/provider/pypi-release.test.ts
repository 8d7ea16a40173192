import assert from "node:assert/strict";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { digestOf } from "../../lib/oci/digest";
import type { Properties } from "../../provider/base/properties";
import { unknown } from "../../provider/base/unknown";
import { runClient } from "../support/clients";
import { ProviderProcess, secret, type Held } from "../support/provider-process";
import { startProxy, type Fault, type FaultProxy } from "../support/proxy";
import {
  buildPythonProject,
  CleanEnvironment,
  requirePythonTools,
  startPackageServer,
  twineCheck,
  writePythonProject,
  type PackageServer,
} from "../support/python-packages";

const type = "slipway:pypi:Release";
const project = "hello-world";

describe("distribution files in an index of Python packages", () => {
  let root: string;
  let server: PackageServer;
  let proxy: FaultProxy;
  let provider: ProviderProcess;
  let environments = 0;

  before(async function () {
    this.timeout(240_000);
    requirePythonTools(this);
    root = await mkdtemp(path.join(tmpdir(), "slipway-pypi-test-"));
    for (const version of ["1.0.0", "1.1.0", "1.2.0rc1"]) {
      await writePythonProject(path.join(root, version), project, version);
      await buildPythonProject(path.join(root, version));
    }
    // The same version with another content.
    await writePythonProject(path.join(root, "other"), project, "1.0.0", "\n# changed\n");
    await buildPythonProject(path.join(root, "other"));
    server = await startPackageServer(path.join(root, "packages"));
    proxy = await startProxy(server.port);
    provider = await ProviderProcess.start(root);
  });
  beforeEach(async () => {
    await rm(path.join(root, "packages"), { recursive: true, force: true });
    await mkdir(path.join(root, "packages"));
    proxy.reset();
  });
  after(async () => {
    await provider?.stop();
    await proxy?.stop();
    await server?.stop();
    if (root) await rm(root, { recursive: true, force: true, maxRetries: 3 });
  });

  const wheelOf = (version: string) => `hello_world-${version}-py3-none-any.whl`;
  const sdistOf = (version: string) => `hello_world-${version}.tar.gz`;
  const pathsOf = (version: string, folder = version) => [
    `${folder}/dist/${sdistOf(version)}`,
    `${folder}/dist/${wheelOf(version)}`,
  ];
  const declared = (version = "1.0.0", more: Properties = {}): Properties => ({
    project,
    version,
    files: pathsOf(version).map((file) => ({ path: file })),
    index: { simple: `http://${proxy.host}/simple`, upload: `http://${proxy.host}/` },
    ...more,
  });
  const listed = async () => (await readdir(path.join(root, "packages"))).sort();
  const uploads = () => proxy.count("POST");
  const cleanEnvironment = () => CleanEnvironment.make(path.join(root, `environment-${++environments}`));
  const digestAt = async (file: string) => digestOf(await readFile(path.join(root, file)));

  async function looked(held: Held): Promise<Held> {
    const read = await provider.read(held);
    assert.ok(read);
    return read;
  }

  it("are there for pip as wheel, as sdist and with extras; a preview uploads none, a second run nothing", async function () {
    this.timeout(240_000);
    const planned = await provider.create(type, declared(), true);
    assert.deepEqual(await listed(), []);
    assert.deepEqual(
      Object.keys(planned.state.published as object).sort(),
      [sdistOf("1.0.0"), wheelOf("1.0.0")].sort(),
    );
    const held = await provider.create(type, declared());
    assert.equal(held.state.state, "served");
    assert.deepEqual(held.state.published, {
      [sdistOf("1.0.0")]: await digestAt(pathsOf("1.0.0")[0] ?? ""),
      [wheelOf("1.0.0")]: await digestAt(pathsOf("1.0.0")[1] ?? ""),
    });
    assert.deepEqual((await provider.diff(await looked(held), declared())).changes, []);
    await provider.create(type, declared());
    assert.equal(uploads(), 2);
    await twineCheck((await listed()).map((file) => path.join(root, "packages", file)));

    const wheel = await cleanEnvironment();
    await wheel.install(server, project);
    assert.equal(
      await wheel.run("python", ["-c", "import hello_world; print(hello_world.__version__)"]),
      "1.0.0",
    );
    assert.equal(await wheel.run("hello-world"), "hello 1.0.0");
    // The extra is known: what it wants is looked for, and not in this index.
    await assert.rejects(wheel.install(server, `${project}[kubernetes]`), /shout/);
    const source = await cleanEnvironment();
    await source.install(server, "--no-binary", ":all:", "--no-build-isolation", project);
    assert.equal(await source.run("hello-world"), "hello 1.0.0");
  });

  it("of a pre-release reach those alone who ask for it, and the former version stays", async function () {
    this.timeout(240_000);
    let held = await provider.create(type, declared("1.0.0"));
    for (const version of ["1.1.0", "1.2.0rc1"]) {
      const read = await looked(held);
      const { details } = await provider.diff(read, declared(version));
      assert.deepEqual(details, { version: "update" });
      held = await provider.update(read, declared(version));
    }
    assert.equal((await listed()).length, 6);
    const environment = await cleanEnvironment();
    await environment.install(server, project);
    assert.equal(await environment.run("hello-world"), "hello 1.1.0");
    await environment.install(server, "--upgrade", "--pre", project);
    assert.equal(await environment.run("hello-world"), "hello 1.2.0rc1");
    await environment.install(server, `${project}==1.0.0`);
    assert.equal(await environment.run("hello-world"), "hello 1.0.0");
  });

  it("are uploaded with the wheel before the sdist", async () => {
    await provider.create(type, declared());
    const posts = proxy.requests.filter(({ method }) => method === "POST");
    const sizes = await Promise.all(
      [wheelOf("1.0.0"), sdistOf("1.0.0")].map(
        async (file) => (await stat(path.join(root, "1.0.0/dist", file))).size,
      ),
    );
    assert.ok((sizes[0] ?? 0) > (sizes[1] ?? 0), "the larger one is known by its size");
    assert.ok((posts[0]?.requestBytes ?? 0) > (posts[1]?.requestBytes ?? 0));
  });

  for (const [what, more, reason] of [
    [
      "another project",
      { project: "other" },
      /files\[0\]\.path: .*is of the project "hello_world" by its name, not of "other"/,
    ],
    [
      "another version",
      { version: "1.0.1" },
      /is of the version "1\.0\.0" by its name, not "1\.0\.1": let the build take/,
    ],
    [
      "no version of Python",
      { version: "1.0-final" },
      /version: "1\.0-final" is not a version of a Python package \(PEP 440; valid examples/,
    ],
    ["a local version", { version: "1.0.0+abc" }, /has a local label \(\+abc\), which no index takes/],
    ["no name of a project", { project: "-hello" }, /project: "-hello" is not a name of a Python project/],
    [
      "a file that is not there",
      { files: [{ path: "hello_world-1.0.0.tar.gz" }] },
      /there is no such file; paths are relative/,
    ],
    [
      "a file of another kind",
      { files: [{ path: "1.0.0/README.md" }] },
      /"README\.md" is neither a wheel nor an sdist by its name/,
    ],
    ["a token in clear", { token: "pypi-in-clear-text" }, /^token: is in clear text/],
    [
      "an address with credentials",
      { index: { simple: "https://u:hidden@x.example/simple", upload: "https://x.example/" } },
      /the address has credentials in it/,
    ],
    [
      "a token on a wire that others read",
      {
        token: secret("pypi-secret"),
        index: { simple: "http://x.example/simple", upload: "http://x.example/" },
      },
      /index\.upload: .*would get the token in clear: take https/,
    ],
  ] as [string, Properties, RegExp][]) {
    it(`are refused with ${what}`, async () => {
      await assert.rejects(provider.create(type, declared("1.0.0", more), true), (error: Error) => {
        assert.match(error.message, reason);
        assert.doesNotMatch(error.message, /hidden|pypi-in-clear-text/);
        return true;
      });
      assert.equal(proxy.requests.length, 0);
    });
  }

  it("are refused where their metadata is of another version than their name, and where they are damaged", async () => {
    await mkdir(path.join(root, "renamed"), { recursive: true });
    for (const [from, to] of [
      [wheelOf("1.0.0"), wheelOf("1.1.0")],
      [sdistOf("1.0.0"), sdistOf("1.1.0")],
    ]) {
      await cp(path.join(root, "1.0.0/dist", from ?? ""), path.join(root, "renamed", to ?? ""));
      const files = [{ path: `renamed/${to}` }];
      await assert.rejects(
        provider.check(type, declared("1.1.0", { files })),
        /is of the version "1\.0\.0" by its metadata, not "1\.1\.0"/,
      );
      const bytes = await readFile(path.join(root, "1.1.0/dist", to ?? ""));
      await writeFile(path.join(root, "renamed", to ?? ""), bytes.subarray(0, 200));
      await assert.rejects(
        provider.check(type, declared("1.1.0", { files })),
        /cannot be read as (a wheel|an sdist): /,
      );
    }
  });

  it("are refused for PyPI where a wheel has sizes behind its content, which an index of one's own may take", async () => {
    await mkdir(path.join(root, "streamed"), { recursive: true });
    const file = `streamed/${wheelOf("1.0.0")}`;
    const stream =
      "import sys,zipfile\nz=zipfile.ZipFile(sys.stdout.buffer,'w')\nfor i in (s:=zipfile.ZipFile(sys.argv[1])).infolist(): z.writestr(i.filename,s.read(i))\nz.close()";
    const command = `python3 -c "$1" "$2" | cat > "$3"`;
    await runClient("sh", [
      "-c",
      command,
      "sh",
      stream,
      path.join(root, "1.0.0/dist", wheelOf("1.0.0")),
      path.join(root, file),
    ]);
    const inputs = declared("1.0.0", { files: [{ path: file }] });
    await provider.check(type, inputs);
    await assert.rejects(
      provider.check(type, { ...inputs, index: undefined }),
      /has its size after its content, in a data descriptor, and PyPI takes no such wheel/,
    );
  });

  it("are planned while they are not known yet", async () => {
    const planned = await provider.create(type, declared("1.0.0", { files: unknown }), true);
    assert.equal(planned.state.published, unknown);
  });

  it("MESH-27: never replace what the index has: with both digests, at preview, and with nothing else uploaded", async () => {
    const wheel = wheelOf("1.0.0");
    await cp(path.join(root, "other/dist", wheel), path.join(root, "packages", wheel));
    const [there, here] = [await digestAt(`other/dist/${wheel}`), await digestAt(`1.0.0/dist/${wheel}`)];
    for (const preview of [true, false]) {
      for (const gated of preview ? [false, true] : [false]) {
        await assert.rejects(provider.create(type, declared("1.0.0", { gated }), preview), (error: Error) => {
          assert.ok(error.message.includes(there) && error.message.includes(here), error.message);
          assert.match(error.message, /a published file does not change\. Publish a new version/);
          return true;
        });
      }
    }
    assert.deepEqual(await listed(), [wheel]);
  });

  for (const [what, fault, posts] of [
    ["an answer that is lost", { kind: "lose-response" }, 2],
    ["an upload that breaks off", { kind: "cut-request", afterBytes: 900 }, 3],
    ["a server that wants a wait", { kind: "respond", status: 429, headers: { "retry-after": "1" } }, 3],
    ["a server that is ill for a moment", { kind: "respond", status: 503 }, 3],
  ] as [string, Fault, number][]) {
    it(`survive ${what}, and are not sent twice`, async () => {
      proxy.inject({ method: "POST", nth: 1, fault });
      const held = await provider.create(type, declared());
      assert.equal(held.state.state, "served");
      assert.deepEqual(await listed(), [wheelOf("1.0.0"), sdistOf("1.0.0")]);
      assert.equal(uploads(), posts);
      for (const file of await listed())
        assert.equal(await digestAt(`packages/${file}`), await digestAt(`1.0.0/dist/${file}`));
    });
  }

  it("of a run that was interrupted are found by the next one", async () => {
    proxy.inject({ method: "POST", nth: 2, fault: { kind: "respond", status: 400, body: "no" } });
    await assert.rejects(
      provider.create(type, declared()),
      /uploading hello_world-1\.0\.0\.tar\.gz to .*: HTTP 400 \(no\)/,
    );
    assert.deepEqual(await listed(), [wheelOf("1.0.0")]);
    await provider.create(type, declared());
    assert.equal(uploads(), 3);
    assert.equal((await listed()).length, 2);
  });

  it("that the index says it has had already, and does not list, need a new version", async () => {
    const body =
      "<html><head><title>400 This filename has already been used, use a different version.</title></head></html>";
    proxy.inject({ method: "POST", fault: { kind: "respond", status: 400, body } });
    await assert.rejects(
      provider.create(type, declared()),
      /This filename has already been used, use a different version\.\)\. .* does not list hello_world-1\.0\.0-py3-none-any\.whl: it was deleted/,
    );
  });

  it("with a token are for the host of the uploads alone; one that is refused is told, and shown nowhere", async () => {
    const token = "pypi-AgEIcHlwaS5vcmc";
    // Of the password "password", which the token is not.
    await writeFile(path.join(root, "htpasswd"), "__token__:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n");
    const closed = await startPackageServer(path.join(root, "packages"), [
      "-a",
      "update",
      "-P",
      path.join(root, "htpasswd"),
    ]);
    try {
      const inputs = declared("1.0.0", {
        token: secret(token),
        index: { simple: `http://${proxy.host}/simple`, upload: closed.url },
      });
      await assert.rejects(
        provider.create(type, inputs),
        /HTTP 403.*The token is not accepted, or not for this project/,
      );
      assert.ok(proxy.requests.every(({ headers }) => headers.authorization === undefined));
      assert.ok(!provider.messages.join("\n").includes(token));
      const anonymous = declared("1.0.0", { index: { simple: `${closed.url}simple`, upload: closed.url } });
      await assert.rejects(provider.create(type, anonymous), /HTTP 401.*It wants credentials: give token/);
      assert.deepEqual(await listed(), []);
      const held = await provider.create(type, { ...anonymous, token: secret("password") });
      assert.equal(held.state.state, "served");
      assert.ok(!provider.messages.join("\n").includes("password"));
    } finally {
      await closed.stop();
    }
  });

  it("leave a failure to the gate where there is one, and are published by the next update", async () => {
    proxy.inject({ method: "POST", fault: { kind: "respond", status: 400, body: "not today" } });
    const inputs = declared("1.0.0", { gated: true });
    const held = await provider.create(type, inputs);
    assert.equal(held.state.state, "failed");
    assert.match(String(held.state.reason), /not today/);
    proxy.reset();
    const read = await looked(held);
    assert.ok((await provider.diff(read, inputs)).changes.includes("state"));
    const next = await provider.update(read, inputs);
    assert.equal(next.state.state, "served");
    assert.equal(next.state.reason, undefined);
    assert.deepEqual((await provider.diff(await looked(next), inputs)).changes, []);
  });

  it("that somebody has deleted or replaced are told; what an index takes again is put back", async () => {
    const held = await provider.create(type, declared());
    await rm(path.join(root, "packages", wheelOf("1.0.0")));
    const from = provider.messages.length;
    const read = await looked(held);
    assert.match(
      provider.messages.slice(from).join("\n"),
      /somebody deleted hello_world-1\.0\.0-py3-none-any\.whl in hello-world 1\.0\.0 of .*; `pulumi up` puts it back/,
    );
    assert.deepEqual((await provider.diff(read, declared())).details, {
      [`published["${wheelOf("1.0.0")}"]`]: "add",
    });
    const back = await provider.update(read, declared());
    assert.equal((await listed()).length, 2);
    await cp(path.join(root, "other/dist", wheelOf("1.0.0")), path.join(root, "packages", wheelOf("1.0.0")));
    const changed = await looked(back);
    assert.match(
      provider.messages.at(-1) ?? "",
      /somebody changed .*; no file gets its name again there: publish a new version/,
    );
    await assert.rejects(provider.update(changed, declared(), true), /a published file does not change/);
  });

  it("are known by their content where the index lists no SHA-256", async () => {
    const plain = await startPackageServer(path.join(root, "packages"), [
      "-a",
      ".",
      "-P",
      ".",
      "--hash-algo",
      "md5",
    ]);
    try {
      const index = { simple: `${plain.url}simple`, upload: plain.url };
      const held = await provider.create(type, declared("1.0.0", { index }));
      assert.equal(held.state.state, "served");
      await cp(
        path.join(root, "other/dist", wheelOf("1.0.0")),
        path.join(root, "packages", wheelOf("1.0.0")),
      );
      await assert.rejects(
        provider.create(type, declared("1.0.0", { index }), true),
        /a published file does not change/,
      );
    } finally {
      await plain.stop();
    }
  });

  it("that somebody yanked are told with the reason, and stay published", async () => {
    const held = await provider.create(type, declared());
    const files = await Promise.all(
      (await listed()).map(async (filename) => ({
        filename,
        url: `../../packages/${filename}`,
        hashes: { sha256: (await digestAt(`packages/${filename}`)).slice("sha256:".length) },
        yanked: filename.endsWith(".whl") ? "broken on Tuesdays" : false,
      })),
    );
    proxy.inject({
      path: /^\/simple\//,
      fault: {
        kind: "respond",
        status: 200,
        headers: { "content-type": "application/vnd.pypi.simple.v1+json" },
        body: JSON.stringify({ meta: { "api-version": "1.4" }, name: project, files }),
      },
    });
    const read = await looked(held);
    assert.match(
      provider.messages.at(-1) ?? "",
      /somebody yanked hello_world-1\.0\.0-py3-none-any\.whl in .*: broken on Tuesdays/,
    );
    assert.deepEqual(read.state.yanked, { [wheelOf("1.0.0")]: "broken on Tuesdays" });
    assert.deepEqual((await provider.diff(read, declared())).changes, []);
  });
});
