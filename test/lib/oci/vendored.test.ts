import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import * as path from "node:path";
import { loadDeflate } from "../../../lib/oci/layer/deflate";
import { loadZstd } from "../../../lib/oci/layer/zstd";

const vendor = path.resolve(__dirname, "..", "..", "..", "vendor");

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** Text that repeats itself like the files of a layer do, not like zeros. */
const content = Buffer.from(
  Array.from({ length: 20_000 }, (_, line) => `${line} ${(line * 2_654_435_761) % 977}\n`).join(""),
);

describe("vendored packages, which decide the digests of layers", () => {
  it("are those of npm, and no others are there", async () => {
    const files = (await readdir(vendor)).filter((name) => name !== "README.md");
    const sums = await Promise.all(
      files.map(async (name) => [name, sha256(await readFile(path.join(vendor, name)))]),
    );
    assert.deepEqual(Object.fromEntries(sums), {
      "hpcc-js-wasm-zstd-1.12.5.tgz": "2f61547bb45a7ff9c4aa9744db0dfbc577e3e7c6944a2697c49ce94e18328a27",
      "libdeflate-0.1.0.tgz": "e234136824114a58db368dde8742201c50ea1b0b7cd39470fc37fefc8f9d9d11",
    });
  });

  for (const [name, load, expected] of [
    ["libdeflate", loadDeflate, "56ac1534bb8cf378272b60027b5fdbfce926a53b436efd1132583d2fe6be5b30"],
    ["Zstandard", loadZstd, "f9f52fe9aa89821cc776d34d6eaf39bb9ca2a4a8716c34a7dc5b1fd1d41ae0aa"],
  ] as const) {
    it(`${name} compresses to the bytes that it always has`, async () => {
      assert.equal(sha256((await load())(content)), expected);
    });
  }
});
