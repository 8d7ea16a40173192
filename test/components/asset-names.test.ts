import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { planArchives } from "../../components/declaration/archive-plan";
import { makeCertificate } from "../support/certificates";
import { hasProgram } from "../support/clients";
import { startForwardProxy, type ForwardProxy } from "../support/forward-proxy";
import type { ServerProcess } from "../support/processes";
import { startReleaseApi, type ReleaseApi } from "../support/release-api";
import { requirement } from "../support/requirement";
import { Mise } from "../support/mise";
import { startStaticServer } from "../support/static-server";
import { requireTools, toolPath } from "../support/tools";

/** Platforms that eget tells apart; of 32-bit Arm it knows one. */
const platforms = [
  "linux/amd64",
  "linux/arm64",
  "linux/arm/v6",
  "linux/386",
  "linux/riscv64",
  "darwin/amd64",
  "darwin/arm64",
  "windows/amd64",
  "windows/arm64",
  "freebsd/amd64",
  "openbsd/amd64",
  "netbsd/arm64",
];

describe("names of archives, for eget and mise, which pick one by its name", function () {
  this.timeout(60_000);
  let folder: string;
  let files: string;
  let host: ServerProcess & { url: string };
  let api: ReleaseApi;
  let proxy: ForwardProxy;
  let caFile: string;
  let assets: string[] = [];

  before(async function () {
    requireTools(this, "eget", "python3", "openssl");
    requirement(this, hasProgram("zip"), "zip is not installed (apt-get install zip)");
    folder = mkdtempSync(path.join(tmpdir(), "slipway-eget-"));
    files = path.join(folder, "files");
    mkdirSync(files);
    host = await startStaticServer(files);
    const certificate = makeCertificate(folder, "api.github.com");
    ({ caFile } = certificate);
    api = await startReleaseApi(certificate, () => assets.map((name) => `${host.url}/${name}`));
    proxy = await startForwardProxy({ "api.github.com": api.port });
  });
  after(async () => {
    await proxy?.stop();
    await api?.stop();
    await host?.stop();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  /** Packs an archive under its planned name, with a program that says its platform; returns the name. */
  function packed(platform: string, file: string): string {
    const program = platform.startsWith("windows/") ? "hello.exe" : "hello";
    writeFileSync(path.join(folder, program), `#!/bin/sh\necho ${platform}\n`, { mode: 0o755 });
    const target = path.join(files, file);
    if (file.endsWith(".zip")) execFileSync("zip", ["-qj", target, path.join(folder, program)]);
    else execFileSync("tar", ["-czf", target, "-C", folder, program]);
    return file;
  }

  const planned = (names?: Record<string, string>) =>
    planArchives(
      {
        version: "v1.2.3",
        platforms,
        binaries: { hello: { sources: [], command: ["true"], platforms } },
        archives: { hello: { binaries: ["hello"], formats: { windows: "zip" }, ...(names && { names }) } },
      },
      "dist",
    ).map(({ platform, paths: [file = ""] }) => packed(platform, path.basename(file)));

  /** The program that eget installs on a platform. */
  async function installed(platform: string, ...more: string[]): Promise<string> {
    const [os = "", architecture = ""] = platform.split("/");
    const home = mkdtempSync(path.join(folder, "home-"));
    const to = path.join(home, "installed");
    const args = ["acme/hello", "--system", `${os}/${architecture}`, "--to", to, ...more];
    const env = {
      ...process.env,
      HOME: home,
      HTTPS_PROXY: proxy.url,
      SSL_CERT_FILE: caFile,
      EGET_CONFIG: "",
      GITHUB_TOKEN: "",
      EGET_GITHUB_TOKEN: "",
    };
    const eget = spawn(toolPath("eget"), args, { env, stdio: ["ignore", "ignore", "pipe"], timeout: 20_000 });
    let said = "";
    eget.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
    const [code] = (await once(eget, "close")) as [number | null];
    if (code !== 0) throw new Error(`eget ended with ${code}: ${said}`);
    return readFileSync(to, "utf8");
  }

  for (const [what, names] of [
    ["by default", undefined],
    ["with words of uname", { amd64: "x86_64", arm64: "aarch64", "386": "i386" }],
  ] as const) {
    it(`${what} are those of each platform, beside sums and their signature`, async () => {
      assets = [...planned(names), "SHA256SUMS", "SHA256SUMS.sigstore.json"];
      for (const platform of platforms) {
        assert.equal(await installed(platform), `#!/bin/sh\necho ${platform}\n`, platform);
      }
    });
  }

  it("are those that mise takes, which compares them with the sums, on each platform that it tells apart", async function () {
    requireTools(this, "mise");
    assets = [...planned(), "SHA256SUMS", "SHA256SUMS.sigstore.json", "hello-linux-amd64.spdx.json"];
    const plain = await startReleaseApi(undefined, () => assets.map((name) => `${host.url}/${name}`));
    const sums = () => execFileSync("sh", ["-c", "sha256sum hello_* > SHA256SUMS"], { cwd: files });
    const install = async (platform: string, version: string) => {
      const mise = await Mise.in(folder, platform);
      const tool = `"github:acme/hello" = { version = "${version}", api_url = "http://127.0.0.1:${plain.port}" }`;
      writeFileSync(path.join(mise.folder, "mise.toml"), `[tools]\n${tool}\n`);
      await mise.run("trust");
      await mise.run("install");
      const place = await mise.installed("github:acme/hello");
      return readFileSync(path.join(place, platform.startsWith("windows") ? "hello.exe" : "hello"), "utf8");
    };
    try {
      sums();
      for (const [platform, named] of [
        ["linux/amd64", "linux/x64"],
        ["linux/arm64", "linux/arm64"],
        ["linux/arm/v6", "linux/arm"],
        ["darwin/amd64", "macos/x64"],
        ["darwin/arm64", "macos/arm64"],
        ["windows/amd64", "windows/x64"],
      ] as const) {
        assert.equal(await install(named, "1.2.3"), `#!/bin/sh\necho ${platform}\n`, platform);
      }
      assert.equal(await install("linux/x64", "latest"), "#!/bin/sh\necho linux/amd64\n");
      packed("linux/arm64", "hello_1.2.3_linux_amd64.tar.gz");
      await assert.rejects(install("linux/x64", "1.2.3"), /[Cc]hecksum/);
      sums();
    } finally {
      await plain.stop();
    }
  });

  it("are asked about where SBOMs of a platform are beside them, unless it is told which are meant", async () => {
    assets = [...planned(), "hello-linux-amd64.spdx.json"];
    // It asks whom nobody answers: its input is empty.
    await assert.rejects(installed("linux/amd64"), /eget/);
    assert.equal(await installed("linux/amd64", "--asset", "^.json"), "#!/bin/sh\necho linux/amd64\n");
  });
});
