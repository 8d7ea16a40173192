import assert from "node:assert/strict";
import type { Context } from "mocha";
import { writeFile } from "node:fs/promises";
import * as path from "node:path";
import { tagDigests } from "../end-to-end/observation";
import { crane, runClient } from "../support/clients";
import { cosignVerify } from "../support/cosign";
import { composeConfig } from "../support/deploy-files";
import { requireDocker } from "../support/docker";
import { resourceCounts } from "../support/engine";
import { nuget } from "../support/nuget";
import { requireTools } from "../support/tools";
import { configurationOf, madeBad, rulesThatRefuse } from "./bad-stack";
import { badCoreStacks } from "./mlos-bad-stacks";
import { RedirectedMlos } from "./mlos-prod";
import type { MlosWorkspace } from "./mlos-published";

interface ApiRelease {
  name: string;
  body: string;
  draft: boolean;
  assets: { name: string; state: string; digest: string }[];
}

interface CoreOutputs {
  checks: Record<string, { detail: string }>;
  tested: Record<string, Record<string, { by: string; detail?: string }[]>>;
  built: Record<string, Record<string, { size: number }>>;
}

/**
 * Declares the tests of the prod stacks, redirected to registries and a GitHub of this machine.
 *
 * @param dev what the dev stacks have published
 */
export function describeProdStacks(dev: () => MlosWorkspace): void {
  let prod: RedirectedMlos;

  before(async function (this: Context) {
    requireTools(this, "trivy", "curl", "python3", "compose");
    requireDocker(this);
    prod = await RedirectedMlos.create(dev().workspace);
    await prod.axon.upWithoutPreview();
  });
  after(() => prod?.remove());

  /** A release, as GitHub's API lists it to curl. */
  async function released(repository: string, tag: string): Promise<ApiRelease> {
    const url = `${prod.github.url}/repos/mlOS-foundation/${repository}/releases/tags/${tag}`;
    return JSON.parse(await runClient("curl", ["-fsSL", url])) as ApiRelease;
  }

  it("MLOS Core, made bad in many ways, is refused by the policy pack before anything is built, for each of them", async () => {
    const good = await prod.core.read("index.ts");
    const stack = await prod.core.read("Pulumi.prod.yaml");
    await prod.core.write({ "index.ts": madeBad(good, badCoreStacks) });
    try {
      for (const [key, value] of Object.entries(configurationOf(badCoreStacks, prod.bases))) {
        assert.ok(value !== undefined, key);
        await prod.core.set(key, value);
      }
      const { code, text } = await prod.guarded(prod.core, ["preview"]);
      assert.notEqual(code, 0, text);
      assert.deepEqual(rulesThatRefuse(text), badCoreStacks.map(({ rule }) => rule).sort(), text);
    } finally {
      await prod.core.write({ "index.ts": good, "Pulumi.prod.yaml": stack });
    }
    assert.deepEqual(await tagDigests(prod.repository("mlos-core"), prod.anonymous), {});
  });

  describe("as they are, with the policy pack on,", () => {
    it("CORE-01, CORE-02, PROD-08, G-01, G-02: one update publishes the image, its alias and its mirrors, of dev's digest and signed", async () => {
      await prod.up(prod.core);
      const digest = await dev().digest("mlos-core", "v1.0.0");
      const images = ["mlos-core", "core"];
      for (const repository of [
        ...images.map((name) => prod.repository(name)),
        ...images.map((name) => `${prod.hub.host}/mlosfoundation/${name}`),
      ]) {
        assert.deepEqual(await tagDigests(repository, prod.anonymous), { latest: digest, "v1.0.0": digest });
        await cosignVerify(`${repository}:v1.0.0`, path.join(prod.core.directory, "cosign.pub"));
      }
    });

    it("CORE-03: anybody pulls `latest` without a login, where nobody writes without one", async () => {
      const image = `${prod.repository("mlos-core")}:latest`;
      const file = path.join(await dev().empty(), "image.tar");
      await crane(["pull", "--platform", "linux/amd64", image, file], prod.anonymous);
      const push = crane(["push", file, `${prod.repository("mlos-core")}:mine`], prod.anonymous);
      await assert.rejects(push, /UNAUTHORIZED/);
      const { checks } = await prod.core.outputs<{ checks: Record<string, { detail: string }> }>();
      assert.match(checks["anonymous-pull"]?.detail ?? "", /can be pulled without signing in/);
    });

    it("CORE-13, CORE-19: the release of the same update has five archives, none for windows/arm64, as the API lists them", async () => {
      const release = await released("core", "v1.0.0");
      assert.deepEqual([release.name, release.draft], ["MLOS Core v1.0.0", false]);
      assert.ok(release.assets.every(({ state }) => state === "uploaded"));
      const names = release.assets.map(({ name }) => name);
      assert.deepEqual(names.filter((name) => name.endsWith(".tar.gz")).sort(), [
        "mlos-core_1.0.0_darwin_amd64.tar.gz",
        "mlos-core_1.0.0_darwin_arm64.tar.gz",
        "mlos-core_1.0.0_linux_amd64.tar.gz",
        "mlos-core_1.0.0_linux_arm64.tar.gz",
        "mlos-core_1.0.0_windows_amd64.tar.gz",
      ]);
    });

    it("CORE-14, CORE-17, G-04: curl gets the archives under the tag with v, and sha256sum checks all of them", async () => {
      const url = `${prod.github.url}/mlOS-foundation/core/releases/download/v1.0.0`;
      const folder = await dev().empty();
      const get = (name: string) =>
        runClient("curl", ["-fsSL", "--output", `${folder}/${name}`, `${url}/${name}`]);
      await get("mlos-core_1.0.0_linux_amd64.tar.gz");
      await get("SHA256SUMS");
      const sums = await runClient("cut", ["-c67-", `${folder}/SHA256SUMS`]);
      await Promise.all(sums.split("\n").map(get));
      const printed = await runClient("sh", ["-c", `cd "$0" && sha256sum -c --strict SHA256SUMS`, folder]);
      assert.equal(printed.split("\n").filter((line) => line.endsWith(".tar.gz: OK")).length, 5);
    });

    it("CORE-12: a container starts in time before anything points to the image; figures are outputs of the stack", async () => {
      const { checks, tested, built } = await prod.core.outputs<CoreOutputs>();
      const start = checks["container-start"]?.detail ?? "";
      assert.match(start, /^the output matches .*; it took \d+\.\d{3} s of at most 60 s$/);
      for (const results of Object.values(tested["mlos-core"] ?? {})) {
        const size = results.find(({ by }) => by === "size")?.detail ?? "";
        assert.match(size, /^mlos-core(\.exe)?: \d+ of at most 10000000 bytes$/);
      }
      const [linux] =
        tested["mlos-core"]?.["linux/amd64"]?.filter(({ by }) => by.startsWith("time of ")) ?? [];
      const time = /^(\d+\.\d{3}) s of at most 0\.1 s$/.exec(linux?.detail ?? "");
      assert.ok(process.arch !== "x64" || Number(time?.[1]) <= 0.1, linux?.detail);
      for (const { size } of Object.values(built["mlos-core"] ?? {})) assert.ok(size <= 100_000_000);
    });

    it("CORE-23: the website shows Docker first, with the compose example, and binaries second, in its own page", async () => {
      const image = `${prod.repository("mlos-core")}:v1.0.0`;
      const page = await prod.websitePage();
      const parts = [
        "# Install\n\nMLOS Core runs anywhere.\n\n<!-- slipway:begin docker -->\n",
        `\ndocker pull ${image}\n`,
        `services:\n  mlos-core:\n    image: ${image}\n    ports:\n      - 8080:8080\n      - 8081:8081\n`,
        "mlos-core_1.0.0_linux_amd64.tar.gz",
        "<!-- slipway:end binaries -->\n\n## Help\n\nAsk us.",
      ];
      const places = parts.map((part) => page.indexOf(part));
      assert.ok(!places.includes(-1), page);
      assert.deepEqual(
        places,
        [...places].sort((one, other) => one - other),
        page,
      );
      const folder = await dev().empty();
      const [, compose = ""] = /```yaml\n([^]*?\n)```/.exec(page) ?? [];
      await writeFile(path.join(folder, "compose.yml"), compose);
      const { services } = await composeConfig(folder, ["--file", path.join(folder, "compose.yml")]);
      assert.equal(services["mlos-core"]?.image, image);
      // What the page says is what users type.
      const [, pull = ""] = /\n(docker pull .*)\n/.exec(page) ?? [];
      await runClient("sh", ["-c", pull], prod.dockerEnvironment);
    });

    it("CORE-20: neither password nor token is in the state in clear", async () => {
      const state = await prod.core.state();
      for (const secret of prod.secrets) assert.ok(!state.includes(secret));
    });

    it("DISTRO-31, DISTRO-02, DISTRO-17, DISTRO-07: v1.0.0 is released, of Axon v1.5.0 and Core v1.0.0, with dev's digest and a bundle for each platform", async () => {
      const text = await prod.up(prod.distro);
      assert.match(text, /required-checks-passed looked at \d+ checks: no violation/);
      const digest = await dev().digest("mlos", "v1.0.0");
      const image = prod.repository("mlos");
      assert.deepEqual(await tagDigests(image, prod.anonymous), { latest: digest, "v1.0.0": digest });
      const { name, body, assets } = await released("mlos-distro", "v1.0.0");
      assert.deepEqual([name, body], ["MLOS v1.0.0", "Includes Axon v1.5.0 + MLOS Core v1.0.0"]);
      const bundles = assets.map((asset) => asset.name).filter((file) => file.endsWith(".tar.gz"));
      assert.deepEqual(bundles.sort(), [
        "mlos-v1.0.0_darwin_amd64.tar.gz",
        "mlos-v1.0.0_darwin_arm64.tar.gz",
        "mlos-v1.0.0_linux_amd64.tar.gz",
        "mlos-v1.0.0_linux_arm64.tar.gz",
      ]);
      const config = await crane(["config", "--platform", "linux/arm64", `${image}:v1.0.0`], prod.anonymous);
      assert.match(config, /"org\.mlosfoundation\.components":"Axon v1\.5\.0 \+ MLOS Core v1\.0\.0"/);
    });

    it("CORE-22, DISTRO-28: one tap has a formula of each, which names the released archives by their sums", async () => {
      for (const [name, repository, count] of [
        ["mlos-core", "core", 4],
        ["mlos", "mlos-distro", 4],
      ] as const) {
        const formula = await prod.formula(name);
        const { assets } = await released(repository, "v1.0.0");
        const found = [...formula.matchAll(/url "(.+)"\s+sha256 "(.+)"/g)];
        assert.equal(found.length, count, formula);
        for (const [, url = "", sum = ""] of found) {
          const asset = assets.find((one) => one.name === url.slice(url.lastIndexOf("/") + 1));
          assert.equal(asset?.digest, `sha256:${sum}`, url);
          assert.ok(
            url.startsWith(`${prod.github.url}/mlOS-foundation/${repository}/releases/download/v1.0.0/`),
          );
        }
      }
      assert.match(await prod.formula("mlos"), /bin\.install "bin\/axon"[^]*bin\.install "bin\/mlos"/);
    });

    it("CORE-26, DISTRO-32: apt installs each from its signed repository, with its programs and configuration", async function () {
      requireTools(this, "apt-get", "dpkg", "dpkg-query");
      for (const [repository, name, programs] of [
        ["core", "mlos-core", ["mlos-core"]],
        ["distro", "mlos", ["axon", "mlos", "mlos-core"]],
      ] as const) {
        const machine = await prod.aptMachine(repository, `${name}.sources`);
        for (const command of [["update"], ["install", "--yes", name]]) {
          const { code, output } = await machine.apt(command);
          assert.equal(code, 0, output);
          assert.doesNotMatch(output, /^[WE]:/m);
        }
        assert.deepEqual(await machine.installed(), { [name]: "1.0.0" });
        for (const program of programs) {
          const file = path.join(machine.root, "usr/bin", program);
          await runClient("test", ["-x", file]);
        }
        if (repository === "core") continue;
        for (const file of ["mlos.yaml", "axon.yaml"]) {
          assert.equal(await machine.file(`etc/mlos/${file}`), await prod.distro.read(`config/${file}`));
        }
      }
    });

    it("CORE-27, DISTRO-34, G-21, G-23: a package of each is in Chocolatey's feed, whose script has the address and the sum of the archive for Windows", async function () {
      requireTools(this, "nuget", "script", "unzip");
      const folder = await dev().empty();
      const listed = await nuget(folder, "list", "-NonInteractive", "-Source", prod.feed.source);
      for (const [name, repository, archive] of [
        ["mlos-core", "core", "mlos-core_1.0.0_windows_amd64.zip"],
        ["mlos", "mlos-distro", "mlos-v1.0.0_windows_amd64.zip"],
      ] as const) {
        assert.match(listed, new RegExp(`^${name} 1\\.0\\.0$`, "m"));
        const file = path.join(folder, `${name}.nupkg`);
        await writeFile(file, prod.feed.versions.find(({ id }) => id === name)?.bytes ?? "");
        const script = await runClient("unzip", ["-p", file, "tools/chocolateyInstall.ps1"]);
        const { assets } = await released(repository, "v1.0.0");
        const digest = assets.find((asset) => asset.name === archive)?.digest ?? "";
        const url = `${prod.github.url}/mlOS-foundation/${repository}/releases/download/v1.0.0/${archive}`;
        assert.ok(script.includes(`url64bit       = '${url}'`), script);
        assert.ok(script.includes(`checksum64     = '${digest.replace("sha256:", "")}'`), script);
        await runClient("curl", ["-fsSL", "--output", path.join(folder, archive), url]);
      }
      const programs = await runClient("unzip", ["-Z1", path.join(folder, "mlos-v1.0.0_windows_amd64.zip")]);
      for (const program of ["axon", "mlos", "mlos-core"])
        assert.ok(programs.split("\n").includes(`bin/${program}.exe`), programs);
    });

    it("DISTRO-33: the release has a snap for each architecture, with programs and configuration, which snapd's tool reads", async function () {
      requireTools(this, "unsquashfs", "snap");
      const url = `${prod.github.url}/mlOS-foundation/mlos-distro/releases/download/v1.0.0`;
      const folder = await dev().empty();
      for (const architecture of ["amd64", "arm64"]) {
        const file = `mlos_1.0.0_${architecture}.snap`;
        for (const name of [file, "SHA256SUMS"])
          await runClient("curl", ["-fsSL", "--output", `${folder}/${name}`, `${url}/${name}`]);
        const checked = await runClient("sh", [
          "-c",
          `cd "$0" && sha256sum --ignore-missing -c SHA256SUMS`,
          folder,
        ]);
        assert.ok(checked.includes(`${file}: OK`));
        const listed = await runClient("unsquashfs", ["-l", `${folder}/${file}`]);
        const paths = ["bin/axon", "bin/mlos", "bin/mlos-core", "config/axon.yaml", "config/mlos.yaml"];
        for (const wanted of paths) assert.ok(listed.includes(`squashfs-root/${wanted}`), wanted);
        const root = path.join(folder, architecture);
        await runClient("unsquashfs", ["-no-progress", "-d", root, `${folder}/${file}`]);
        await runClient("snap", ["pack", "--check-skeleton", root]);
        const said = await runClient("snap", ["info", `${folder}/${file}`]);
        assert.match(said, /^name: +mlos$[^]*^version: +1\.0\.0 [^]*- mlos\.axon$[^]*- mlos\.mlos-core$/m);
      }
      const told = await runClient(
        path.join(folder, process.arch === "arm64" ? "arm64" : "amd64", "bin/mlos"),
        ["--version"],
      );
      assert.equal(told, "MLOS Distribution v1.0.0\nAxon: v1.5.0\nMLOS Core: v1.0.0");
    });

    it("DISTRO-19, DISTRO-20, DISTRO-21, DISTRO-22, DISTRO-23: `curl … | sh` pulls the image or installs the bundle, as the environment says", async () => {
      const address = `${prod.github.url}/mlOS-foundation/mlos-distro/releases/download/v1.0.0/install.sh`;
      const install = async (env: NodeJS.ProcessEnv) => {
        const home = await dev().empty();
        const printed = await runClient("sh", ["-c", `curl -sSL ${address} | dash`], {
          ...prod.dockerEnvironment,
          HOME: home,
          ...env,
        });
        return { home, printed };
      };
      const image = `${prod.repository("mlos")}:v1.0.0`;
      const { printed } = await install({ MLOS_VERSION: "v1.0.0" });
      assert.ok(printed.endsWith(`Run it: docker run --rm ${image}`), printed);
      const pulled = await runClient("docker", ["image", "inspect", image], prod.dockerEnvironment);
      assert.ok(pulled.includes(await dev().digest("mlos", "v1.0.0")));
      for (const MLOS_VERSION of ["v1.0.0", "1.0.0"]) {
        const { home } = await install({ MLOS_VERSION, MLOS_INSTALL_METHOD: "binary" });
        const told = await runClient(path.join(home, ".mlos/bin/mlos"), ["--version"]);
        assert.equal(told, "MLOS Distribution v1.0.0\nAxon: v1.5.0\nMLOS Core: v1.0.0");
        for (const program of ["axon", "mlos-core"]) {
          await runClient("test", ["-x", path.join(home, ".mlos/bin", program)]);
        }
      }
      const other = install({ MLOS_INSTALL_METHOD: "x" });
      await assert.rejects(other, /there is no method x: the methods are docker \| binary/);
    });

    it("PROD-01, PROD-03: further updates change nothing", async () => {
      for (const project of [prod.core, prod.distro]) {
        const text = await prod.up(project);
        assert.deepEqual(Object.keys(resourceCounts(text)), ["unchanged"], text);
      }
    });
  });
}
