import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import * as path from "node:path";
import { emulateArm64 } from "../../lib/buildkit/emulation";
import { crane, runClient } from "../support/clients";
import { resourceCounts } from "../support/engine";
import { requirement } from "../support/requirement";
import { ExampleProject, requireExamples } from "./example-project";
import { ExampleWorkspace } from "./example-workspace";

/** ELF machine of each architecture (System V ABI, "e_machine"). */
const machines = { amd64: 62, arm64: 183 } as const;
type Architecture = keyof typeof machines;

/** Modules of Python's standard library that load a shared library each. */
const modules =
  "bz2, ctypes, curses, dbm.ndbm, decimal, hashlib, lzma, readline, sqlite3, ssl, uuid, xml.parsers.expat, zlib";

describe("base images for development", function () {
  this.timeout(240_000);
  let workspace: ExampleWorkspace;
  let host: string;

  before(async function () {
    requireExamples(this);
    workspace = await ExampleWorkspace.shared();
    host = await workspace.registry();
  });

  after(() => workspace?.remove());

  /** Root file system of an image, unpacked by tar. */
  async function unpack(image: string, architecture: Architecture): Promise<string> {
    const folder = path.join(workspace.root, image.replaceAll(/[/:]/g, "-"), architecture);
    if (existsSync(folder)) return folder;
    await mkdir(folder, { recursive: true });
    const archive = `${folder}.tar`;
    await crane(["export", "--platform", `linux/${architecture}`, `${host}/${image}`, archive]);
    await runClient("tar", ["-xf", archive, "-C", folder]);
    return folder;
  }

  const inside = (root: string, ...command: string[]) =>
    runClient("/usr/sbin/chroot", [root, ...command], { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" });

  for (const architecture of ["amd64", "arm64"] as const) {
    const runnable = (context: Mocha.Context) => {
      if (architecture === { x64: "amd64", arm64: "arm64" }[process.arch as string]) return;
      const why = architecture === "arm64" ? emulateArm64() : "programs for amd64 are not emulated";
      requirement(context, why === undefined, why ?? "");
    };

    it(`bases/debian:12 for ${architecture} has a shell, users and certificates`, async function () {
      runnable(this);
      const root = await unpack("bases/debian:12", architecture);
      const program = await runClient("od", ["-An", "-tu2", "-j18", "-N2", path.join(root, "usr/bin/dash")]);
      assert.equal(Number(program.trim()), machines[architecture]);
      const script =
        "useradd --uid 1234 app && id -u app && ls -ld /tmp && wc -l < /etc/ssl/certs/ca-certificates.crt";
      const [uid, temporary, lines] = (await inside(root, "/bin/sh", "-c", script)).split("\n");
      assert.equal(uid, "1234");
      assert.match(temporary ?? "", /^drwxrwxrwt/);
      assert.ok(Number(lines) > 1000);
      assert.match(await readFile(path.join(root, "etc/os-release"), "utf8"), /^VERSION_ID="12"$/m);
    });

    it(`bases/python:3.11 for ${architecture} runs, with every library that its modules load`, async function () {
      runnable(this);
      const root = await unpack("bases/python:3.11", architecture);
      const code = `import platform, ${modules}; print(platform.python_version(), ssl.create_default_context().cert_store_stats()["x509_ca"] > 100)`;
      assert.match(await inside(root, "/usr/bin/python3", "-c", code), /^3\.11\.\d+ True$/);
    });
  }

  it("bases/golang compiles a program", async function () {
    const index = await crane(["manifest", `${host}/bases/golang:latest`]);
    const { manifests } = JSON.parse(index) as { manifests: { platform: { architecture: Architecture } }[] };
    const architecture = manifests[0]?.platform.architecture ?? "amd64";
    const root = await unpack("bases/golang:latest", architecture);
    const { config } = JSON.parse(await crane(["config", `${host}/bases/golang:latest`])) as {
      config: { Env: string[] };
    };
    const program = `package main\\nfunc main() { println("built") }`;
    const build = `cd /root && printf '${program}' > main.go && go build -o built main.go && ./built 2>&1`;
    const run = ["/usr/bin/env", ...config.Env, "HOME=/root", "/bin/sh", "-c", `: > /dev/null; ${build}`];
    assert.equal(await inside(root, ...run), "built");
  });

  it("what is in them is on record for scanners", async () => {
    const root = await unpack("bases/debian:12", "amd64");
    const records = (await readFile(path.join(root, "var/lib/dpkg/status"), "utf8")).split("\n\n");
    const libc = records.find((record) => record.startsWith("Package: libc6\n"));
    assert.match(libc ?? "", /^Status: install ok installed$[^]*^Version: 2\.36/m);
  });

  it("another run changes nothing, and makes nothing again", async () => {
    const own = await ExampleWorkspace.create({ bases: false });
    try {
      const project = await ExampleProject.copyOf("bases", {
        workspace: own,
        // Another platform than this machine's has no Go, which is by far the largest of them.
        config: { platforms: JSON.stringify([`linux/${process.arch === "arm64" ? "amd64" : "arm64"}`]) },
      });
      await project.upWithoutPreview();
      const registry = await own.registry();
      const first = await crane(["digest", `${registry}/bases/debian:12`]);
      const text = await project.up();
      assert.deepEqual(Object.keys(resourceCounts(text)), ["unchanged"]);
      assert.doesNotMatch(text, /Fetched|apt-get/);
      assert.equal(await crane(["digest", `${registry}/bases/debian:12`]), first);
    } finally {
      await own.remove();
    }
  });
});
