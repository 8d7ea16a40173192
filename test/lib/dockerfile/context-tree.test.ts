import assert from "node:assert/strict";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { listContext } from "../../../lib/dockerfile/context-tree";
import { IgnoreRules } from "../../../lib/dockerfile/ignore-rules";

describe("the list of a build context", () => {
  let folder: string;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "slipway-context-"));
    for (let i = 0; i < 50; i++) await writeFile(path.join(folder, `file-${i}`), "");
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it("is made while other files come and go, as archives that are written below it do", async () => {
    let going = true;
    const writer = (async () => {
      while (going) {
        await writeFile(path.join(folder, "archive.tmp"), "");
        await rename(path.join(folder, "archive.tmp"), path.join(folder, "archive.zip"));
      }
    })();
    try {
      for (let i = 0; i < 300; i++) {
        const paths = (await listContext(folder, new IgnoreRules(""))).map((entry) => entry.path);
        assert.equal(paths.filter((name) => name.startsWith("file-")).length, 50);
      }
    } finally {
      going = false;
      await writer;
    }
  });
});
