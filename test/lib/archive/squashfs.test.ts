import assert from "node:assert/strict";
import { readFile, readlink, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { archiveEntries, type ArchiveFile } from "../../../lib/archive/entries";
import { writeArchive } from "../../../lib/archive/write";
import { resolveLayer } from "../../../lib/oci/layer/resolve";
import { ended } from "../../support/apt";
import { requireTools, toolPath } from "../../support/tools";
import { temporaryDirectory } from "../../tools/temporary-directory";

describe("squashfs, judged by unsquashfs", () => {
  const folder = temporaryDirectory();
  let made = 0;

  before(function () {
    requireTools(this, "unsquashfs");
  });

  async function written(files: readonly ArchiveFile[]): Promise<string> {
    const entries = await archiveEntries(files, {}, (declared) =>
      resolveLayer(folder(), declared, { overBase: false }),
    );
    const file = join(folder(), `${made++}.snap`);
    await writeArchive(file, entries, "snap");
    return file;
  }

  async function succeeds(program: string, ...args: string[]): Promise<string> {
    const { code, output } = await ended(toolPath(program), args);
    assert.equal(code, 0, output);
    return output;
  }

  async function unpacked(file: string): Promise<string> {
    const root = `${file}-root`;
    await succeeds("unsquashfs", "-no-progress", "-d", root, file);
    return root;
  }

  it("has files of any size, modes, links and folders, without times, for root", async () => {
    const random = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 2_654_435_761) >>> 24));
    await writeFile(join(folder(), "program"), random);
    const file = await written([
      { path: "bin/hello", source: "program", mode: "0755" },
      { path: "meta/snap.yaml", content: "name: hello\n" },
      { path: "share/empty", content: "" },
      { path: "share/block", content: "x".repeat(2 ** 17) },
      { path: "share/é", content: "é" },
      { path: "share/link", symlink: "../bin/hello" },
    ]);
    const root = await unpacked(file);
    assert.deepEqual(await readFile(join(root, "bin/hello")), random);
    assert.equal((await stat(join(root, "bin/hello"))).mode & 0o7777, 0o755);
    assert.equal((await stat(join(root, "share/empty"))).size, 0);
    assert.equal(await readFile(join(root, "share/block"), "utf8"), "x".repeat(2 ** 17));
    assert.equal(await readFile(join(root, "share/é"), "utf8"), "é");
    assert.equal(await readlink(join(root, "share/link")), "../bin/hello");
    const listed = await succeeds("unsquashfs", "-llc", "-UTC", file);
    assert.match(listed, /-rwxr-xr-x root\/root +300000 1970-01-01 00:00 .*\/bin\/hello/);
    assert.match(await succeeds("unsquashfs", "-s", file), /Found a valid SQUASHFS 4:0 superblock[^]*gzip/);
  });

  it("has the same bytes each time", async () => {
    const files = [
      { path: "b", content: "b".repeat(500_000) },
      { path: "a/c", content: "c" },
    ];
    assert.deepEqual(
      await readFile(await written(files)),
      await readFile(await written([...files].reverse())),
    );
  });

  it("has folders of thousands of files, and long paths", async () => {
    const many = Array.from({ length: 3_000 }, (_, index) => ({
      path: `many/${"name".repeat(8)}-${index}`,
      content: String(index),
    }));
    const deep = `${"deep/".repeat(60)}file`;
    const root = await unpacked(await written([...many, { path: deep, content: "deep" }]));
    for (const { path, content } of [many[0], many[299], many[2_999]].flatMap((one) => one ?? []))
      assert.equal(await readFile(join(root, path), "utf8"), content);
    assert.equal(await readFile(join(root, deep), "utf8"), "deep");
  });

  it("refuses names that it cannot hold", async () => {
    const long = "é".repeat(127) + "aa";
    await assert.rejects(written([{ path: long, content: "" }]), /has a name of more than 255 bytes/);
  });
});
