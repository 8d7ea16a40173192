import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { linkSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { ArchiveError } from "../../../../lib/oci/archive/archive-error";
import { packTar } from "../../../../lib/oci/archive/pack";
import { readTarDirectory, type TarDirectory } from "../../../../lib/oci/archive/tar-directory";
import { temporaryFolder, writeTree } from "../assembly/temporary-folder";

const folder = temporaryFolder();
const archive = (): string => join(folder(), "x.tar");

async function directoryOf(path: string): Promise<TarDirectory> {
  const file = await open(path);
  try {
    return await readTarDirectory(file, (await file.stat()).size, "x.tar");
  } finally {
    await file.close();
  }
}

/** Content of the files of an archive, cut out of it by what the directory says. */
async function contents(path: string): Promise<Record<string, string>> {
  const bytes = readFileSync(path);
  const entries = [...(await directoryOf(path))];
  return Object.fromEntries(
    entries.map(([name, { offset, size }]) => [name, bytes.toString("utf8", offset, offset + size)]),
  );
}

const longName = `${"a-long-folder-name/".repeat(12)}file-${"x".repeat(120)}`;
const files = {
  "oci-layout": "{}",
  "blobs/sha256/0123": "content\n".repeat(300),
  "blobs/sha256/empty": "",
  "blobs/sha256/one-block": "b".repeat(512),
  [longName]: "long",
  "ümläut/é": "text",
};

describe("directory of a tar archive", () => {
  for (const format of ["gnu", "posix", "v7", "ustar"]) {
    it(`is read from ${format} archives of GNU tar`, async () => {
      const short = format === "v7" || format === "ustar";
      const known = Object.fromEntries(Object.entries(files).filter(([name]) => !short || name.length < 100));
      writeTree(join(folder(), "tree"), known);
      execFileSync("tar", ["-C", join(folder(), "tree"), `--format=${format}`, "-cf", archive(), "."]);
      assert.deepEqual(await contents(archive()), known);
    });
  }

  it("joins the prefix of a ustar header", async () => {
    const name = `${"d".repeat(90)}/${"f".repeat(90)}`;
    writeTree(join(folder(), "tree"), { [name]: "content" });
    execFileSync("tar", ["-C", join(folder(), "tree"), "--format=ustar", "-cf", archive(), name]);
    assert.deepEqual(await contents(archive()), { [name]: "content" });
  });

  it("gives hard links the content they stand for, and leaves out symbolic links", async () => {
    writeTree(join(folder(), "tree"), { one: "content" });
    linkSync(join(folder(), "tree/one"), join(folder(), "tree/two"));
    symlinkSync("one", join(folder(), "tree/three"));
    execFileSync("tar", ["-C", join(folder(), "tree"), "--sort=name", "-cf", archive(), "."]);
    assert.deepEqual(await contents(archive()), { one: "content", two: "content" });
  });

  it("takes the last of two entries of a name", async () => {
    writeTree(join(folder(), "tree"), { one: "old" });
    execFileSync("tar", ["-C", join(folder(), "tree"), "-cf", archive(), "one"]);
    writeTree(join(folder(), "tree"), { one: "newer" });
    execFileSync("tar", ["-C", join(folder(), "tree"), "-rf", archive(), "one"]);
    assert.deepEqual(await contents(archive()), { one: "newer" });
  });

  for (const format of ["gnu", "posix"]) {
    it(`knows sizes that octal digits cannot hold, in a ${format} archive`, async () => {
      const size = 9 * 1024 ** 3;
      execFileSync("truncate", ["-s", String(size), join(folder(), "big")]);
      // The start of the archive is enough: the content is a hole, and the copy has one of the same
      // length.
      const script = 'tar -C "$0" --format="$1" -cf - big | head -c 4096 > "$2"';
      execFileSync("sh", ["-c", script, folder(), format, archive()], { stdio: "pipe" });
      await assert.rejects(directoryOf(archive()), /cut off: it ends at byte 4096, inside of big/);
      const offset = headersEnd(archive());
      truncateSync(archive(), offset + size + 1024);
      assert.deepEqual([...(await directoryOf(archive()))], [["big", { offset, size }]]);
    });
  }

  it("reads what packTar writes, at every size around a block", async () => {
    const packed = [0, 1, 511, 512, 513, 1024].map((size) => ({
      path: `blobs/sha256/${size}`,
      size,
      content: () => [Buffer.alloc(size, "x")],
    }));
    const size = await packTar(archive(), packed, async () => undefined);
    assert.equal(readFileSync(archive()).length, size);
    assert.deepEqual(
      await contents(archive()),
      Object.fromEntries(packed.map(({ path, size }) => [path, "x".repeat(size)])),
    );
    assert.match(
      execFileSync("tar", ["-tvf", archive()]).toString(),
      /^drwxr-xr-x 0\/0 .* 1970-01-01 .* blobs\/$/m,
    );
  });

  it("is refused wherever the archive is cut off", async () => {
    writeTree(join(folder(), "tree"), { one: "1".repeat(700), two: "2" });
    const args = ["-C", join(folder(), "tree"), "--format=posix", "-b1", "-cf", archive(), "one", "two"];
    execFileSync("tar", args);
    const whole = readFileSync(archive());
    const end = [...(await directoryOf(archive())).values()].at(-1);
    assert.ok(end);
    const marked = end.offset + 512 + 512;
    for (let size = 0; size < whole.length; size += size % 512 === 511 ? 1 : 511) {
      writeFileSync(archive(), whole.subarray(0, size));
      if (size >= marked) {
        await directoryOf(archive());
        continue;
      }
      await assert.rejects(
        directoryOf(archive()),
        (error: unknown) => {
          assert.ok(error instanceof ArchiveError, String(error));
          assert.match(
            error.message,
            new RegExp(`^x.tar is cut off: it ends at byte ${size}, .*; copy or write it again$`),
          );
          return true;
        },
        `${size} bytes`,
      );
    }
  });

  const damages: { name: string; change: (bytes: Buffer) => void; reason: RegExp }[] = [
    {
      name: "the first header is changed",
      change: (bytes) => bytes.write("x", 3),
      reason: /^ArchiveError: x.tar is not a tar archive: the sum of a header does not match$/,
    },
    {
      name: "a later header is changed",
      change: (bytes) => bytes.write("x", 1027),
      reason:
        /^ArchiveError: x.tar is damaged at byte 1024: the sum of a header does not match; copy or write it again$/,
    },
    {
      name: "a size is not a number",
      change: (bytes) => {
        bytes.write("zzzzzzzzzzz", 1024 + 124);
        resum(bytes, 1024);
      },
      reason: /^ArchiveError: x.tar is damaged at byte 1024: a header has no valid size/,
    },
    {
      name: "a size is beyond all measure",
      change: (bytes) => {
        bytes.fill(0xff, 1024 + 124, 1024 + 136);
        resum(bytes, 1024);
      },
      reason: /^ArchiveError: x.tar is damaged at byte 1024: a header has no valid size/,
    },
    {
      name: "a PAX record is not valid",
      change: (bytes) => {
        bytes.write("x", 156);
        resum(bytes, 0);
      },
      reason: /^ArchiveError: x.tar is damaged at byte 0: a PAX record is not valid/,
    },
  ];
  for (const { name, change, reason } of damages) {
    it(`is refused where ${name}`, async () => {
      writeTree(join(folder(), "tree"), { one: "content of one", two: "content of two" });
      execFileSync("tar", ["-C", join(folder(), "tree"), "-cf", archive(), "one", "two"]);
      const bytes = readFileSync(archive());
      change(bytes);
      writeFileSync(archive(), bytes);
      await assert.rejects(directoryOf(archive()), reason);
    });
  }

  for (const [flag, name, program] of [
    ["--gzip", "gzip", "gunzip"],
    ["--zstd", "zstd", "unzstd"],
  ] as const) {
    it(`is refused where the archive is compressed with ${name}`, async () => {
      writeFileSync(join(folder(), "one"), "content");
      execFileSync("tar", ["-C", folder(), flag, "-cf", archive(), "one"]);
      await assert.rejects(
        directoryOf(archive()),
        new RegExp(`^ArchiveError: x.tar is compressed with ${name}, .*unpack it first with ${program} `),
      );
    });
  }
});

/** Writes the sum of the header at a position anew. */
function resum(bytes: Buffer, position: number): void {
  bytes.fill(" ", position + 148, position + 156);
  let sum = 0;
  for (const byte of bytes.subarray(position, position + 512)) sum += byte;
  bytes.write(`${sum.toString(8).padStart(6, "0")}\0 `, position + 148, "latin1");
}

/** Where the headers of an archive end that has one file, of zeros. */
function headersEnd(path: string): number {
  const bytes = readFileSync(path);
  let end = 0;
  while (bytes.subarray(end, end + 512).some((byte) => byte !== 0)) end += 512;
  return end;
}
