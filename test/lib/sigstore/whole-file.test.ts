import assert from "node:assert/strict";
import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readWholeFile, wholeFileLimitBytes } from "../../../lib/sigstore/whole-file";

describe("a file that is signed as a whole", () => {
  let folder: string;
  before(async () => (folder = await mkdtemp(join(tmpdir(), "slipway-whole-file-"))));
  after(() => rm(folder, { recursive: true }));

  it("is read", async () => {
    const file = join(folder, "small");
    await writeFile(file, "content");
    assert.equal(String(await readWholeFile(file)), "content");
  });

  it("is refused before it is read where it is too large, with what to do", async () => {
    const file = join(folder, "large");
    await writeFile(file, "");
    // No bytes are written for it: a file system keeps its size alone.
    await truncate(file, wholeFileLimitBytes + 1);
    await assert.rejects(readWholeFile(file), /large has 536870913 bytes, .* sign the sums file/);
  });
});
