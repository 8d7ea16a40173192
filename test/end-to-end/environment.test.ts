import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import * as path from "node:path";
import { recordedAddress } from "../../lib/embedded/address";
import { stop } from "../../lib/embedded/registry";
import { crane } from "../support/clients";
import { EngineProject } from "../support/engine";
import { startDistribution, type TestRegistry } from "../support/registries";
import { appProgram } from "./app-program";
import { RequestRecord, tagDigests } from "./observation";

describe("environments (CAP-19)", function () {
  this.timeout(180_000);
  let registry: TestRegistry;
  let requests: RequestRecord;
  let project: EngineProject;

  async function declare(imports: string, fields: string): Promise<void> {
    const trust = `trust: { sign: cosignKey({ key: "no-such.key", publicKey: "no-such.pub" }) },`;
    const program = appProgram({
      registry: registry.host,
      version: "v1.0.0",
      fields: `${fields} archives: { app: { files: [{ path: "app.txt", source: "app.txt" }] } },
        release: directoryRelease({ directory: "releases" }), ${trust}`,
    });
    await project.program(
      program.replace(
        "import { Distribution,",
        `import { ${imports}cosignKey, directoryRelease, Distribution,`,
      ),
    );
  }

  before(async () => {
    registry = await startDistribution();
    requests = new RequestRecord(registry);
    project = await EngineProject.create({
      program: "export {};",
      files: { "app.txt": "content of 1.0.0\n" },
    });
  });
  after(async () => {
    if (project) await stop(project.directory);
    await project?.remove();
    await registry?.stop();
  });

  const unpublishing: readonly { name: string; imports: string; fields: string }[] = [
    {
      name: "MESH-06, MESH-26: test builds and proves everything and publishes nothing",
      imports: "",
      fields: `environment: "test",`,
    },
    {
      name: "BLEU-11, BLEU-13: a pull request computes its names and publishes nothing",
      imports: "pullRequestTags, ",
      fields: "pullRequest: 12, tags: pullRequestTags(),",
    },
  ];
  for (const { name, imports, fields } of unpublishing) {
    it(name, async () => {
      await declare(imports, fields);
      await requests.take();
      const text = await project.up();
      assert.deepEqual(await requests.take(), [], "the registry was asked");
      const host = recordedAddress(project.directory) ?? "";
      const { digest } = await project.outputs<{ digest: string }>();
      // What was built is there, by digest, and nothing points to it.
      await crane(["manifest", `${host}/app@${digest}`]);
      assert.deepEqual(await tagDigests(`${host}/app`), {});
      assert.equal(existsSync(path.join(project.directory, "releases")), false);
      assert.equal(existsSync(path.join(project.directory, "dist/dev/v1.0.0/SHA256SUMS")), true);
      assert.match(text, /app_1\.0\.0_linux_amd64|app-linux-amd64/);
    });
  }

  it("MESH-22: production stops for a signing key that is not there, before anything is published", async () => {
    await declare("", "");
    const text = await project.fail(["up", "--yes", "--skip-preview"]);
    assert.match(text, /no-such\.key/);
    assert.deepEqual(await tagDigests(`${registry.host}/app`), {});
    assert.equal(existsSync(path.join(project.directory, "releases")), false);
  });
});
