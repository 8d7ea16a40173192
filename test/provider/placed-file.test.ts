import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { digestOf } from "../../lib/oci/digest";
import type { Properties } from "../../provider/base/properties";
import { unknown } from "../../provider/base/unknown";
import { CheckFailed, ProviderProcess, type Held } from "../support/provider-process";

const placed = "slipway:build:PlacedFile";
const command: Properties = {
  command: `cat source.txt > "{output}/meshctl"`,
  sources: ["source.txt"],
  outputs: ["meshctl"],
};

describe("built files that are placed in the project", () => {
  let project: string;
  let provider: ProviderProcess;

  before(async () => {
    project = await mkdtemp(path.join(tmpdir(), "slipway-placed-"));
    await writeFile(path.join(project, "source.txt"), "meshctl v1.0.0");
    provider = await ProviderProcess.start(project);
  });
  beforeEach(() => rm(path.join(project, "dist"), { recursive: true, force: true }));
  after(async () => {
    await provider?.stop();
    await rm(project, { recursive: true, force: true, maxRetries: 3 });
  });

  const file = () => path.join(project, "dist/linux_amd64/meshctl");

  async function build(): Promise<Properties> {
    const built = await provider.create("slipway:build:Command", command, true);
    const { path: source, digest } = (built.state.files as Record<string, Properties>).meshctl ?? {};
    return { path: "dist/linux_amd64/meshctl", source, digest };
  }

  async function changesOf(held: Held, inputs: Properties): Promise<string[]> {
    const read = await provider.read(held);
    assert.ok(read);
    return (await provider.diff(read, inputs)).changes.sort();
  }

  it("MESH-09: are placed as programs at the update, whatever the umask, and left alone after that", async () => {
    const umask = process.umask(0o077);
    try {
      const declared = await build();
      await provider.create(placed, declared, true);
      await assert.rejects(stat(file()), /ENOENT/);
      const held = await provider.create(placed, declared);
      assert.equal(await readFile(file(), "utf8"), "meshctl v1.0.0");
      const { mode, mtimeMs } = await stat(file());
      assert.equal(mode & 0o777, 0o755);
      assert.deepEqual(await changesOf(held, declared), []);
      await provider.create(placed, declared);
      assert.equal((await stat(file())).mtimeMs, mtimeMs);
    } finally {
      process.umask(umask);
    }
  });

  for (const [what, spoil, change] of [
    ["changed by hand", () => writeFile(file(), "by hand"), ["digest"]],
    ["made unexecutable", () => chmod(file(), 0o644), ["mode"]],
    ["replaced by a folder", () => rm(file()).then(() => mkdir(file())), ["digest"]],
  ] as [string, () => Promise<unknown>, string[]][]) {
    it(`PROD-04: one that was ${what} is seen`, async () => {
      const declared = await build();
      const held = await provider.create(placed, declared);
      await spoil();
      assert.deepEqual(await changesOf(held, declared), change);
      if (what === "replaced by a folder") {
        await assert.rejects(
          provider.update(held, declared),
          /meshctl is a folder, but a file has to be placed there/,
        );
        return;
      }
      await provider.update(held, declared);
      assert.deepEqual(await changesOf(held, declared), []);
      assert.equal(await readFile(file(), "utf8"), "meshctl v1.0.0");
    });
  }

  it("that are gone are no difference, and placed where they are needed, from the command", async () => {
    const declared = await build();
    const held = await provider.create(placed, declared);
    await rm(path.join(project, "dist"), { recursive: true });
    assert.deepEqual(await changesOf(held, declared), []);
    await rm(path.join(project, ".slipway"), { recursive: true });
    const other = await ProviderProcess.start(project);
    try {
      await other.create("slipway:build:Command", { ...command, atPreview: false }, true);
      assert.deepEqual((await other.diff(held, declared)).changes, []);
      await assert.rejects(stat(file()), { code: "ENOENT" });
      // A check may look at any file, so it finds those that the program makes.
      await other.create("slipway:gate:Check", {
        command: { command: ["dist/linux_amd64/meshctl"] },
        advisory: true,
      });
      assert.equal(digestOf(await readFile(file())), declared.digest);
    } finally {
      await other.stop();
    }
  });

  it("are planned while their content is not known, and stay when they leave the program", async () => {
    const declared = await build();
    const planned = await provider.create(placed, { ...declared, source: unknown, digest: unknown }, true);
    assert.equal(planned.state.digest, unknown);
    const held = await provider.create(placed, { ...declared, mode: "0644" });
    assert.equal(held.state.mode, "0644");
    await provider.delete(held);
    assert.equal((await stat(file())).mode & 0o777, 0o644);
  });

  it("PROD-10: a path outside the project and a mode that is none are refused", async () => {
    const declared = await build();
    for (const [property, value] of [
      ["path", "../meshctl"],
      ["mode", "rwx"],
    ] as const) {
      await assert.rejects(provider.create(placed, { ...declared, [property]: value }), (error) => {
        assert.ok(error instanceof CheckFailed);
        assert.equal(error.failures[0]?.property, property);
        return true;
      });
    }
  });
});
