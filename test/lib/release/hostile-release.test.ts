import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { zipSync } from "fflate";
import { pack } from "tar-stream";
import { parseSums, summedAsset } from "../../../lib/archive/sums-reading";
import { digestOf } from "../../../lib/oci/digest";
import { parseChangelog } from "../../../lib/release/changelog";
import { downloadFile, DownloadError, readText } from "../../../lib/release/download";
import { ExtractError, extractFiles } from "../../../lib/release/extract";
import { temporaryFolder } from "../oci/assembly/temporary-folder";
import { assertLinear } from "../../support/growth";
import { drip, endless, withoutLength } from "../../support/hostile/behaviors";
import { defaultRetryPolicy } from "../../../lib/oci/transport/retry-policy";
import { startHostileServer, type HostileServer } from "../../support/hostile/server";

const retry = { ...defaultRetryPolicy, baseDelayMs: 300, maxTotalWaitMs: 10_000 };
const limits = { fileBytes: 1_000_000, textBytes: 100_000, pace: { bytes: 1024, windowMs: 100 }, retry };

describe("a release that gives too much, or too slowly", () => {
  const folder = temporaryFolder();
  let server: HostileServer;

  before(async () => {
    server = await startHostileServer();
  });
  after(() => server.stop());

  const answered = () => server.requests.reduce((sum, { answeredBytes }) => sum + answeredBytes, 0);

  it("is left while its sums come, not after", async () => {
    server.on("GET", "/sums", endless());
    await assert.rejects(readText(`${server.url}/sums`, undefined, limits), /more than 100000 bytes/);
    // What fills the buffers of both sides.
    assert.ok(answered() < 16_000_000, `${answered()} bytes were answered`);
  });

  it("is left while a file comes, and nothing of it is kept", async () => {
    server.on("GET", "/file", withoutLength(3_000_000));
    const target = join(folder(), "file");
    const download = downloadFile(
      `${server.url}/file`,
      target,
      [digestOf("")],
      () => undefined,
      undefined,
      undefined,
      limits,
    );
    await assert.rejects(
      download,
      (error) => error instanceof DownloadError && /more than 1000000 bytes/.test(error.message),
    );
    for (const file of [target, `${target}.part`]) assert.throws(() => statSync(file));
  });

  it("is left when it comes a byte at a time", async () => {
    server.on("GET", "/slow", drip(10));
    await assert.rejects(readText(`${server.url}/slow`, undefined, limits), /fewer than 1024 bytes/);
  });

  it("is left when a folder holds sums that are too large", async () => {
    const file = join(folder(), "SHA256SUMS");
    writeFileSync(file, "x".repeat(100_001));
    await assert.rejects(readText(file, undefined, limits), /more than 100000 bytes/);
  });

  const zeros = Buffer.alloc(8_000_000);
  const archives: { name: string; bytes: (content: Buffer) => Promise<Buffer> | Buffer }[] = [
    {
      name: "a.tar.gz",
      bytes: async (content) => {
        const archive = pack();
        archive.entry({ name: "./other" }, content);
        archive.entry({ name: "./file" }, "x");
        archive.finalize();
        return gzipSync(await buffer(archive));
      },
    },
    { name: "a.zip", bytes: (content) => Buffer.from(zipSync({ other: Buffer.from("y"), file: content })) },
  ];
  for (const { name, bytes } of archives) {
    it(`is left when ${name} unpacks to far more than it has`, async () => {
      const archive = join(folder(), name);
      const target = join(folder(), "files");
      writeFileSync(archive, await bytes(zeros));
      await assert.rejects(
        extractFiles(archive, name, ["file"], target, { bytes: 1_000_000, ratio: 100 }),
        (error) => error instanceof ExtractError && /unpacks to more than 1000000 bytes/.test(error.message),
      );
      assert.throws(() => statSync(target));
      await extractFiles(archive, name, ["file"], target);
      assert.ok(readFileSync(join(target, "file")).length > 0);
    });

    it(`is left when ${name} is not an archive`, async () => {
      const archive = join(folder(), name);
      writeFileSync(archive, "<html>");
      await assert.rejects(extractFiles(archive, name, ["file"], join(folder(), "files")), ExtractError);
    });
  }

  it("is left when the content of a zip archive is damaged, however deep its files are", async () => {
    const archive = join(folder(), "a.zip");
    const file = `${"a/".repeat(100)}file`;
    const bytes = Buffer.from(zipSync({ [file]: Buffer.from("some text that is compressed") }));
    // A block type that deflate does not have (RFC 1951, 3.2.3).
    bytes[30 + file.length] = 0xff;
    writeFileSync(archive, bytes);
    for (let round = 0; round < 5; round++) {
      const extracted = extractFiles(archive, "a.zip", [file], join(folder(), `files-${round}`));
      await assert.rejects(extracted, /a\.zip cannot be read: invalid block type/);
    }
  });

  it("is left when a .tar.gz archive ends within a file, however deep that is", async () => {
    const archive = join(folder(), "a.tar.gz");
    const file = `${"a/".repeat(100)}file`;
    const tar = pack();
    tar.entry({ name: file }, randomBytes(10_000));
    tar.finalize();
    writeFileSync(archive, gzipSync(await buffer(tar)).subarray(0, 2_000));
    for (let round = 0; round < 5; round++) {
      const extracted = extractFiles(archive, "a.tar.gz", [file], join(folder(), `files-${round}`));
      await assert.rejects(extracted, /a\.tar\.gz cannot be read: unexpected end of file/);
    }
  });

  const texts: {
    title: string;
    size: number;
    text: (size: number) => string;
    read: (text: string) => unknown;
  }[] = [
    {
      title: "a heading of blanks",
      size: 50_000,
      text: (size) => `## 1.0.0${" ".repeat(size)}x`,
      read: parseChangelog,
    },
    {
      title: "a change log of headings",
      size: 5_000,
      text: (size) => Array.from({ length: size }, (_, index) => `## ${index}\n`).join(""),
      read: parseChangelog,
    },
    {
      title: "a section of blank lines",
      size: 100_000,
      text: (size) => `## 1.0.0\n${"\n".repeat(size)}x`,
      read: parseChangelog,
    },
    {
      title: "sums of many files",
      size: 5_000,
      text: (size) => `${"0".repeat(64)}  name\n`.repeat(size),
      read: parseSums,
    },
    {
      title: "sums in one line",
      size: 5_000,
      text: (size) => `${"0".repeat(64)}  name\nSHA256 (${" = (".repeat(size)}${"  :".repeat(size)}`,
      read: parseSums,
    },
    {
      title: "sums of a name in many folders",
      size: 5_000,
      text: (size) => `${"0".repeat(64)}  dist/name\n`.repeat(size),
      read: (text) => summedAsset(parseSums(text), "n*e", "SHA256SUMS"),
    },
  ];
  for (const { title, size, text, read } of texts) {
    it(`is read in its share of time: ${title}`, () => assertLinear(size, text, read));
  }
});
