import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { formatSums, parseSums, SumsError } from "../../../lib/archive/sums";
import { digestOf } from "../../../lib/oci/digest";
import { runClient } from "../../support/clients";
import { requireTools } from "../../support/tools";

const hex = "a".repeat(64);

describe("sums files", () => {
  it("CORE-17: MESH-14: are what sha256sum writes and checks, sorted by name", async function () {
    requireTools(this, "sha256sum", "sh");
    const folder = await mkdtemp(path.join(tmpdir(), "slipway-sums-"));
    try {
      const files = ["b.zip", "a b.tar.gz", "a.tar.gz"];
      for (const name of files) await writeFile(path.join(folder, name), `content of ${name}`);
      const text = formatSums(files.map((name) => ({ name, digest: digestOf(`content of ${name}`) })));
      const theirs = await runClient("sh", ["-c", `cd "$0" && LC_ALL=C sha256sum *`, folder]);
      assert.equal(text, `${theirs}\n`);
      assert.deepEqual(parseSums(theirs), parseSums(text));
      await writeFile(path.join(folder, "SUMS"), text);
      const check = ["-c", `cd "$0" && sha256sum -c --strict SUMS`, folder];
      await runClient("sh", check);
      await writeFile(path.join(folder, "b.zip"), "content of B.zip");
      await assert.rejects(runClient("sh", check), /1 computed checksum did NOT match/);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  for (const [what, line, name] of [
    ["text mode", `${hex}  a.zip`, "a.zip"],
    ["binary mode", `${hex} *a.zip`, "a.zip"],
    ["upper case", `${hex.toUpperCase()}  a.zip`, "a.zip"],
    ["a folder", `${hex}  ./a.zip`, "a.zip"],
    ["a line end of Windows", `${hex}  a.zip\r`, "a.zip"],
    ["a name with spaces", `${hex}  a  b.zip`, "a  b.zip"],
  ] as const) {
    it(`are read with ${what}`, () => {
      assert.deepEqual(parseSums(`${line}\n\n`), [{ name, digest: `sha256:${hex}` }]);
    });
  }

  for (const line of ["<html>", `${hex}`, `${hex.slice(1)}  a.zip`, `SHA256 (a.zip) = ${hex}`]) {
    it(`are refused with the line ${line.slice(0, 20)}`, () => {
      assert.throws(() => parseSums(line), SumsError);
    });
  }

  for (const names of [["a\nb"], ["a\\b"], [""], ["a", "a"]]) {
    it(`are not written for the names ${JSON.stringify(names)}`, () => {
      assert.throws(() => formatSums(names.map((name) => ({ name, digest: digestOf("") }))), SumsError);
    });
  }
});
