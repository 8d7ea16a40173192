import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { execFileSync } from "node:child_process";
import { dirname, join } from "node:path";

import { REPOSITORY } from "../../lib/machine/repository";
import { run } from "./source-process";
import { temporaryDirectory } from "./temporary-directory";

const platform = `${process.platform}-${process.arch}`;
const name = `node-${platform}`;
const version = process.versions.node;

/** A package laid out like npm's, whose Node is this process's own. */
function packed(folder: string): Buffer {
  mkdirSync(join(folder, "package", "bin"), { recursive: true });
  const manifest = { name, version, bin: { node: "bin/node" } };
  writeFileSync(join(folder, "package", "package.json"), JSON.stringify(manifest));
  const script = `#!/bin/sh\nexec "${process.execPath}" "$@"\n`;
  writeFileSync(join(folder, "package", "bin", "node"), script, { mode: 0o755 });
  execFileSync("tar", ["-czf", join(folder, "package.tgz"), "-C", folder, "package"]);
  return readFileSync(join(folder, "package.tgz"));
}

const sumOf = (bytes: Buffer) => `sha512-${createHash("sha512").update(bytes).digest("base64")}`;

describe("a Node that is too old", function () {
  this.timeout(60_000);
  const directory = temporaryDirectory();
  let registry: Server;
  let address: string;
  let requests: string[];
  let archive: Buffer;

  beforeEach(async () => {
    requests = [];
    archive = packed(join(directory(), "packed"));
    registry = createServer((request, response) => {
      requests.push(request.url ?? "");
      if (request.url?.endsWith(".tgz")) {
        response.end(archive);
        return;
      }
      const tarball = `${address}${name}/-/${name}-${version}.tgz`;
      const manifest = { name, version, dist: { tarball, integrity: sumOf(archive) } };
      response.end(
        JSON.stringify({ name, "dist-tags": { latest: version }, versions: { [version]: manifest } }),
      );
    });
    await new Promise<void>((resolve) => registry.listen(0, "127.0.0.1", resolve));
    address = `http://127.0.0.1:${(registry.address() as AddressInfo).port}/`;
  });
  afterEach(() => registry.close());

  /**
   * `node tools/node.cjs ARGS` in a Node that says that it is 20, in a repository with its own
   * pinned package.
   */
  function runInOld(args: readonly string[], integrity: string, old = "20.20.2") {
    const root = join(directory(), "repository");
    for (const file of ["tools/node.cjs", "tools/bootstrap.cjs", "lib/machine"]) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      cpSync(join(REPOSITORY, file), join(root, file), { recursive: true });
    }
    const pinned = { [platform]: { name, version, integrity } };
    writeFileSync(join(root, "tools", "node-packages.json"), JSON.stringify(pinned));
    const pretend = join(directory(), "pretend.cjs");
    writeFileSync(pretend, `Object.defineProperty(process.versions, "node", { value: "${old}" });`);
    return run(
      process.execPath,
      ["-r", pretend, ...args.map((arg) => arg.replace(/^tools\//, `${root}/tools/`))],
      {
        cwd: directory(),
        env: {
          ...process.env,
          SLIPWAY_CACHE: join(directory(), "cache"),
          npm_config_registry: address,
          npm_config_cache: join(directory(), "npm"),
          npm_config_fetch_retries: "0",
        },
      },
    );
  }

  it("fetches the pinned one once, says so, and runs a program with it", async () => {
    const folder = join(directory(), "cache", "node", `${name}-${version}`, "bin");
    const args = ["tools/node.cjs", "sh", "-c", "command -v node; node -p process.versions.node; exit 3"];
    const first = await runInOld(args, sumOf(archive));
    assert.equal(first.code, 3, first.stderr);
    assert.equal(first.stdout, `${join(folder, "node")}\n${version}\n`);
    assert.match(
      first.stderr,
      /^slipway: Node 20\.20\.2 is too old; fetching Node \S+ with npm \(\S+, about 50 MB, once\)\n$/,
    );
    const asked = requests.length;
    const second = await runInOld(args, sumOf(archive));
    assert.deepEqual([second.code, second.stderr, requests.length], [3, "", asked]);
  });

  it("runs nothing of a package that is not the pinned one", async () => {
    const { code, stdout, stderr } = await runInOld(
      ["tools/node.cjs", "echo", "ran"],
      sumOf(Buffer.from("other")),
    );
    assert.equal(code, 1);
    assert.equal(stdout, "");
    assert.match(stderr, /is not the one that is pinned: its sum is sha512-\S+, not sha512-/);
    assert.equal(existsSync(join(directory(), "cache", "node", `${name}-${version}`)), false);
  });

  it("is told what to do where the download fails, and leaves nothing half done", async () => {
    registry.close();
    const { code, stdout, stderr } = await runInOld(["tools/node.cjs", "echo", "ran"], sumOf(archive));
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, /^slipway: Node 20\.20\.2 is too old; fetching Node /);
    assert.match(
      stderr,
      /\nslipway: `npm pack \S+` failed \(exit code 1\); its words are above\. .*npm config get registry.*\nInstall /,
    );
    assert.match(stderr, /ECONNREFUSED/);
    assert.deepEqual(readdirSync(join(directory(), "cache", "node")), []);
  });

  it("that cannot fetch another says what to install", async () => {
    const { code, stderr } = await runInOld(["tools/bootstrap.cjs", "start"], "", "16.20.2");
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^slipway needs Node 22\.18 or newer; this is Node 16\.20\.2 .*with Node 18 or newer, slipway/,
    );
  });

  for (const [file, what] of [
    ["provider/start.cjs", "The provider slipway"],
    ["policies/start.cjs", "The policy pack of Slipway"],
    ["lib/program/register.cjs", "A program of Slipway"],
  ] as const) {
    it(`is named by ${file}`, async () => {
      const { code, stderr } = await runInOld([join(REPOSITORY, file)], "");
      assert.equal(code, 1);
      assert.match(stderr, new RegExp(`^${what} needs Node 22\\.18 or newer; this is Node 20\\.20\\.2 \\(`));
    });
  }
});
