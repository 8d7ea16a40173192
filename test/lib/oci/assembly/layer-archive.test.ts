import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { extract } from "tar-stream";
import { DigestMismatchError } from "../../../../lib/oci/errors";
import type { Compression } from "../../../../lib/oci/layer/compression";
import type { LayerEntry, LayerFile } from "../../../../lib/oci/layer/entry";
import { writeLayer, type WrittenLayer } from "../../../../lib/oci/layer/layer-blob";
import { resolveLayer } from "../../../../lib/oci/layer/resolve";
import { tarStream } from "../../../../lib/oci/layer/tar";
import { tarHeader } from "../../../../lib/oci/layer/tar-header";
import { temporaryFolder, writeTree } from "./temporary-folder";

const longName = "n".repeat(120);
const longerPath = Array.from({ length: 6 }, (_, index) => String(index).repeat(60)).join("/");

/** A layer with everything that an archive treats in its own way. */
const manySorts: LayerFile[] = [
  { to: "/app/hello", content: "hello\n", mode: "0755" },
  { to: "/app/empty", content: "" },
  { to: "/app/block", content: "b".repeat(512) },
  { to: "/app/setuid", content: "s", mode: "6755" },
  { to: "/app/secret", content: "s", mode: "0000" },
  { to: "/app/current", symlink: "hello" },
  { to: `/app/${longName}`, content: "long name" },
  { to: `/deep/${longerPath}/file`, content: "long path" },
  { to: "/app/Grüße-世界-🚀", content: "other characters" },
  { to: "/app/new\nline", content: "n" },
  { to: "/app/far", symlink: `../${longerPath}` },
  { to: "/app/wide", symlink: "Grüße" },
  { to: "/data", directory: true, mode: "1777", uid: 65532, gid: 65532 },
  { to: "/data/owned", content: "o", uid: 4_000_000_000, gid: 3_000_000 },
  { to: "/etc/motd", remove: true },
];

async function archive(entries: readonly LayerEntry[], mtimeSeconds?: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of tarStream(entries, mtimeSeconds)) parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}

describe("archive of a layer", () => {
  const folder = temporaryFolder();

  async function written(
    files: readonly LayerFile[],
    compression: Compression,
    name: string,
  ): Promise<WrittenLayer> {
    const entries = await resolveLayer(folder(), files, { overBase: false });
    return writeLayer(join(folder(), name), entries, { compression });
  }

  it("comes out of GNU tar as it was declared", async () => {
    await written(manySorts, "none", "layer.tar");
    const out = join(folder(), "out");
    mkdirSync(out);
    execFileSync("tar", ["-xpf", join(folder(), "layer.tar"), "-C", out, "--no-same-owner"], {
      env: { ...process.env, LC_ALL: "C.UTF-8" },
      stdio: "pipe",
    });
    const read = (path: string): string => readFileSync(join(out, path), "utf8");
    const mode = (path: string): string => (statSync(join(out, path)).mode & 0o7777).toString(8);
    assert.equal(read("app/hello"), "hello\n");
    assert.equal(read(`app/${longName}`), "long name");
    assert.equal(read(`deep/${longerPath}/file`), "long path");
    assert.equal(read("app/Grüße-世界-🚀"), "other characters");
    assert.equal(read("app/new\nline"), "n");
    assert.equal(read("app/empty"), "");
    assert.equal(read("app/block").length, 512);
    assert.equal(readlinkSync(join(out, "app/far")), `../${longerPath}`);
    assert.equal(readlinkSync(join(out, "app/wide")), "Grüße");
    assert.deepEqual(["app/hello", "app/setuid", "app/secret", "data", "app"].map(mode), [
      "755",
      "6755",
      "0",
      "1777",
      "755",
    ]);
    assert.equal(lstatSync(join(out, "app/hello")).mtimeMs, 0);
    assert.deepEqual(readdirSync(join(out, "etc")), [".wh.motd"]);
  });

  it("is read by another implementation with owners, modes and times", async () => {
    const entries = await resolveLayer(folder(), manySorts);
    const found: string[] = [];
    const reader = extract();
    reader.on("entry", (header, content, next) => {
      found.push(
        [header.type, header.mode?.toString(8), header.uid, header.gid, header.size, header.name].join(" "),
      );
      assert.equal(header.mtime?.getTime(), 4_102_444_800_000, "2100, past the end of 32 bits");
      assert.equal(header.uname, "");
      content.on("end", next);
      content.resume();
    });
    const done = new Promise<void>((resolve, reject) => {
      reader.on("finish", resolve);
      reader.on("error", reject);
    });
    reader.end(await archive(entries, 4_102_444_800));
    await done;
    assert.ok(found.includes("file 755 0 0 6 app/hello"));
    assert.ok(found.includes("file 0 0 0 1 app/secret"));
    assert.ok(found.includes("directory 1777 65532 65532 0 data/"), found.join("\n"));
    assert.equal(found.length, entries.length);
    assert.match(
      execFileSync("tar", ["--numeric-owner", "-tvf", "-"], { input: await archive(entries) }).toString(),
      / 4000000000\/3000000 +1 1970-01-01 00:00 data\/owned/,
    );
  });

  it("keeps sizes of 8 GiB and more", () => {
    const size = 8 * 1024 ** 3 + 5;
    const entry: LayerEntry = { path: "/big", type: "file", mode: 0o644, uid: 0, gid: 0, size };
    const header = tarHeader(entry, 0);
    // The archive ends after the header, which tar says, and lists it all the same.
    const { stdout } = spawnSync("tar", ["-tvf", "-"], { input: header, encoding: "utf8" });
    assert.match(stdout, / 0\/0 +8589934597 1970-01-01 00:00 big\n/);
  });

  it("does not depend on times, umask, order on disk or order of declarations", async () => {
    const build = async (name: string, order: number): Promise<string> => {
      const root = join(folder(), name);
      const names = ["b", "a", "sub/c", "sub/ä"];
      const umask = process.umask(order > 0 ? 0o022 : 0o077);
      try {
        for (const file of order > 0 ? names : [...names].reverse())
          writeTree(root, { [`dist/${file}`]: file });
      } finally {
        process.umask(umask);
      }
      chmodSync(join(root, "dist/a"), order > 0 ? 0o755 : 0o700);
      symlinkSync("a", join(root, "dist/link"));
      utimesSync(join(root, "dist/b"), 1_000_000 * (order + 2), 1_000_000 * (order + 2));
      const files: LayerFile[] = [
        { to: "/app", source: "dist" },
        { to: "/etc/x", content: "x" },
      ];
      const entries = await resolveLayer(root, order > 0 ? files : files.reverse());
      return createHash("sha256")
        .update(await archive(entries))
        .digest("hex");
    };
    assert.equal(await build("first", 1), await build("second", -1));
  });

  // The very bytes. A change of any of these changes the digests that users have published: then
  // the format version in lib/oci/layer/recipe.ts must be raised too.
  const golden: { compression: Compression; digest: string; size: number }[] = [
    {
      compression: "none",
      digest: "sha256:88f0e4b693a8847b343fe9dd759bc340f81725b5c591e94bd2b7fe04fdd414e9",
      size: 2611712,
    },
    {
      compression: "gzip",
      digest: "sha256:fb54e2164bc251170397003717b56fcff0c1fa15eef9b75a4b6de8864b3b7169",
      size: 1_284_900,
    },
    {
      compression: "zstd",
      digest: "sha256:1bc43c24bee8a235e485e1f4f3b29a9545a76252e7e79bef1bbb61f6307040c0",
      size: 1282512,
    },
  ];
  for (const { compression, digest, size } of golden) {
    it(`has the fixed digest for compression ${compression}`, async () => {
      // Two pieces and a bit: compressible text, and bytes that do not compress but are the same
      // everywhere.
      const noise: Buffer[] = [];
      for (let index = 0; index < 40_000; index++) {
        noise.push(createHash("sha256").update(String(index)).digest());
      }
      writeTree(folder(), { noise: Buffer.concat(noise), text: "Slipway assembles images. ".repeat(50_000) });
      const files = [...manySorts, { to: "/z/noise", source: "noise" }, { to: "/z/text", source: "text" }];
      const layer = await written(files, compression, "layer");
      assert.deepEqual({ digest: layer.digest, size: layer.size }, { digest, size });
      assert.equal(layer.diffId, golden[0]?.digest);
      const stored = readFileSync(join(folder(), "layer"));
      assert.equal(`sha256:${createHash("sha256").update(stored).digest("hex")}`, digest);
    });
  }

  it("streams a big file in bounded memory", async function () {
    this.timeout(60_000);
    const path = join(folder(), "big");
    const piece = randomBytes(8 * 1024 * 1024);
    for (let index = 0; index < 32; index++) writeFileSync(path, piece, { flag: "a" });
    const entries = await resolveLayer(folder(), [{ to: "/big", source: "big" }]);
    for (const compression of ["none", "gzip", "zstd"] as const) {
      const before = process.memoryUsage();
      let most = 0;
      const timer = setInterval(() => {
        const { external, heapUsed } = process.memoryUsage();
        most = Math.max(most, external + heapUsed - before.external - before.heapUsed);
      }, 5);
      try {
        const layer = await writeLayer(join(folder(), `big.${compression}`), entries, { compression });
        assert.equal(statSync(join(folder(), `big.${compression}`)).size, layer.size);
      } finally {
        clearInterval(timer);
      }
      assert.ok(most < 96 * 1024 * 1024, `${compression}: ${most} bytes for a file of 256 MiB`);
    }
  });

  const changes: { name: string; size: number; change: (path: string) => void }[] = [
    {
      name: "other content of the same size",
      size: 100,
      change: (path) => writeFileSync(path, "y".repeat(100)),
    },
    { name: "a small file that grew", size: 100, change: (path) => writeFileSync(path, "x".repeat(101)) },
    { name: "a file that shrank", size: 100, change: (path) => writeFileSync(path, "x".repeat(99)) },
    {
      name: "a big file that grew",
      size: 3_000_000,
      change: (path) => writeFileSync(path, "z", { flag: "a" }),
    },
    {
      name: "a big file that was cut",
      size: 3_000_000,
      change: (path) => writeFileSync(path, "x".repeat(2_500_000)),
    },
  ];
  for (const { name, size, change } of changes) {
    it(`fails for ${name} between hashing and writing`, async () => {
      const path = join(folder(), "file");
      writeFileSync(path, "x".repeat(size));
      const entries = await resolveLayer(folder(), [{ to: "/file", source: "file" }]);
      change(path);
      await assert.rejects(archive(entries), (error: unknown) => {
        assert.ok(error instanceof DigestMismatchError);
        assert.match(error.message, /file, for \/file, changed after it was hashed: build again/);
        return true;
      });
    });
  }

  it("does not follow a link that took the place of a file", async () => {
    writeTree(folder(), { file: "x", secret: "x" });
    const entries = await resolveLayer(folder(), [{ to: "/file", source: "file" }]);
    execFileSync("ln", ["-sf", "secret", join(folder(), "file")]);
    await assert.rejects(archive(entries), { code: "ELOOP" });
  });

  for (const mtime of [-1, 1.5, 2 ** 40]) {
    it(`refuses the modification time ${mtime}`, async () => {
      await assert.rejects(archive([], mtime), RangeError);
    });
  }
});
