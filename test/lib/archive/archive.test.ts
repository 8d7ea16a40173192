import assert from "node:assert/strict";
import { createCipheriv } from "node:crypto";
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { ArchiveCache } from "../../../lib/archive/cache";
import { archiveEntries, type ArchiveFile, type ArchiveShape } from "../../../lib/archive/entries";
import { ArchiveError, archiveFormats, formatOfName, type ArchiveFormat } from "../../../lib/archive/format";
import { writeArchive } from "../../../lib/archive/write";
import { zipStream } from "../../../lib/archive/zip";
import { compressionPool } from "../../../lib/oci/layer/compression-pool";
import { digestOf } from "../../../lib/oci/digest";
import { LayerCache } from "../../../lib/oci/layer/cache";
import { runClient } from "../../support/clients";
import { requireTools } from "../../support/tools";

/** What `file` says of each format. */
const kinds: Readonly<Record<ArchiveFormat, RegExp>> = {
  "tar.gz": /gzip compressed data/,
  "tar.zst": /Zstandard compressed data/,
  zip: /Zip archive data/,
};

const content: readonly ArchiveFile[] = [
  { path: "hello", source: "build/hello" },
  { path: "README.md", content: "# hello\n" },
  { path: "docs", source: "docs" },
  { path: "noise.bin", source: "build/noise.bin" },
  { path: "current", symlink: "hello" },
  { path: "größe.txt", content: "non-ASCII name\n" },
];

/** Names of {@link content}, in the order of the archive. */
const names = ["README.md", "current", "docs/a.txt", "docs/deep/b.txt", "größe.txt", "hello", "noise.bin"];

/** Bytes that do not compress, of more than one piece, and the same in every run. */
const noise = createCipheriv("aes-128-ctr", Buffer.alloc(16), Buffer.alloc(16)).update(
  Buffer.alloc(1_500_000),
);

describe("release archives", () => {
  let folder: string;

  before(async function () {
    requireTools(this, "tar", "unzip", "zstd", "file", "sha256sum");
    folder = await mkdtemp(path.join(tmpdir(), "slipway-archive-"));
    await sources(path.join(folder, "project"), 1_600_000_000);
  });
  after(async () => {
    await compressionPool.close();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  async function sources(project: string, seconds: number): Promise<void> {
    await mkdir(path.join(project, "build"), { recursive: true });
    await mkdir(path.join(project, "docs/deep"), { recursive: true });
    const program = Buffer.alloc(3 * 1024 * 1024, "a program that is longer than a piece. ");
    await writeFile(path.join(project, "build/hello"), program);
    await chmod(path.join(project, "build/hello"), 0o700);
    await writeFile(path.join(project, "build/noise.bin"), noise);
    await chmod(path.join(project, "build/noise.bin"), 0o644);
    await writeFile(path.join(project, "docs/a.txt"), "a\n");
    await writeFile(path.join(project, "docs/deep/b.txt"), "b\n");
    for (const name of ["build/hello", "build/noise.bin", "docs/a.txt", "docs/deep/b.txt"]) {
      await utimes(path.join(project, name), seconds, seconds);
    }
  }

  async function entriesOf(
    files: readonly ArchiveFile[] = content,
    shape: ArchiveShape = {},
    project = path.join(folder, "project"),
  ) {
    const cache = new LayerCache(path.join(folder, "cache"));
    return archiveEntries(files, shape, (list, field) => cache.resolve(project, list, { field }));
  }

  let count = 0;
  async function write(
    format: ArchiveFormat,
    files: readonly ArchiveFile[] = content,
    shape: ArchiveShape = {},
    project = path.join(folder, "project"),
  ) {
    const file = path.join(folder, `archive-${++count}.${format}`);
    const written = await writeArchive(file, await entriesOf(files, shape, project), format);
    return { file, ...written };
  }

  async function unpack(file: string, format: ArchiveFormat): Promise<string> {
    const target = await mkdtemp(path.join(folder, "unpacked-"));
    if (format === "zip") await runClient("unzip", ["-q", file, "-d", target], { LC_ALL: "C.UTF-8" });
    else await runClient("tar", ["-xf", file, "-C", target]);
    return target;
  }

  async function list(file: string, format: ArchiveFormat): Promise<string[]> {
    const text =
      format === "zip"
        ? await runClient("unzip", ["-Z1", file], { LC_ALL: "C.UTF-8" })
        : await runClient("tar", ["--quoting-style=literal", "-tf", file], { LC_ALL: "C.UTF-8" });
    return text.split("\n");
  }

  for (const format of archiveFormats) {
    describe(format, () => {
      it(`CORE-15: is a real ${format}, says file, and holds exactly what is declared, says ${format === "zip" ? "unzip" : "tar"}`, async () => {
        const { file, digest, size } = await write(format);
        assert.match(await runClient("file", ["-b", file]), kinds[format]);
        assert.deepEqual(await list(file, format), names);
        const bytes = await readFile(file);
        assert.equal(bytes.length, size);
        assert.equal(digestOf(bytes), digest);
        if (format === "zip") assert.match(await runClient("unzip", ["-t", file]), /No errors detected/);
        if (format === "tar.zst") await runClient("zstd", ["-q", "-t", file]);
        if (format === "tar.gz") await runClient("gzip", ["-t", file]);
      });

      it("CORE-16: unpacks to the same content, a program with its execute bit, and a symbolic link", async () => {
        const { file } = await write(format);
        const target = await unpack(file, format);
        const modes = await runClient("stat", [
          "-c",
          "%a %n",
          ...["hello", "README.md", "docs/a.txt"].map((name) => path.join(target, name)),
        ]);
        assert.deepEqual(
          modes.split("\n").map((line) => line.slice(0, 3)),
          ["755", "644", "644"],
        );
        assert.deepEqual(
          await readFile(path.join(target, "current")),
          await readFile(path.join(folder, "project/build/hello")),
        );
        assert.equal(await readFile(path.join(target, "größe.txt"), "utf8"), "non-ASCII name\n");
        assert.equal(await runClient("readlink", [path.join(target, "current")]), "hello");
      });

      it("has the same bytes from another folder, at another time, in another time zone", async () => {
        const first = await write(format);
        const elsewhere = path.join(folder, `elsewhere-${format}`);
        await sources(elsewhere, 1_700_000_000);
        const zone = process.env.TZ;
        process.env.TZ = "Pacific/Auckland";
        try {
          const second = await write(format, [...content].reverse(), {}, elsewhere);
          assert.equal(second.digest, first.digest);
        } finally {
          if (zone === undefined) delete process.env.TZ;
          else process.env.TZ = zone;
        }
      });

      it("has everything in a root folder where one is declared", async () => {
        const { file } = await write(format, content, { root: "hello-1.0.0" });
        assert.deepEqual(
          await list(file, format),
          names.map((name) => `hello-1.0.0/${name}`),
        );
      });

      it("CORE-15: G-06: has inner sums that sha256sum checks, and that notice a changed byte", async () => {
        const { file } = await write(format, content, { root: "hello-1.0.0", checksums: "SHA256SUMS" });
        const root = path.join(await unpack(file, format), "hello-1.0.0");
        const check = ["-c", `cd "$0" && sha256sum -c --strict SHA256SUMS`, root];
        const text = await runClient("sh", check);
        assert.equal(text.split("\n").length, names.length - 1, text);
        await writeFile(path.join(root, "README.md"), "# jello\n");
        await assert.rejects(runClient("sh", check), /1 computed checksum did NOT match/);
      });
    });
  }

  it("are listed with neutral owners and times", async () => {
    const tar = await write("tar.gz");
    const listing = await runClient("tar", ["-tvf", tar.file], { TZ: "UTC" });
    for (const line of listing.split("\n")) assert.match(line, / 0\/0 .* 1970-01-01 00:00 /);
    const zip = await write("zip");
    assert.match(await runClient("unzip", ["-Z", zip.file]), /-rwxr-xr-x .* 80-Jan-01 00:00 hello/);
  });

  it("have fixed digests: another release of Slipway does not change published bytes unnoticed", async () => {
    const files: ArchiveFile[] = [
      { path: "hello", content: "#!/bin/sh\necho hello\n".repeat(1000), mode: "0755" },
      { path: "LICENSE", content: "Apache-2.0\n" },
    ];
    const digests = await Promise.all(
      archiveFormats.map(async (format) => (await write(format, files)).digest),
    );
    assert.deepEqual(digests, [
      "sha256:b78996f96850adb572d4965305733f57ca77cb259ffc31233f218e8082f83159",
      "sha256:bf9ee435653389d5ca8964d95ec4b7bb1c1cd441a1bfb2af1ebb13e449f8c261",
      "sha256:bb6d8be8eeeb192a82ff295c55472207af0c211a6bb860bd2f81a84b95967be8",
    ]);
  });

  it("hold a file that is too large to be compressed at once: unzip finds it whole", async function () {
    this.timeout(30_000);
    const large = Buffer.concat([Buffer.alloc(16 * 1024 * 1024, "text that is long. "), noise]);
    await writeFile(path.join(folder, "project/build/large"), large);
    const zip = await write("zip", [...content, { path: "large", source: "build/large" }]);
    assert.match(await runClient("unzip", ["-t", zip.file]), /No errors detected/);
    assert.ok((await readFile(path.join(await unpack(zip.file, "zip"), "large"))).equals(large));
    assert.equal(zip.digest, "sha256:376cbb1788b90af9006c30ee03284722596367be2c475adc2029228a7d5f642f");
  });

  it("are made once: the cache gives what it has, and makes again what was damaged", async () => {
    const cache = new ArchiveCache(path.join(folder, "archive-cache"));
    const entries = await entriesOf();
    const made = await cache.build(entries, "zip");
    await utimes(made.path, 1, 1);
    const again = await cache.build(entries, "zip");
    assert.deepEqual(again, made);
    assert.notEqual((await cache.build(entries, "tar.gz")).digest, made.digest);
    await writeFile(made.path, "damaged");
    assert.deepEqual(await cache.build(entries, "zip"), made);
    assert.equal(digestOf(await readFile(made.path)), made.digest);
  });

  it("refuse a source that changed after it was hashed", async () => {
    await writeFile(path.join(folder, "project/changing"), "one");
    const entries = await entriesOf([{ path: "changing", source: "changing" }]);
    await writeFile(path.join(folder, "project/changing"), "two");
    for (const format of archiveFormats) {
      await assert.rejects(
        writeArchive(path.join(folder, `changing.${format}`), entries, format),
        /changed after it was hashed/,
      );
    }
  });

  it("refuse a zip archive of more than 4 GiB before its first byte", async () => {
    const [entry] = await entriesOf([{ path: "hello", content: "x" }]);
    assert.ok(entry);
    const large = { ...entry, size: 4 * 1024 ** 3 };
    await assert.rejects(
      zipStream([large]).next(),
      /4 GiB is the most that every unpacker reads: declare "tar.gz"/,
    );
    await assert.rejects(
      zipStream(Array.from({ length: 65_536 }, () => entry)).next(),
      /has 65536 entries, and 65535 is the most/,
    );
  });

  for (const [what, files, shape, field, reason] of [
    ["an absolute path", [{ path: "/hello", content: "" }], {}, "entries[0].path", /is absolute/],
    [
      "a path that leads out",
      [{ path: "a/../../b", content: "" }],
      {},
      "entries[0].path",
      /"\.\." component/,
    ],
    ["a Windows path", [{ path: "C:hello", content: "" }], {}, "entries[0].path", /is absolute/],
    ["a backslash", [{ path: "bin\\hello", content: "" }], {}, "entries[0].path", /has a backslash/],
    ["a missing file", [{ path: "a", source: "missing" }], {}, "entries[0].source", /does not exist/],
    [
      "a file outside of the project",
      [{ path: "a", source: "../x" }],
      {},
      "entries[0].source",
      /is outside of/,
    ],
    [
      "a file that is not what was declared",
      [{ path: "a", source: "docs/a.txt", digest: digestOf("z") }],
      {},
      "entries[0].digest",
      /is not the digest of/,
    ],
    ["no content", [{ path: "a" }], {}, "entries[0]", /has none of source, content, symlink/],
    ["no entries", [], {}, "entries", /needs at least one/],
    [
      "two things at one path",
      [
        { path: "a", content: "1" },
        { path: "a", content: "2" },
      ],
      {},
      "entries[1].path",
      /./,
    ],
    [
      "sums under a taken name",
      [{ path: "a", content: "1" }],
      { checksums: "a" },
      "checksums",
      /is an entry/,
    ],
    ["a root that leads out", [{ path: "a", content: "1" }], { root: ".." }, "root", /valid example/],
  ] as [string, ArchiveFile[], ArchiveShape, string, RegExp][]) {
    it(`refuse ${what}, naming ${field}`, async () => {
      await assert.rejects(entriesOf(files, shape), (error: Error) => {
        assert.ok(error instanceof ArchiveError, error.message);
        assert.equal(error.field, field);
        assert.match(error.reason, reason);
        return true;
      });
    });
  }

  it("refuse a link out of the project", async () => {
    await symlink("/etc", path.join(folder, "project/outside"));
    await assert.rejects(
      entriesOf([{ path: "a", source: "outside/passwd" }]),
      /leads outside of .* through a symbolic link/,
    );
  });

  for (const [name, format] of [
    ["hello_1.0.0_linux_amd64.tar.gz", "tar.gz"],
    ["hello.TGZ", "tar.gz"],
    ["hello.tar.zst", "tar.zst"],
    ["hello.zip", "zip"],
    ["hello.tar", undefined],
    ["hello.gz", undefined],
  ] as const) {
    it(`have the format that the name ${name} tells: ${format ?? "none"}`, () => {
      assert.equal(formatOfName(name), format);
    });
  }
});
