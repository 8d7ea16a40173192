import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { BuildHistoryError, buildRecord, findBuildx } from "../../dockerfile/build-history";
import { requireTools } from "../support/tools";

describe("history of builders", () => {
  let folder: string;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "slipway-history-"));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it("finds buildx where Docker looks for plugins", async () => {
    const plugins = path.join(folder, "cli-plugins");
    await mkdir(plugins);
    const program = path.join(plugins, "docker-buildx");
    await writeFile(program, "#!/bin/sh\n", { mode: 0o755 });
    assert.equal(findBuildx({ DOCKER_CONFIG: folder, PATH: "", HOME: folder }), program);
  });

  it("says what buildx says of a builder that there is not", async function () {
    requireTools(this, "docker-buildx");
    await assert.rejects(
      buildRecord("slipway-none-such", "context", `sha256:${"0".repeat(64)}`),
      (error: Error) =>
        error instanceof BuildHistoryError &&
        /docker-buildx history ls: .*no builder "slipway-none-such" found/i.test(error.message),
    );
  });
});
