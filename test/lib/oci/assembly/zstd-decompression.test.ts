import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { loadZstd } from "../../../../lib/oci/layer/zstd";
import { unzstd } from "../../../../lib/oci/layer/zstd-decompression";
import { requireTools, toolPath } from "../../../support/tools";

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

async function read(bytes: Buffer, pieceSize = 10_000): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of unzstd(inPieces(bytes, pieceSize))) parts.push(part);
  return Buffer.concat(parts);
}

const contents: [title: string, content: Buffer][] = [
  ["nothing", Buffer.alloc(0)],
  ["one byte", Buffer.from("a")],
  ["a text", Buffer.from("to be or not to be ".repeat(1000))],
  ["what shrinks to almost nothing", Buffer.alloc(20_000_000, "a")],
  ["what does not shrink", randomBytes(1_000_000)],
  ["a mixture", Buffer.concat([randomBytes(200_000), Buffer.alloc(900_000, "b"), randomBytes(3)])],
];

describe("reading Zstandard", () => {
  for (const [title, content] of contents) {
    for (const options of [["-3"], ["-19", "--check"], ["-1", "--no-check"], ["-3", "--content-size"]]) {
      it(`${title}, as zstd ${options.join(" ")} writes it`, async function () {
        requireTools(this, "zstd");
        const bytes = execFileSync(toolPath("zstd"), [...options, "-c"], {
          input: content,
          maxBuffer: 1 << 26,
        });
        assert.ok((await read(bytes)).equals(content));
      });
    }
  }

  it("several frames, and frames to skip, in pieces of any size", async () => {
    const compress = await loadZstd();
    const skipped = Buffer.concat([Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 5, 0, 0, 0]), Buffer.from("hello")]);
    const bytes = Buffer.concat([
      compress(Buffer.from("one,")),
      skipped,
      compress(Buffer.from("two")),
      skipped,
    ]);
    for (const size of [1, 2, 3, 7, 1000]) assert.equal((await read(bytes, size)).toString(), "one,two");
  });

  it("two streams at the same time", async () => {
    const compress = await loadZstd();
    const first = randomBytes(500_000);
    const second = randomBytes(500_000);
    const results = await Promise.all([first, second].map((one) => read(Buffer.from(compress(one)), 999)));
    assert.ok(results[0]?.equals(first) && results[1]?.equals(second));
  });

  it("refuses what is cut off, damaged or something else", async () => {
    const whole = Buffer.from((await loadZstd())(randomBytes(300_000)));
    for (const end of [1, 3, 5, 6, 100, whole.length - 1]) {
      await assert.rejects(read(whole.subarray(0, end)), /zstd: the stream is cut off/, `at ${end}`);
    }
    await assert.rejects(read(Buffer.from("plain text")), /not a Zstandard frame/);
    const reserved = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x20, 5, 7, 0, 0, 0]);
    await assert.rejects(read(reserved), { name: "ZstdError" });
  });

  it("notices a block that is damaged", async function () {
    requireTools(this, "zstd");
    const content = Buffer.from(randomBytes(50_000).toString("hex"));
    for (const position of [20, 1000]) {
      const bytes = execFileSync(toolPath("zstd"), ["-19", "--no-check", "-c"], { input: content });
      for (let at = position; at < position + 200; at++) bytes[at] = (bytes[at] ?? 0) ^ 0x55;
      const outcome = await read(bytes).catch((error: Error) => error.message);
      // A flipped bit can also be another content, which is the digest's to find.
      assert.ok(typeof outcome === "string" ? /zstd: /.test(outcome) : !outcome.equals(content));
    }
    const header = execFileSync(toolPath("zstd"), ["-19", "--no-check", "-c"], { input: content });
    header.fill(0xff, 12, 40);
    await assert.rejects(read(header), /zstd: /);
  });
});
