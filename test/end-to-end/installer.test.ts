import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import * as path from "node:path";
import { hasProgram, runClient } from "../support/clients";
import { cosignVerifyBlob } from "../support/cosign";
import { EngineProject, resourceCounts } from "../support/engine";
import type { ServerProcess } from "../support/processes";
import { startDistribution, type TestRegistry } from "../support/registries";
import { requirement } from "../support/requirement";
import { startStaticServer } from "../support/static-server";
import { requireTools } from "../support/tools";

describe("a release with an installer", function () {
  this.timeout(120_000);
  let registry: TestRegistry;
  let project: EngineProject;
  let host: ServerProcess & { url: string };

  before(async function () {
    requireTools(this, "pulumi", "registry", "python3", "cosign");
    requirement(this, hasProgram("curl"), "curl is not installed (apt-get install curl)");
    registry = await startDistribution();
    project = await EngineProject.create({
      program: "",
      files: { "app.txt": "1", "app.yaml": "port: 80\n" },
    });
    await mkdir(path.join(project.directory, "public"));
    host = await startStaticServer(path.join(project.directory, "public"));
    await declare("v1.0.0");
  });
  after(async () => {
    await host?.stop();
    await registry?.stop();
    await project?.remove();
  });

  const declare = (version: string, installer = "{}", baseUrl = `baseUrl: "${host.url}"`) =>
    project.program(`
import { directoryRelease, Distribution, ociRegistry, shellInstaller, throwAwayKey } from "@slipway";

new Distribution("app", {
  version: "${version}",
  registries: [ociRegistry({ host: "${registry.host}" })],
  platforms: ["linux/amd64"],
  images: { app: { files: [{ to: "/app", binary: "app" }] } },
  binaries: {
    app: {
      sources: ["app.txt"],
      command: ["sh", "-c", "printf '#!/bin/sh\\necho {semver}\\n' > {output}/app{exe} && chmod +x {output}/app{exe}"],
      platforms: ["linux/amd64", "linux/arm64", "darwin/arm64", "windows/amd64"],
      executable: false,
    },
  },
  archives: { app: { root: "app-{semver}", files: [{ path: "bin/app{exe}", binary: "app" }, { path: "app.yaml", source: "app.yaml" }], formats: { windows: "zip" } } },
  installers: { "install.sh": shellInstaller(${installer}) },
  release: directoryRelease({ directory: "public", ${baseUrl} }),
  trust: { sign: throwAwayKey(), sbom: false, provenance: false },
});
`);

  /** `curl … | sh`, in a home of its own. */
  const install = async (address: string, settings = "", home?: string) => {
    const directory = home ?? (await mkdtemp(path.join(project.directory, "home-")));
    const line = `curl -fsSL ${host.url}/${address} | ${settings} HOME=${directory} sh`;
    const printed = await runClient("sh", ["-c", line], { APP_INSTALL_DIR: path.join(directory, "bin") });
    const program = path.join(directory, "bin/app");
    return { printed, directory, version: () => runClient(program, []) };
  };
  const latest = "releases/latest/download/install.sh";

  it("is previewed, with nothing made", async () => {
    const text = await project.preview();
    assert.match(text, /slipway:build:Archive: \(create\)\s+\[urn=\S+::app-install\.sh\]/);
    assert.deepEqual(await readdir(path.join(project.directory, "public")), []);
  });

  it("gives a script that installs it, and that the sums list", async () => {
    await project.upWithoutPreview();
    const { version, printed } = await install(latest);
    assert.equal(await version(), "1.0.0");
    assert.match(printed, /^app 1\.0\.0 is installed:/);
    const folder = path.join(project.directory, "public/releases/download/v1.0.0");
    const checked = await runClient("sh", ["-c", `cd "$0" && sha256sum -c SHA256SUMS`, folder]);
    assert.match(checked, /^install\.sh: OK$/m);
    const text = await project.upWithoutPreview();
    assert.deepEqual(Object.keys(resourceCounts(text)), ["unchanged"], text);
  });

  it("finds a later version, and an earlier one, by sums whose signature it checks", async () => {
    const script = await readFile(
      path.join(project.directory, "public/releases/download/v1.0.0/install.sh"),
      "utf8",
    );
    await declare("v1.1.0");
    await project.upWithoutPreview();
    // A script of an earlier release finds the latest one.
    const old = await install("releases/download/v1.0.0/install.sh");
    assert.equal(await old.version(), "1.1.0");
    const pinned = await install(latest, "APP_VERSION=v1.0.0");
    assert.equal(await pinned.version(), "1.0.0");
    assert.notEqual(
      script,
      await readFile(path.join(project.directory, "public/releases/download/v1.1.0/install.sh"), "utf8"),
    );
    const sums = path.join(project.directory, "public/releases/download/v1.1.0/SHA256SUMS");
    await cosignVerifyBlob(
      sums,
      `${sums}.sigstore.json`,
      path.join(project.directory, ".slipway/keys/cosign.pub"),
    );
  });

  it("gives a pre-release to those who name it, and to nobody else", async () => {
    await declare("v1.2.0-rc.1");
    await project.upWithoutPreview();
    assert.equal(await (await install(latest)).version(), "1.1.0");
    const asked = await install(latest, "APP_VERSION=1.2.0-rc.1");
    assert.equal(await asked.version(), "1.2.0-rc.1");
  });

  it("puts a script back that somebody has changed", async () => {
    const script = path.join(project.directory, "public/releases/download/v1.2.0-rc.1/install.sh");
    const text = await readFile(script, "utf8");
    await rm(script);
    await project.upWithoutPreview();
    assert.equal(await readFile(script, "utf8"), text);
  });

  const refused: readonly [installer: string, expected: RegExp][] = [
    [`{ archive: "other" }`, /installers\["install\.sh"\]\.archive: there is no "other"; declared are app/],
    [`{ methods: ["docker"], image: "other" }`, /installers\["install\.sh"\]\.image: there is no "other"/],
    [
      `{ directory: "bin" }`,
      /shellInstaller\(\)[^]*directory: "bin" is not valid: a path from \/ or \$HOME is expected/,
    ],
    [`{ methods: [] }`, /shellInstaller\(\)[^]*methods/],
    [`{ environment: { version: "A B" } }`, /the name of an environment variable is expected/],
  ];
  for (const [installer, expected] of refused) {
    it(`refuses ${installer} before anything is made`, async () => {
      await declare("v2.0.0", installer);
      const { code, text } = await project.run(["preview", "--stack", "dev"]);
      assert.notEqual(code, 0);
      assert.match(text, expected);
    });
  }
  it("refuses to say an address that nobody declared", async () => {
    await declare("v2.0.0", "{}", "");
    const { code, text } = await project.run(["preview", "--stack", "dev"]);
    assert.notEqual(code, 0);
    assert.match(text, /methods: no host of the release says where its files are downloaded from/);
  });
});
