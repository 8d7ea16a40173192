import assert from "node:assert/strict";
import { appendFile, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { hasProgram, runClient } from "../support/clients";
import { EngineProject } from "../support/engine";
import type { ServerProcess } from "../support/processes";
import { startDistribution, type TestRegistry } from "../support/registries";
import { requirement } from "../support/requirement";
import { startStaticServer } from "../support/static-server";
import { requireTools, toolPath } from "../support/tools";

describe("the page that says how a release is verified", function () {
  this.timeout(180_000);
  let registry: TestRegistry;
  let project: EngineProject;
  let host: ServerProcess & { url: string };
  let root: string;
  let blocks: string[];

  before(async function () {
    requireTools(this, "pulumi", "registry", "python3", "cosign", "cosign-v2", "crane");
    requirement(this, hasProgram("curl"), "curl is not installed (apt-get install curl)");
    requirement(this, hasProgram("openssl"), "openssl is not installed (apt-get install openssl)");
    root = await mkdtemp(path.join(tmpdir(), "slipway-verify-"));
    registry = await startDistribution();
    project = await EngineProject.create({ program: "", files: { "app.txt": "1" } });
    await mkdir(path.join(project.directory, "public"));
    host = await startStaticServer(path.join(project.directory, "public"));
    await project.program(`
import { directoryRelease, Distribution, ociRegistry, throwAwayKey, verifySection, wholeFile } from "@slipway";

new Distribution("app", {
  version: "v1.0.0",
  registries: [ociRegistry({ host: "${registry.host}" })],
  platforms: ["linux/amd64"],
  images: { app: { files: [{ to: "/app.txt", source: "app.txt" }] } },
  archives: { app: { platforms: ["linux/amd64"], files: [{ path: "app.txt", source: "app.txt" }] } },
  release: directoryRelease({ directory: "public", baseUrl: "${host.url}" }),
  trust: { sign: throwAwayKey() },
  documents: [wholeFile("VERIFY.md", verifySection())],
});
`);
    await project.upWithoutPreview();
    const page = await project.read("VERIFY.md");
    blocks = [...page.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, commands = ""]) => commands);
  });
  after(async () => {
    await host?.stop();
    await registry?.stop();
    await project?.remove();
    if (root) await rm(root, { recursive: true, force: true, maxRetries: 3 });
  });

  /** An empty folder, and how blocks are run in it, where cosign is one of the two that are in use. */
  async function empty(cosign: string) {
    const folder = await mkdtemp(path.join(root, "empty-"));
    const programs = await mkdtemp(path.join(root, "programs-"));
    await symlink(toolPath(cosign), path.join(programs, "cosign"));
    await symlink(toolPath("crane"), path.join(programs, "crane"));
    const env = { PATH: `${programs}:${process.env.PATH}`, HOME: folder };
    return { folder, run: (block: string) => runClient("sh", ["-ec", `cd "$0"\n${block}`, folder], env) };
  }

  const blockWith = (words: string) => {
    const found = blocks.find((block) => block.includes(words));
    assert.ok(found, `${words} is in no block`);
    return found;
  };

  for (const cosign of ["cosign", "cosign-v2"]) {
    it(`has commands that each succeed in an empty folder, with ${cosign}`, async () => {
      const { folder, run } = await empty(cosign);
      for (const block of blocks) await run(block);
      const files = await readdir(folder);
      for (const name of [
        "app.pub",
        "SHA256SUMS",
        "app.spdxjson.json",
        "app.cyclonedx.json",
        "app.provenance.json",
      ])
        assert.ok(files.includes(name), `${name} is not among ${files.join(", ")}`);
    });
  }

  it("checks key, sums, signatures, images, SBOMs and provenance", () => {
    for (const words of [
      "BEGIN PUBLIC KEY",
      "cosign verify-blob",
      "openssl dgst",
      "sha256sum --check",
      "crane digest",
      "cosign verify --key",
      "--type spdxjson",
      "--type cyclonedx",
      "--type slsaprovenance1",
    ])
      blockWith(words);
  });

  it("has commands that fail for files that somebody changed, and for another key", async () => {
    const { folder, run } = await empty("cosign");
    const at = (name: string) => path.join(folder, name);
    for (const words of ["BEGIN PUBLIC KEY", "curl"]) await run(blockWith(words));
    const archive = (await readdir(folder)).find((name) => name.endsWith(".tar.gz")) ?? "";
    await appendFile(at(archive), "x");
    await assert.rejects(run(blockWith("sha256sum --check")), /FAILED|did NOT match/);
    await appendFile(at("SHA256SUMS"), "x");
    for (const words of ["cosign verify-blob", "openssl dgst"]) await assert.rejects(run(blockWith(words)));
    await run(blockWith("curl"));
    const other = (
      await runClient("sh", [
        "-c",
        "openssl ecparam -name prime256v1 -genkey -noout | openssl ec -pubout 2>/dev/null",
      ])
    ).trim();
    await writeFile(at("app.pub"), `${other}\n`);
    for (const words of ["cosign verify-blob", "openssl dgst", "cosign verify --key", "--type spdxjson"])
      await assert.rejects(run(blockWith(words)), words);
  });
});
