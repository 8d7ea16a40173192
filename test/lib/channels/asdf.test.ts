import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { asdfPrograms, renderAsdfPlugin } from "../../../lib/channels/asdf/plugin";
import { ChannelError, type ChannelArtifact } from "../../../lib/channels/artifact";
import { digestOf } from "../../../lib/oci/digest";
import { hasProgram } from "../../support/clients";
import type { ServerProcess } from "../../support/processes";
import { Mise } from "../../support/mise";
import { requirement } from "../../support/requirement";
import { startStaticServer } from "../../support/static-server";
import { requireTools } from "../../support/tools";

const platforms = ["linux/amd64", "linux/arm64", "linux/arm/v7", "darwin/arm64", "freebsd/amd64"];
/** What `uname` says there. */
const machines: Readonly<Record<string, string>> = {
  "linux/amd64": "Linux x86_64",
  "linux/arm64": "Linux aarch64",
  "linux/arm/v7": "Linux armv7l",
  "darwin/arm64": "Darwin arm64",
  "freebsd/amd64": "FreeBSD amd64",
};

describe("a plugin of asdf", function () {
  this.timeout(60_000);
  let folder: string;
  let host: ServerProcess & { url: string };
  let plugin: string;

  before(async function () {
    requireTools(this, "python3");
    for (const program of ["shellcheck", "zip", "unzip", "curl", "wget", "busybox", "mksh"]) {
      requirement(this, hasProgram(program), `${program} is not installed (apt-get install ${program})`);
    }
    folder = await mkdtemp(path.join(tmpdir(), "slipway-asdf-"));
    await mkdir(path.join(folder, "public"));
    host = await startStaticServer(path.join(folder, "public"));
  });
  beforeEach(async () => {
    plugin = await mkdtemp(path.join(folder, "plugin-"));
  });
  after(async () => {
    await host?.stop();
    if (folder) await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  });

  /** A served archive of a version, with two programs below a folder that names the platform. */
  async function released(platform: string, version: string, format: "tar.gz" | "zip" = "tar.gz") {
    const packed = await mkdtemp(path.join(folder, "packed-"));
    const root = `hello ${platform.replaceAll("/", "-")}`;
    const contents = ["bin/hello", "hello-world", "LICENSE"];
    await mkdir(path.join(packed, root, "bin"), { recursive: true });
    for (const file of contents)
      await writeFile(path.join(packed, root, file), `#!/bin/sh\necho ${platform} ${version}\n`);
    const name = `hello_${version}_${platform.replaceAll("/", "_")}.${format}`;
    const archive = path.join(folder, "public", name);
    await rm(archive, { force: true });
    if (format === "zip") execFileSync("zip", ["-qr", archive, root], { cwd: packed });
    else execFileSync("tar", ["-czf", archive, root], { cwd: packed });
    const digest = digestOf(await readFile(archive));
    const programs = ["bin/hello", "hello-world"];
    return { name, platform, root, digest, format, programs, contents, url: `${host.url}/${name}` };
  }

  /** Puts a version into the repository of the plugin. */
  async function publish(version: string, artifacts: readonly ChannelArtifact[]): Promise<void> {
    const files = renderAsdfPlugin({ name: "hello", version }, artifacts);
    for (const [file, text] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(plugin, file)), { recursive: true });
      await writeFile(path.join(plugin, file), text);
      if (asdfPrograms.includes(file)) await chmod(path.join(plugin, file), 0o755);
    }
  }

  /** A machine of another kind, with some of this one's programs, and asdf's variables. */
  async function machine(platform: string, version: string, programs?: readonly string[]) {
    const home = await mkdtemp(path.join(folder, "home-"));
    const bin = path.join(home, "path");
    await mkdir(bin);
    const [system = "", processor = ""] = (machines[platform] ?? platform).split(" ");
    const uname = `#!/bin/sh\ncase $1 in -s) echo ${system} ;; -m) echo ${processor} ;; esac\n`;
    await writeFile(path.join(bin, "uname"), uname, { mode: 0o755 });
    for (const name of programs ?? []) {
      const script = `#!/bin/sh\nexec ${execFileSync("which", [name], { encoding: "utf8" }).trim()} "$@"\n`;
      await writeFile(path.join(bin, name), script, { mode: 0o755 });
    }
    const env = {
      PATH: programs === undefined ? `${bin}:${process.env.PATH}` : bin,
      ASDF_INSTALL_TYPE: "version",
      ASDF_INSTALL_VERSION: version,
      ASDF_DOWNLOAD_PATH: path.join(home, "download"),
      ASDF_INSTALL_PATH: path.join(home, "install"),
    };
    const run = (script: string, shell: readonly string[] = ["sh"]) => {
      const [program = "sh", ...args] = shell;
      return spawnSync(program, [...args, path.join(plugin, "bin", script)], { env, encoding: "utf8" });
    };
    return { run, install: path.join(home, "install", "bin"), download: path.join(home, "download") };
  }

  for (const [name, shell] of [
    ["sh", ["sh"]],
    ["busybox", ["busybox", "sh"]],
    ["mksh", ["mksh"]],
    ["bash", ["bash"]],
  ] as const) {
    it(`installs for each platform its own programs, by ${name}`, async () => {
      const format = name === "bash" ? "zip" : "tar.gz";
      await publish("v1.2.0", await Promise.all(platforms.map((one) => released(one, "1.2.0", format))));
      for (const platform of platforms) {
        const { run, install } = await machine(platform, "1.2.0");
        for (const script of ["download", "install"]) {
          const { status, stderr } = run(script, shell);
          assert.equal(status, 0, stderr);
        }
        assert.deepEqual((await readdir(install)).sort(), ["hello", "hello-world"]);
        assert.equal(execFileSync(path.join(install, "hello"), { encoding: "utf8" }), `${platform} 1.2.0\n`);
      }
    });
  }

  it("lists every version that was published, the lowest first", async () => {
    const artifact = await released("linux/amd64", "1.0.0");
    const versions = ["1.2.0-rc.2", "1.10.0", "1.2.0", "1.2.0-rc.10", "1.9.9", "1.2.0-beta.1", "0.9.0"];
    for (const version of versions) await publish(version, [artifact]);
    const sorted = "0.9.0 1.2.0-beta.1 1.2.0-rc.2 1.2.0-rc.10 1.2.0 1.9.9 1.10.0\n";
    const { run } = await machine("linux/amd64", "");
    for (const shell of [["sh"], ["busybox", "sh"], ["mksh"]]) {
      const { stdout, stderr } = run("list-all", shell);
      assert.equal(stdout, sorted, stderr);
    }
  });

  it("works with wget and shasum in place of curl and sha256sum, and says what is missing", async () => {
    await publish("1.0.0", [await released("linux/amd64", "1.0.0")]);
    const common = ["sh", "dirname", "tr", "awk", "cat", "mkdir", "rm", "tar", "gzip", "cp", "chmod"];
    const other = await machine("linux/amd64", "1.0.0", [...common, "wget", "shasum", "perl"]);
    assert.equal(other.run("download", ["/bin/sh"]).stderr, "");
    assert.equal(other.run("install", ["/bin/sh"]).status, 0);
    const bare = await machine("linux/amd64", "1.0.0", common);
    assert.match(bare.run("download", ["/bin/sh"]).stderr, /^hello: neither curl nor wget is installed\n$/);
  });

  it("installs nothing of an archive that is not the released one", async () => {
    const artifact = await released("linux/amd64", "1.0.0");
    await publish("1.0.0", [artifact]);
    await writeFile(path.join(folder, "public", artifact.name), "of somebody else");
    const { run, download } = await machine("linux/amd64", "1.0.0");
    const { status, stderr } = run("download");
    assert.equal(status, 1);
    assert.match(stderr, /^hello: http\S+ has the sum [0-9a-f]{64}, and [0-9a-f]{64} is expected: nothing/);
    assert.deepEqual(await readdir(download), []);
  });

  for (const [what, platform, version, type, said] of [
    [
      "a platform that it is not there for",
      "Linux riscv64",
      "1.0.0",
      "version",
      /not there for linux\/riscv64/,
    ],
    [
      "a version that it does not have",
      "linux/amd64",
      "2.0.0",
      "version",
      /no version 2\.0\.0: asdf plugin update/,
    ],
    ["a path in place of a version", "linux/amd64", "../bin/install", "version", /is no version/],
  ] as const) {
    it(`refuses ${what}`, async () => {
      await publish("1.0.0", [await released("linux/amd64", "1.0.0")]);
      const { run } = await machine(platform, version);
      const { status, stderr } = run("download");
      assert.equal(status, 1, type);
      assert.match(stderr, said);
    });
  }

  it("is taken by mise: a version by its number, the latest one, one that came later, and none that was tampered with", async function () {
    requireTools(this, "mise", "git");
    const git = (...args: string[]) =>
      execFileSync("git", ["-c", "user.name=Acme", "-c", "user.email=a@acme.example", ...args], {
        cwd: plugin,
      });
    const commit = async (version: string) => {
      const artifact = await released("linux/amd64", version);
      await publish(version, [artifact]);
      git("add", "--all");
      git("commit", "--quiet", "--message", version);
      return artifact;
    };
    git("init", "--quiet", "--initial-branch", "main");
    for (const version of ["1.0.0", "1.2.0-rc.1", "1.1.0"]) await commit(version);
    const mise = await Mise.in(folder);
    await mise.run("plugins", "install", "hello", `file://${plugin}`);
    // It lists no pre-release, and installs one that is named.
    assert.equal(await mise.run("ls-remote", "hello"), "1.0.0\n1.1.0\n");
    const says = (version: string) => mise.run("exec", `hello@${version}`, "--", "hello");
    assert.equal(await says("1.0.0"), "linux/amd64 1.0.0\n");
    assert.equal(await says("1.2.0-rc.1"), "linux/amd64 1.2.0-rc.1\n");
    assert.equal(await says("latest"), "linux/amd64 1.1.0\n");
    const { name } = await commit("1.2.0");
    await mise.run("plugins", "update", "hello");
    assert.equal(await says("latest"), "linux/amd64 1.2.0\n");
    await mise.run("uninstall", "hello@1.2.0");
    await writeFile(path.join(folder, "public", name), "of somebody else");
    await assert.rejects(says("1.2.0"), /has the sum [0-9a-f]{64}, and [0-9a-f]{64} is expected/);
  });

  it("passes shellcheck", async () => {
    await publish("1.0.0", [await released("linux/amd64", "1.0.0")]);
    for (const program of asdfPrograms) {
      const { stdout } = spawnSync("shellcheck", ["-s", "sh", path.join(plugin, program)], {
        encoding: "utf8",
      });
      assert.equal(stdout, "", program);
    }
  });

  for (const [what, name, more, field] of [
    ["a name that asdf refuses", "hello world", {}, "name"],
    ["no system of asdf", "hello", { platform: "windows/amd64" }, "archive"],
    ["a format that it does not unpack", "hello", { format: "gz" }, "archive"],
    ["no program", "hello", { programs: [] }, "archive"],
    ["a path that would end a column", "hello", { programs: ["a\tb"] }, "archive"],
  ] as [string, string, Partial<ChannelArtifact>, string][]) {
    it(`is refused with ${what}`, () => {
      const artifact: ChannelArtifact = {
        name: "hello.tar.gz",
        platform: "linux/amd64",
        url: "https://acme.example/hello.tar.gz",
        digest: `sha256:${"0".repeat(64)}`,
        format: "tar.gz",
        programs: ["hello"],
        contents: ["hello"],
        ...more,
      };
      assert.throws(
        () => renderAsdfPlugin({ name, version: "1.0.0" }, [artifact]),
        (error: unknown) => error instanceof ChannelError && error.field === field,
      );
    });
  }
});
