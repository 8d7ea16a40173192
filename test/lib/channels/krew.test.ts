import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import type { ChannelArtifact } from "../../../lib/channels/artifact";
import { pluginVersionPattern, renderKrewPlugin, type KrewPlugin } from "../../../lib/channels/krew/plugin";
import { digestOf } from "../../../lib/oci/digest";
import { hasProgram } from "../../support/clients";
import { git } from "../../support/git-server";
import type { ServerProcess } from "../../support/processes";
import { requirement } from "../../support/requirement";
import { startStaticServer } from "../../support/static-server";
import { requireTools, toolPath } from "../../support/tools";

const platforms = ["linux/amd64", "linux/arm64", "darwin/arm64", "windows/amd64"];

function artifactFor(platform: string, more: Partial<ChannelArtifact> = {}): ChannelArtifact {
  const isWindows = platform.startsWith("windows/");
  const format = isWindows ? "zip" : "tar.gz";
  const name = `hello_1.2.3_${platform.replaceAll("/", "_")}.${format}`;
  const program = `kubectl-hello${isWindows ? ".exe" : ""}`;
  return {
    name,
    platform,
    url: `https://github.com/acme/hello/releases/download/v1.2.3/${name}`,
    digest: digestOf(Buffer.from(platform)),
    format,
    programs: [program],
    contents: [program, "LICENSE"],
    ...more,
  };
}

const declared: KrewPlugin = {
  name: "hello",
  version: "1.2.3",
  shortDescription: "Greets the cluster",
  homepage: "https://acme.example/hello",
};
const artifacts = platforms.map((platform) => artifactFor(platform));
const render = (more: Partial<KrewPlugin> = {}, files = artifacts) =>
  renderKrewPlugin({ ...declared, ...more }, files);

describe("a plugin in a Krew index", function () {
  this.timeout(30_000);
  let folder: string;
  let host: ServerProcess & { url: string };

  before(async function () {
    requireTools(this, "krew", "python3");
    requirement(this, hasProgram("zip"), "zip is not installed (apt-get install zip)");
    folder = await mkdtemp(path.join(tmpdir(), "slipway-krew-"));
    await mkdir(path.join(folder, "public"));
    host = await startStaticServer(path.join(folder, "public"));
  });
  after(async () => {
    await host?.stop();
    if (folder) await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  });

  /** Runs Krew as it is on a platform, with plugins of its own. */
  function krew(home: string, platform: string, ...args: string[]): string {
    const [KREW_OS, KREW_ARCH] = platform.split("/");
    const env = {
      PATH: process.env.PATH,
      HOME: home,
      KREW_ROOT: path.join(home, "krew"),
      KREW_OS,
      KREW_ARCH,
    };
    return execFileSync(toolPath("krew"), args, { env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  }

  /** A served archive with the plugin for a platform, below a folder that names it. */
  async function released(platform: string): Promise<ChannelArtifact> {
    const packed = await mkdtemp(path.join(folder, "packed-"));
    const root = `hello-${platform.replace("/", "-")}`;
    const planned = artifactFor(platform);
    await mkdir(path.join(packed, root));
    for (const file of planned.contents) {
      await writeFile(path.join(packed, root, file), `#!/bin/sh\necho ${platform}\n`, { mode: 0o755 });
    }
    const archive = path.join(folder, "public", planned.name);
    if (planned.format === "zip") execFileSync("zip", ["-qr", archive, root], { cwd: packed });
    else execFileSync("tar", ["-czf", archive, root], { cwd: packed });
    const digest = digestOf(await readFile(archive));
    return { ...planned, root, digest, url: `${host.url}/${planned.name}` };
  }

  it("is installed by Krew from an index, for each platform its own program", async () => {
    const files = await Promise.all(platforms.map(released));
    const description = 'Greets "everybody": \\ #1\n- and says {so}\n';
    const caveats = "* needs\n  a cluster\n";
    const index = path.join(folder, "index");
    await mkdir(path.join(index, "plugins"), { recursive: true });
    await writeFile(path.join(index, "plugins", "hello.yaml"), render({ description, caveats }, files));
    git(folder, "init", "--quiet", index);
    git(index, "add", "--all");
    git(index, "commit", "--quiet", "--message", "hello");
    for (const platform of platforms) {
      const home = await mkdtemp(path.join(folder, "home-"));
      krew(home, platform, "index", "add", "acme", index);
      const info = krew(home, platform, "info", "acme/hello");
      assert.match(info, /VERSION: v1\.2\.3\n/);
      assert.ok(info.includes(description.trimEnd().split("\n").at(-1) ?? ""), info);
      krew(home, platform, "install", "acme/hello", "--no-update-index");
      const isWindows = platform.startsWith("windows/");
      const installed = path.join(home, "krew", "bin", `kubectl-hello${isWindows ? ".exe" : ""}`);
      assert.equal(execFileSync("sh", [installed], { encoding: "utf8" }), `${platform}\n`);
      assert.match(krew(home, platform, "list"), /acme\/hello/);
    }
  });

  it("is upgraded by Krew from a pre-release to its release, and not back", async () => {
    const artifact = await released("linux/amd64");
    const home = await mkdtemp(path.join(folder, "home-"));
    const index = path.join(folder, "growing");
    await mkdir(path.join(index, "plugins"), { recursive: true });
    git(folder, "init", "--quiet", index);
    const publish = async (version: string) => {
      await writeFile(path.join(index, "plugins", "hello.yaml"), render({ version }, [artifact]));
      git(index, "add", "--all");
      git(index, "commit", "--quiet", "--message", version);
    };
    const receipt = () => readFile(path.join(home, "krew", "receipts", "hello.yaml"), "utf8");
    await publish("2.0.0-rc.1");
    krew(home, "linux/amd64", "index", "add", "acme", index);
    krew(home, "linux/amd64", "install", "acme/hello", "--no-update-index");
    for (const version of ["v2.0.0", "2.0.0-rc.2"]) {
      await publish(version);
      git(path.join(home, "krew", "index", "acme"), "pull", "--quiet");
      krew(home, "linux/amd64", "upgrade", "--no-update-index");
      assert.match(await receipt(), /^ +version: v2\.0\.0$/m);
    }
  });

  it("is not installed of another archive than that of its sum", async () => {
    const artifact = await released("linux/amd64");
    const manifest = path.join(folder, "hello.yaml");
    await writeFile(manifest, render({}, [{ ...artifact, digest: digestOf(Buffer.from("other")) }]));
    const home = await mkdtemp(path.join(folder, "home-"));
    assert.throws(
      () => krew(home, "linux/amd64", "install", `--manifest=${manifest}`),
      /checksum does not match/,
    );
  });

  it("has the program that is declared, and the one of a name with a dash in either way", () => {
    assert.match(
      render({ program: "bin/hello" }, [artifactFor("linux/amd64", { programs: ["x", "bin/hello"] })]),
      /bin: "bin\/hello"/,
    );
    for (const program of ["kubectl-say_hello", "kubectl-say-hello"]) {
      assert.match(
        render({ name: "say-hello" }, [artifactFor("linux/amd64", { programs: [program] })]),
        new RegExp(`bin: "${program}"`),
      );
    }
    assert.match(
      render({ program: "bin/hello" }, [artifactFor("windows/386", { programs: ["bin/hello.exe"] })]),
      /arch: "386"[^]*bin: "bin\/hello\.exe"/,
    );
  });

  it("tells which version it is of", () => {
    const text = render({ version: "2.0.0-rc.1" });
    assert.equal(new RegExp(pluginVersionPattern, "m").exec(text)?.[1], "v2.0.0-rc.1");
  });

  for (const [what, more, files, finding] of [
    [
      "a name in capitals",
      { name: "Hello" },
      artifacts,
      /name: "Hello": Krew's rule: small letters.*"view-logs"/,
    ],
    ["a name with an underscore", { name: "say_hello" }, artifacts, /name: "say_hello": Krew's rule/],
    ["a device of Windows", { name: "nul" }, artifacts, /name: "nul": .*no device of Windows/],
    [
      "a long description",
      { shortDescription: "x".repeat(51) },
      artifacts,
      /shortDescription: .*at most 50 characters, not 51/,
    ],
    ["a description of two lines", { shortDescription: "a\nb" }, artifacts, /shortDescription: .*one line/],
    [
      "no system of Krew",
      {},
      [artifactFor("freebsd/amd64")],
      /archive: has none of the systems of Krew, linux, darwin, windows/,
    ],
    [
      "what Krew does not unpack",
      {},
      [artifactFor("linux/amd64", { format: "tar.zst" })],
      /archive: hello_1.*Krew unpacks tar\.gz and zip/,
    ],
    [
      "two archives for one platform",
      {},
      [artifactFor("linux/arm/v6"), artifactFor("linux/arm/v7")],
      /archive: has linux\/arm\/v6 and linux\/arm\/v7/,
    ],
    [
      "a program of another name",
      { name: "other" },
      artifacts,
      /program: there is no program "kubectl-other" in hello_1.*it has kubectl-hello/,
    ],
    ["no program", {}, [artifactFor("linux/amd64", { programs: [] })], /program: .*it has none/],
  ] as [string, Partial<KrewPlugin>, ChannelArtifact[], RegExp][]) {
    it(`is refused with ${what}`, () => {
      assert.throws(() => render(more, files), finding);
    });
  }
});
