import assert from "node:assert/strict";
import { startBlackhole, type Blackhole } from "../support/blackhole";
import { EngineProject, resourceCounts } from "../support/engine";
import { startDistribution, type TestRegistry } from "../support/registries";
import { mirrorFiles, mirrorProgram, registryAt } from "./mirror-program";
import { portOf } from "../../lib/embedded/address";

/** What a silent mirror may add to a run, in seconds; and what runs of the same differ by. */
const mostAdded = 3;
const noise = 2;

describe("a mirror that answers no connection", () => {
  let primary: TestRegistry;
  let mirror: TestRegistry;
  let blackhole: Blackhole | undefined;
  let project: EngineProject;

  before(async () => {
    primary = await startDistribution();
    mirror = await startDistribution();
    const registries = [primary.host, mirror.host].map((host) => registryAt(host));
    project = await EngineProject.create({
      program: mirrorProgram({ version: "v1.0.0", images: ["ant", "bee"], registries }),
      files: mirrorFiles,
    });
    await project.up();
  });
  after(async () => {
    await project?.remove();
    if (blackhole) await blackhole.stop();
    for (const registry of [primary, mirror]) await registry?.stop();
  });

  async function timed<T>(work: () => Promise<T>): Promise<{ result: T; seconds: number }> {
    const started = performance.now();
    const result = await work();
    return { result, seconds: (performance.now() - started) / 1000 };
  }

  it("costs a run three seconds at most, and is told in one line", async () => {
    const before = await timed(() => project.preview());
    await mirror.suspend();
    blackhole = await startBlackhole(portOf(mirror.host));
    const { result: text, seconds } = await timed(() => project.preview());
    const lines = text.split("\n").filter((line) => /^warning: .* cannot be observed/.test(line));
    assert.equal(lines.length, 1, text);
    assert.match(lines[0] ?? "", /no answer from \S+ within 1\.4 s/);
    assert.doesNotMatch(text, /earlier versions/);
    assert.ok(seconds < before.seconds + mostAdded + noise, `${seconds} s, ${before.seconds} s before`);
    const failed = await timed(() => project.fail(["up", "--yes", "--skip-preview", "--stack", "dev"]));
    assert.match(failed.result, /2 of 2 mirrors are not complete/);
    assert.ok(failed.seconds < before.seconds + mostAdded + noise, `${failed.seconds} s`);
  });

  it("is completed when it answers again", async () => {
    await blackhole?.stop();
    blackhole = undefined;
    await mirror.resume();
    await project.upWithoutPreview();
    assert.deepEqual(Object.keys(resourceCounts(await project.preview())), ["unchanged"]);
  });
});
