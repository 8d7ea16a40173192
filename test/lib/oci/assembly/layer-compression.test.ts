import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync, inflateRawSync } from "node:zlib";
import { compressedPieceSize } from "../../../../lib/oci/layer/compression";
import { CompressionPool } from "../../../../lib/oci/layer/compression-pool";
import { loadDeflate } from "../../../../lib/oci/layer/deflate";
import { deflateBlocks, lastDeflateBlock } from "../../../../lib/oci/layer/deflate-blocks";
import { loadGzip } from "../../../../lib/oci/layer/gzip";
import { writeLayer } from "../../../../lib/oci/layer/layer-blob";
import { resolveLayer } from "../../../../lib/oci/layer/resolve";
import { loadZstd } from "../../../../lib/oci/layer/zstd";
import { requirement } from "../../../support/requirement";
import { temporaryFolder } from "./temporary-folder";

/** Bytes that look random and are the same in every run. */
function noise(length: number): Buffer {
  const parts = Array.from({ length: Math.ceil(length / 32) }, (_, index) =>
    createHash("sha256").update(`${length}/${index}`).digest(),
  );
  return Buffer.concat(parts).subarray(0, length);
}

const text = Buffer.from("one line of a text that compresses well\n".repeat(30_000));
const pieces: { name: string; bytes: Buffer; atMost: number }[] = [
  { name: "nothing", bytes: Buffer.alloc(0), atMost: 40 },
  { name: "one byte", bytes: Buffer.from("x"), atMost: 40 },
  { name: "zeros", bytes: Buffer.alloc(compressedPieceSize), atMost: 8_192 },
  { name: "text", bytes: text.subarray(0, compressedPieceSize), atMost: 20_000 },
  { name: "little noise", bytes: noise(1_000), atMost: 1_030 },
  { name: "exactly one stored block of noise", bytes: noise(65_535), atMost: 65_570 },
  { name: "one byte more than a stored block", bytes: noise(65_536), atMost: 65_580 },
  { name: "a piece of noise", bytes: noise(compressedPieceSize), atMost: compressedPieceSize + 128 },
  {
    name: "noise with text after it",
    bytes: Buffer.concat([noise(compressedPieceSize / 2), text.subarray(0, compressedPieceSize / 2)]),
    atMost: compressedPieceSize * 0.56,
  },
];

describe("compression of layers", () => {
  const folder = temporaryFolder();

  for (const { name, bytes, atMost } of pieces) {
    it(`gzip: ${name}`, async () => {
      const member = (await loadGzip())(bytes);
      assert.ok(gunzipSync(member).equals(bytes));
      assert.ok(member.length <= atMost, `${member.length} bytes`);
      assert.deepEqual([...member.subarray(0, 10)], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
      assert.ok(execFileSync("gzip", ["-dc"], { input: member, maxBuffer: 1e8 }).equals(bytes));
    });

    it(`zstd: ${name}`, async function () {
      const frame = (await loadZstd())(bytes);
      assert.ok(frame.length <= atMost, `${frame.length} bytes`);
      const decoded = spawnSync("zstd", ["-dc"], { input: frame, maxBuffer: 1e8 });
      requirement(this, !decoded.error, "zstd is not installed (apt-get install zstd)");
      assert.equal(decoded.status, 0, decoded.stderr.toString());
      assert.ok(decoded.stdout.equals(bytes));
    });
  }

  for (const [name, load] of [
    ["deflate", loadDeflate],
    ["zstd", loadZstd],
  ] as const) {
    it(`${name}: gives the same bytes whatever was compressed before`, async () => {
      const compress = await load();
      const first = Buffer.from(compress(text));
      compress(noise(compressedPieceSize));
      compress(Buffer.alloc(10));
      assert.ok(Buffer.from(compress(text)).equals(first));
    });
  }

  it("deflate: takes content of many pieces at once", async () => {
    const content = Buffer.concat([
      text,
      noise(2 * compressedPieceSize),
      Buffer.alloc(13 * compressedPieceSize),
    ]);
    const deflated = (await loadDeflate())(content);
    assert.ok(inflateRawSync(deflated).equals(content));
    assert.ok(deflated.length < 2.1 * compressedPieceSize, `${deflated.length} bytes`);
  });

  it("makes deflate blocks that follow one another, of what compresses and what does not", () => {
    const text = Buffer.alloc(700_000, "text that repeats, ");
    const pieces = [text, noise(600_000), Buffer.of(1), Buffer.concat([noise(50_000), text]), noise(70_000)];
    const blocks = pieces.map((piece) => deflateBlocks(piece));
    assert.ok((blocks[0]?.length ?? 0) < 10_000, "what compresses is compressed");
    assert.ok((blocks[1]?.length ?? 0) < 600_100, "what does not is stored");
    const whole = Buffer.concat([...blocks, lastDeflateBlock]);
    assert.ok(inflateRawSync(whole).equals(Buffer.concat(pieces)));
    assert.ok(inflateRawSync(lastDeflateBlock).length === 0);
    // Each length leaves another number of bits in the last byte.
    for (let length = 1; length < 400; length++) {
      const piece = Buffer.from(noise(length).toString("hex").slice(0, length));
      const twice = Buffer.concat([deflateBlocks(piece), deflateBlocks(piece), lastDeflateBlock]);
      assert.ok(inflateRawSync(twice).equals(Buffer.concat([piece, piece])), `${length} bytes`);
    }
  });

  for (const [compression, list, test] of [
    ["gzip", "-tzf", ["gzip", "-t"]],
    ["zstd", "-tf", ["zstd", "-tq"]],
  ] as const) {
    it(`writes a ${compression} stream of many pieces that ${test[0]} and tar read`, async function () {
      this.timeout(30_000);
      requirement(
        this,
        !spawnSync(test[0], ["--version"]).error,
        `${test[0]} is not installed (apt-get install ${test[0]})`,
      );
      const content = Buffer.concat([
        text,
        randomBytes(3 * compressedPieceSize + 17),
        text,
        Buffer.alloc(5_000_000),
      ]);
      writeFileSync(join(folder(), "content"), content);
      const entries = await resolveLayer(folder(), [{ to: "/app/content", source: "content" }]);
      const path = join(folder(), `layer.tar.${compression === "gzip" ? "gz" : "zst"}`);
      const layer = await writeLayer(path, entries, { compression });
      execFileSync(test[0], [test[1], path]);
      assert.equal(execFileSync("tar", [list, path]).toString(), "app/\napp/content\n");
      const out = join(folder(), "out");
      mkdirSync(out);
      execFileSync("tar", ["-xf", path, "-C", out, "--no-same-owner"]);
      assert.ok(readFileSync(join(out, "app/content")).equals(content));
      const unpacked = execFileSync(test[0], ["-dc", path], { maxBuffer: 1e9 });
      assert.equal(`sha256:${createHash("sha256").update(unpacked).digest("hex")}`, layer.diffId);
    });
  }

  it("keeps the order of pieces, and uses their memory again", async function () {
    this.timeout(30_000);
    const pool = new CompressionPool();
    try {
      const results = await Promise.all(
        Array.from({ length: 40 }, async (_, index) => {
          const buffer = pool.takeBuffer();
          const length = 1 + index * 1_000;
          buffer.fill(index, 0, length);
          return gunzipSync(await pool.compress("gzip", buffer, length));
        }),
      );
      for (const [index, result] of results.entries()) {
        assert.ok(result.equals(Buffer.alloc(1 + index * 1_000, index)), `piece ${index}`);
      }
    } finally {
      await pool.close();
    }
  });

  it("fails what a thread was doing when it is ended, and starts another one afterwards", async function () {
    this.timeout(30_000);
    const pool = new CompressionPool();
    try {
      const running = pool.compress("gzip", pool.takeBuffer(), compressedPieceSize);
      const failed = assert.rejects(
        running,
        /the thread that compresses layers failed: it ended with exit code/,
      );
      await pool.close();
      await failed;
      assert.ok((await pool.compress("gzip", pool.takeBuffer(), 10)).length > 10);
    } finally {
      await pool.close();
    }
  });

  it("lets a process end by itself when it is done, and not before", function () {
    this.timeout(60_000);
    const script = join(folder(), "script.ts");
    const pool = resolve(__dirname, "../../../../lib/oci/layer/compression-pool");
    writeFileSync(
      script,
      `const { compressionPool } = require(${JSON.stringify(pool)});
       compressionPool.compress("gzip", compressionPool.takeBuffer(), 1000).then((result) => console.log(result.length));`,
    );
    const register = require.resolve("../../../../lib/machine/typescript.cjs");
    const ran = spawnSync(process.execPath, ["-r", register, script], {
      encoding: "utf8",
      timeout: 30_000,
    });
    assert.equal(ran.status, 0, ran.stderr);
    assert.match(ran.stdout, /^\d+\n$/);
  });

  it("stops when it is told to", async () => {
    writeFileSync(join(folder(), "content"), randomBytes(5 * compressedPieceSize));
    const entries = await resolveLayer(folder(), [{ to: "/content", source: "content" }]);
    const signal = AbortSignal.abort(new Error("cancelled"));
    await assert.rejects(
      writeLayer(join(folder(), "layer"), entries, { compression: "gzip", signal }),
      /cancelled/,
    );
  });
});
