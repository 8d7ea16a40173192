import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { pack, type Header } from "tar-stream";
import { ExtractError, extractFiles } from "../../../lib/release/extract";
import { requireTools } from "../../support/tools";

/** First bytes of a program, and content that does not compress. */
const program = Buffer.concat([
  Buffer.from("7f454c4602010100", "hex"),
  Buffer.alloc(8),
  randomBytes(300_000),
]);
const script = Buffer.from("#!/bin/sh\necho tool\n");

describe("files out of the releases of others", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "slipway-extract-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));

  const at = (name: string) => join(folder, name);
  const sh = (script: string, ...parameters: string[]) =>
    execFileSync("sh", ["-c", `cd "$0" && ${script}`, folder, ...parameters], { encoding: "utf8" });
  const extract = (name: string, wanted: readonly string[]) =>
    extractFiles(at(name), name, wanted, at("out"));
  const extracted = (file: string) => ({
    content: readFileSync(join(at("out"), file)),
    mode: statSync(join(at("out"), file)).mode & 0o777,
  });

  describe("in every form", () => {
    before(function () {
      requireTools(this, "sh", "tar", "gzip", "bzip2", "xz", "zstd", "zip");
    });
    beforeEach(() => {
      mkdirSync(at("bin"));
      writeFileSync(at("bin/tool"), program);
      chmodSync(at("bin/tool"), 0o755);
      writeFileSync(at("README"), "# tool\n");
    });

    for (const [name, command] of [
      ["a.tar", "tar -cf a.tar bin README"],
      ["a.tar.gz", "tar -czf a.tar.gz ./bin ./README"],
      ["a.tgz", "tar -czf a.tgz bin README"],
      ["a.tar.bz2", "tar -cjf a.tar.bz2 bin README"],
      ["a.tbz2", "tar -cjf a.tbz2 bin README"],
      ["a.tar.xz", "tar -cJf a.tar.xz bin README"],
      ["a.txz", "tar -cf - bin README | xz -1 --check=crc32 > a.txz"],
      ["a.tar.zst", "tar -cf - bin README | zstd -q > a.tar.zst"],
      ["a.zip", "zip -qr a.zip bin README"],
      ["v7.tar.gz", "tar --format=v7 -czf v7.tar.gz bin README"],
      ["pax.tar.gz", "tar --format=pax -czf pax.tar.gz bin README"],
      ["blocks.tar.xz", "tar -cf - bin README | xz -1 --block-size=65536 > blocks.tar.xz"],
      [
        "streams.tar.xz",
        "tar -cf all bin README && head -c 100000 all | xz > streams.tar.xz && tail -c +100001 all | xz >> streams.tar.xz",
      ],
      [
        "streams.tar.bz2",
        "tar -cf all bin README && head -c 100000 all | bzip2 > streams.tar.bz2 && tail -c +100001 all | bzip2 -1 >> streams.tar.bz2",
      ],
      ["named otherwise.tar.gz", "tar -cJf 'named otherwise.tar.gz' bin README"],
      ["without an ending", "tar -czf 'without an ending' bin README"],
      ["one of a zip.tar.gz", "zip -qr a.zip bin README && mv a.zip 'one of a zip.tar.gz'"],
    ] as const) {
      it(`archives are read by their first bytes: ${name}`, async () => {
        sh(command);
        await extract(name, ["bin/tool", "README"]);
        assert.deepEqual(extracted("bin/tool"), { content: program, mode: 0o755 });
        assert.deepEqual(extracted("README"), { content: Buffer.from("# tool\n"), mode: 0o644 });
      });
    }

    for (const [name, command, content, mode] of [
      ["tool-linux-amd64", "cp bin/tool tool-linux-amd64", program, 0o755],
      ["tool.exe", "cp bin/tool tool.exe && chmod 644 tool.exe", program, 0o755],
      ["tool.sh", `printf '#!/bin/sh\necho tool\n' > tool.sh`, script, 0o755],
      ["tool.gz", "gzip -c bin/tool > tool.gz", program, 0o755],
      ["tool.bz2", "bzip2 -c bin/tool > tool.bz2", program, 0o755],
      ["tool.xz", "xz -c bin/tool > tool.xz", program, 0o755],
      ["tool.zst", "zstd -qc bin/tool > tool.zst", program, 0o755],
      ["README.gz", "gzip -c README > README.gz", Buffer.from("# tool\n"), 0o644],
    ] as const) {
      it(`a file alone is the one that is wanted: ${name}`, async () => {
        sh(command);
        await extract(name, ["bin/mytool"]);
        assert.deepEqual(extracted("bin/mytool"), { content, mode });
      });
    }

    for (const [name, command, reason] of [
      ["a.tar.gz", "gzip -c bin/tool > a.tar.gz", /a\.tar\.gz is no archive, whatever its name says/],
      ["a.zip", "cp README a.zip", /a\.zip is no archive, whatever its name says/],
      [
        "a.7z",
        `printf '7z\\274\\257\\047\\034....' > a.7z`,
        /a\.7z is a 7z archive; what is read is \.tar, \.tar\.gz/,
      ],
      ["a.deb", `printf '!<arch>\\ndebian-binary' > a.deb`, /a\.deb is an ar archive/],
      [
        "cut.tar.xz",
        "tar -cJf a bin && head -c 100000 a > cut.tar.xz",
        /cut\.tar\.xz cannot be read: xz: the stream is cut off/,
      ],
      ["cut.tar.bz2", "tar -cjf a bin && head -c 100000 a > cut.tar.bz2", /bzip2: the stream is cut off/],
      [
        "bad.tar.bz2",
        "tar -cjf bad.tar.bz2 bin && printf xxxx | dd of=bad.tar.bz2 bs=1 seek=100000 conv=notrunc 2>&1",
        /bad\.tar\.bz2 is no archive, whatever its name says: .* or is damaged/,
      ],
      [
        "bad.tar.xz",
        "tar -cJf bad.tar.xz bin && printf xxxx | dd of=bad.tar.xz bs=1 seek=100000 conv=notrunc 2>&1",
        /xz: the content is damaged/,
      ],
      [
        "filtered.tar.xz",
        "tar -cf - bin | xz --x86 --lzma2 > filtered.tar.xz",
        /filter or a check that is not read/,
      ],
    ] as const) {
      it(`what cannot be read is refused: ${name}, ${String(reason)}`, async () => {
        sh(command);
        await assert.rejects(extract(name, ["bin/tool"]), (error: Error) => {
          assert.ok(error instanceof ExtractError);
          assert.match(error.message, reason);
          return true;
        });
        assert.throws(() => statSync(at("out")));
      });
    }

    it("a file alone cannot be two", async () => {
      sh("gzip -c bin/tool > tool.gz");
      await assert.rejects(extract("tool.gz", ["a", "b"]), /tool\.gz is one file and no archive/);
    });
  });

  describe("behind links", () => {
    beforeEach(function () {
      requireTools(this, "sh", "tar", "zip");
      mkdirSync(at("usr/lib/tool"), { recursive: true });
      mkdirSync(at("bin"));
      writeFileSync(at("usr/lib/tool/tool-1.0"), program);
      chmodSync(at("usr/lib/tool/tool-1.0"), 0o755);
      symlinkSync("../usr/lib/tool/tool-1.0", at("bin/tool"));
      symlinkSync("tool", at("bin/t"));
      symlinkSync("usr/lib/tool", at("folder"));
      linkSync(at("usr/lib/tool/tool-1.0"), at("usr/other"));
    });

    for (const [name, command] of [
      ["links.tar.gz", "tar -czf links.tar.gz bin folder usr/other usr"],
      ["later.tar.gz", "tar -czf later.tar.gz usr usr/other folder bin"],
      ["links.zip", "zip -qry links.zip bin folder usr"],
    ] as const) {
      for (const file of ["bin/tool", "bin/t", "folder/tool-1.0", "usr/other", "usr/lib/tool/tool-1.0"]) {
        it(`they are followed: ${file} in ${name}`, async () => {
          sh(command);
          await extract(name, [file]);
          assert.deepEqual(extracted(file), { content: program, mode: 0o755 });
        });
      }

      it(`several that lead to one file are files of their own: ${name}`, async () => {
        sh(command);
        await extract(name, ["bin/tool", "bin/t", "usr/other"]);
        for (const file of ["bin/tool", "bin/t", "usr/other"])
          assert.deepEqual(extracted(file), { content: program, mode: 0o755 });
      });
    }

    const tarOf = async (
      name: string,
      entries: readonly (Partial<Header> & { name: string; content?: string })[],
    ) => {
      const archive = pack();
      for (const { content = "", ...header } of entries) archive.entry(header, content);
      archive.finalize();
      writeFileSync(at(name), await buffer(archive));
    };
    const link = (name: string, linkname: string) => ({ name, type: "symlink" as const, linkname });

    for (const [what, entries, reason] of [
      [
        "that is absolute",
        [link("tool", "/etc/passwd")],
        /"tool" leads out of the archive by a link: "tool" is one to "\/etc\/passwd"/,
      ],
      ["that climbs out", [link("bin/tool", "../../etc/passwd")], /leads out of the archive/],
      [
        "of a folder that climbs out",
        [link("bin", ".."), link("tool", "bin/../x")],
        /leads out of the archive/,
      ],
      ["to itself", [link("tool", "tool")], /leads through more than 40 others/],
      ["in a circle", [link("tool", "b"), link("b", "tool")], /leads through more than 40 others/],
      ["to nothing", [link("tool", "absent")], /"tool" is a link to "absent", and there is no such file/],
      [
        "to a folder",
        [link("tool", "bin"), { name: "bin/", type: "directory" as const }],
        /there is no such file/,
      ],
      [
        "of the hard kind to nothing",
        [{ name: "tool", type: "link" as const, linkname: "absent" }],
        /is a link to "absent"/,
      ],
    ] as const) {
      it(`one ${what} is refused`, async () => {
        await tarOf("a.tar", entries);
        await assert.rejects(
          extract("a.tar", [what.includes("folder that") ? "tool" : entries[0].name]),
          (error: Error) => {
            assert.ok(error instanceof ExtractError);
            assert.match(error.message, reason);
            return true;
          },
        );
        assert.throws(() => statSync(at("out")));
      });
    }

    it("the last entry of a name counts, as with tar", async () => {
      await tarOf("a.tar", [
        { name: "tool", content: "first" },
        link("tool", "other"),
        { name: "./other", content: "second", mode: 0o755 },
        { name: "both", content: "a" },
        { name: "./both", content: "b" },
      ]);
      await extract("a.tar", ["tool", "both"]);
      assert.equal(String(extracted("tool").content), "second");
      assert.equal(String(extracted("both").content), "b");
    });
  });
});
