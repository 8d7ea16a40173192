import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { CheckFailed, ProviderProcess } from "../support/provider-process";

const type = "slipway:release:Stage";
const reached = "everything is there and proven";

describe("the stages of a release", () => {
  let project: string;
  let provider: ProviderProcess;

  before(async () => {
    project = await mkdtemp(path.join(tmpdir(), "slipway-stage-"));
    provider = await ProviderProcess.start(project);
  });
  after(async () => {
    await provider?.stop();
    await rm(project, { recursive: true, force: true, maxRetries: 3 });
  });

  it("are known at preview, and are as they were afterwards, whatever they depend on", async () => {
    const planned = await provider.create(type, { reached }, true);
    assert.deepEqual(planned.state, { reached });
    const held = await provider.create(type, { reached });
    const read = await provider.read(held);
    assert.ok(read);
    assert.deepEqual((await provider.diff(read, { reached })).changes, []);
    assert.deepEqual((await provider.diff(read, { reached: "other words" })).changes, ["reached"]);
  });

  it("say what holds", async () => {
    await assert.rejects(provider.create(type, { reached: "" }), (error: Error) => {
      assert.ok(error instanceof CheckFailed);
      assert.match(error.message, /reached: .*what holds is expected/);
      return true;
    });
  });
});
