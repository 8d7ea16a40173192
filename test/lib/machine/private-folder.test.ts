import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { isOwnFolder, ownFolder, privateFolder } from "../../../lib/machine/private-folder.cjs";
import { ensureGoTool } from "../../../lib/machine/go-build";
import { GO_TOOLS } from "../../../lib/machine/go-tool";
import { REPOSITORY } from "../../../lib/machine/repository";
import { requireOtherUser } from "../../support/other-user";

describe("folders that other users are kept out of", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "slipway-folder-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const mode = (path: string) => statSync(path).mode & 0o777;
  const cases = [
    { title: "a new one", before: undefined, private: 0o700, own: 0o700 },
    { title: "one of a umask of 022", before: 0o755, private: 0o700, own: 0o755 },
    { title: "one of a umask of 002", before: 0o775, private: 0o700, own: 0o755 },
    { title: "one for everybody", before: 0o777, private: 0o700, own: 0o755 },
  ];
  for (const { title, before, ...after } of cases) {
    it(`${title} is closed, or closed for writing`, () => {
      for (const [name, close] of Object.entries({ private: privateFolder, own: ownFolder })) {
        const path = join(folder, name);
        if (before !== undefined) {
          mkdirSync(path);
          chmodSync(path, before);
        }
        close(path);
        assert.equal(mode(path), after[name as "private" | "own"], name);
        assert.equal(isOwnFolder(path), true);
      }
    });
  }

  it("what a link leads to stays as it is", () => {
    mkdirSync(join(folder, "elsewhere"));
    chmodSync(join(folder, "elsewhere"), 0o777);
    symlinkSync(join(folder, "elsewhere"), join(folder, "link"));
    privateFolder(join(folder, "link"));
    assert.equal(mode(join(folder, "elsewhere")), 0o777);
    assert.equal(ownFolder(join(folder, "link")), false);
  });

  it("no tool is run from another user's cache", async function () {
    requireOtherUser(this);
    chownSync(folder, 65_534, 65_534);
    const env = { ...process.env, SLIPWAY_CACHE: folder };
    await assert.rejects(ensureGoTool(GO_TOOLS.crane, { env }), /belongs to another user.*would be run/);
    assert.deepEqual(readdirSync(folder), []);
  });

  it("no program's code is taken from another user's cache", function () {
    requireOtherUser(this);
    const cache = join(folder, "cache");
    const program = join(folder, "program.ts");
    writeFileSync(program, 'console.log("the program" as string);\n');
    const run = () =>
      execFileSync(process.execPath, ["-r", join(REPOSITORY, "lib/program/register.cjs"), program], {
        env: { ...process.env, SLIPWAY_CACHE: cache },
        encoding: "utf8",
      }).trim();
    assert.equal(run(), "the program");
    const kept = readdirSync(join(cache, "programs"))
      .filter((name) => name.endsWith(".js"))
      .map((name) => join(cache, "programs", name));
    assert.equal(kept.length, 1);
    for (const file of kept)
      writeFileSync(file, readFileSync(file, "utf8").replace("the program", "another's code"));
    // The cache is used; that is why it matters whose it is.
    assert.equal(run(), "another's code");
    chownSync(cache, 65_534, 65_534);
    assert.equal(run(), "the program");
  });
});
