import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { putBytes } from "../../../lib/oci/attach";
import { OciLayout } from "../../../lib/oci/layout";
import { MediaType } from "../../../lib/oci/media-types";
import { FileTree } from "../../../lib/sbom/file-tree";
import { GoBuildInfoScanner } from "../../../lib/sbom/go-build-info";
import { takeInventory, type InventoryOptions } from "../../../lib/sbom/inventory";
import { readFileContent } from "../../../lib/sbom/file-content";
import { ImageLimitError, imageLimits, type ImageLimits } from "../../../lib/sbom/limits";
import { controlParagraphs } from "../../../lib/sbom/packages/control-paragraphs";
import { parseApkInstalled } from "../../../lib/sbom/packages/apk";
import { parseDpkgStatus } from "../../../lib/sbom/packages/dpkg";
import { parseOsRelease } from "../../../lib/sbom/packages/os-release";
import { readSubject } from "../../../lib/sbom/subject";
import { temporaryFolder } from "../oci/assembly/temporary-folder";
import { assertLinear } from "../../support/growth";
import { putImage, type TestEntry } from "./image-fixture";

/** The longest path of folders that a system could unpack. */
const deepest = Array.from({ length: 2047 }, () => "a").join("/");

describe("the limits of an image that is read for an SBOM", () => {
  const folder = temporaryFolder();

  async function inventoryOf(layers: TestEntry[][], options: InventoryOptions = {}) {
    const layout = new OciLayout(folder());
    const { digest } = await putImage(layout, { layers });
    const subject = await readSubject(layout, await layout.getManifest(digest));
    assert.equal(subject.kind, "image");
    return takeInventory(layout, subject, options);
  }

  it("takes very deep folders, and lists what is in them", async () => {
    const layers = [
      [
        { name: `${deepest}/f`, content: "x" },
        { name: `${deepest}/l`, type: "symlink" as const, linkname: "f" },
      ],
      [{ name: "a/.wh..wh..opq" }],
    ];
    const { files } = await inventoryOf([layers[0] ?? []]);
    assert.deepEqual(
      files.map(({ path }) => path),
      [`${deepest}/f`],
    );
    assert.deepEqual((await inventoryOf(layers)).files, []);
  });

  const trees: { title: string; limits?: Partial<ImageLimits>; fill: (tree: FileTree<string>) => void }[] = [
    {
      title: "a path longer than any system takes",
      fill: (tree) => tree.addFile(`${deepest}/aa/f`, 0, ""),
    },
    { title: "a link's target that is longer", fill: (tree) => tree.addLink("l", 0, `${deepest}/aaa`) },
    {
      title: "folders that grow through links",
      fill: (tree) => {
        tree.addLink("l", 0, deepest.slice(0, 4000));
        tree.addFile("l/x", 0, "");
        tree.addLink("m", 0, `l/${"b/".repeat(60)}`);
        tree.addFile("m/x", 0, "");
      },
    },
    {
      title: "too many entries",
      limits: { entries: 1000 },
      fill: (tree) => {
        for (let index = 0; index <= 1000; index++) tree.addFile(`f${index}`, 0, "");
      },
    },
    {
      title: "too many folders that nothing lists",
      limits: { entries: 1000 },
      fill: (tree) => tree.addFile(`${deepest}/f`, 0, ""),
    },
    {
      title: "links that lead through links, for ever",
      limits: { steps: 100_000 },
      fill: (tree) => {
        for (let index = 0; index < 40; index++) {
          const next = `l${index + 1}`;
          tree.addLink(`l${index}`, 0, `${"./".repeat(1000)}${next}`);
        }
        for (let index = 0; index < 10; index++) tree.addFile(`l0/${index}`, 0, "");
      },
    },
    {
      title: "names that take too much memory",
      limits: { text: 100_000 },
      fill: (tree) => {
        for (let index = 0; index < 100; index++) tree.addLink(`l${index}`, 0, "x".repeat(2000));
      },
    },
    {
      title: "paths that take too much memory",
      limits: { text: 100_000 },
      fill: (tree) => {
        for (let index = 0; index < 30; index++) tree.addFile(`${deepest}/${index}`, 0, "");
        tree.files();
      },
    },
  ];
  for (const { title, limits, fill } of trees) {
    it(`refuses ${title}`, () => assert.throws(() => fill(new FileTree(limits)), ImageLimitError));
  }

  const growing: { title: string; size: number; fill: (tree: FileTree<string>, size: number) => void }[] = [
    {
      title: "files in one deep folder",
      size: 200,
      fill: (tree, size) => {
        for (let index = 0; index < size; index++) tree.addFile(`${deepest.slice(0, 4001)}/${index}`, 0, "");
      },
    },
    {
      title: "whiteouts of a folder that the same layer fills",
      size: 2000,
      fill: (tree, size) => {
        for (let index = 0; index < size; index++) {
          tree.addFile(`d/${index}`, 1, "");
          tree.hide({ path: "d", opaque: index % 2 === 0 }, 1);
        }
      },
    },
    {
      title: "whiteouts at every level of a folder",
      size: 500,
      fill: (tree, size) => {
        tree.addFile(`${deepest.slice(0, size)}/f`, 1, "");
        for (let end = size; end > 0; end -= 2) {
          tree.hide({ path: deepest.slice(0, end - 1), opaque: true }, 1);
        }
      },
    },
  ];
  for (const { title, size, fill } of growing) {
    it(`takes no more than its share of time for ${title}`, () =>
      assertLinear(
        size,
        (count) => count,
        (count) => {
          const tree = new FileTree<string>();
          fill(tree, count);
          tree.files();
        },
      ));
  }

  it("refuses a layer that unpacks to far more than it has", async () => {
    const content = Buffer.alloc(4 * 1024 * 1024);
    await assert.rejects(
      inventoryOf([[{ name: "zeros", content }]], { unpack: { bytes: 1024 * 1024, ratio: 100 } }),
      /layer sha256:\w+ of .* unpacks to more than 1048576 bytes/,
    );
  });

  it("reads no file about one package that is larger than any, and says so", async () => {
    const read = (path: string, content: string) =>
      readFileContent(path, 0o644, Readable.from([Buffer.from(content)]) as AsyncIterable<Buffer>);
    const packageJson = (size: number) =>
      JSON.stringify({ name: "a", version: "1.0.0", more: "x".repeat(size) });
    const path = "app/node_modules/a/package.json";
    assert.equal((await read(path, packageJson(100_000))).declaration?.packages?.length, 1);
    const large = await read(path, packageJson(600_000));
    assert.deepEqual([large.unread, large.declaration], ["package list of more than 512 KiB", undefined]);
    const status = `Package: a\nVersion: 1\n\n${"#".repeat(600_000)}\n`;
    assert.equal((await read("var/lib/dpkg/status", status)).declaration?.packages?.length, 1);
    assert.match((await read("var/lib/dpkg/status.d/a", status)).unread ?? "", /more than 512 KiB/);
  });

  it("keeps of a control file the fields that are asked for, and not all their lines", () => {
    const names = Array.from({ length: 1000 }, (_, index) => `Field${index}: x`).join("\n");
    const text = `Package: a\n${names}\nVersion: 1\n${" more\n".repeat(1000)}`;
    const [fields] = controlParagraphs(text, new Set(["package", "version"]));
    assert.deepEqual(
      [...(fields ?? [])],
      [
        ["package", "a"],
        ["version", "1\nmore"],
      ],
    );
  });

  it("refuses an image that declares too many packages, and says of which list", async () => {
    const status = "Package: a\n\n".repeat(10);
    await assert.rejects(
      inventoryOf([[{ name: "var/lib/dpkg/status", content: status }]], { limits: { packages: 9 } }),
      /layer sha256:\w+ of .* declares more than 9 packages/,
    );
    const long = Array.from({ length: imageLimits.packages + 1 }, (_, index) => `P:${index}\n`).join("\n");
    const { unread, packages } = await inventoryOf([[{ name: "lib/apk/db/installed", content: long }]]);
    assert.deepEqual([unread, packages], [["package list of too many packages: /lib/apk/db/installed"], []]);
  });

  const unread: { title: string; more: string; what: string }[] = [
    { title: "many levels", more: `${"[".repeat(128)}${"]".repeat(128)}`, what: "128 levels" },
    { title: "many values", more: `[${"{},".repeat(25_000)}0]`, what: "50000 values" },
  ];
  for (const { title, more, what } of unread) {
    it(`does not read a package.json of ${title}, and says so`, async () => {
      const name = "app/node_modules/a/package.json";
      const content = `{"name":"a","version":"1","more":${more}}`;
      const found = await inventoryOf([[{ name, content }]]);
      assert.deepEqual(found.unread, [`package list with JSON of more than ${what}: /${name}`]);
      assert.deepEqual(found.packages, []);
    });
  }

  it("refuses an image with too many bytes of package lists, hidden ones too", async () => {
    const list = { name: "var/lib/dpkg/status", content: "Package: a\n" };
    const layers = [[list], [list], [{ name: "f", content: "x".repeat(100) }]];
    assert.equal((await inventoryOf(layers, { limits: { packageFileBytes: 22 } })).packages.length, 1);
    await assert.rejects(
      inventoryOf(layers, { limits: { packageFileBytes: 21 } }),
      /layer sha256:\w+ of .* has more than 21 bytes of package lists/,
    );
  });

  it("refuses an entry with too many records, and keeps none of a global header", async () => {
    const keys = Array.from({ length: 300 }, (_, index) => `12 k${String(index).padStart(5, "0")}=v\n`);
    const header = Buffer.from(keys.join(""));
    const archiveWith = (type: "g" | "x") =>
      Buffer.concat([
        tarBlock(type, header.length),
        header,
        Buffer.alloc(512 - (header.length % 512)),
        ...(type === "g" ? [tarBlock("x", 11), Buffer.alloc(512, "11 path=ff\n")] : []),
        tarBlock("0", 0),
        Buffer.alloc(1024),
      ]);
    const layout = new OciLayout(folder());
    const { digest } = await putImage(layout, { layers: [[{ name: "f", content: "" }]] });
    const subject = await readSubject(layout, await layout.getManifest(digest));
    assert.equal(subject.kind, "image");
    const read = async (type: "g" | "x") => {
      const layer = await putBytes(layout, archiveWith(type), MediaType.ociLayerTar);
      return takeInventory(layout, { ...subject, layers: [layer] });
    };
    assert.deepEqual(
      (await read("g")).files.map(({ path }) => path),
      ["ff"],
    );
    await assert.rejects(read("x"), /extended attributes/);
  });

  const lists: {
    title: string;
    size: number;
    text: (size: number) => string;
    read: (text: string) => unknown;
  }[] = [
    {
      title: "a dpkg status of blank lines",
      size: 100_000,
      text: (size) => `Package: a\n${"\n".repeat(size)}`,
      read: (text) => [...parseDpkgStatus(text)],
    },
    {
      title: "a dpkg field that goes on and on",
      size: 50_000,
      text: (size) => `Package: a\nDescription: x\n${" x\n".repeat(size)}`,
      read: (text) => [...parseDpkgStatus(text)],
    },
    {
      title: "a source without a version",
      size: 200_000,
      text: (size) => `Package: a\nSource: a${" ".repeat(size)}(x\n`,
      read: (text) => [...parseDpkgStatus(text)],
    },
    {
      title: "an apk database of blanks",
      size: 50_000,
      text: (size) => `P:a\n${" \t".repeat(size)}\n${"\n".repeat(size)}x`,
      read: (text) => [...parseApkInstalled(text)],
    },
    {
      title: "an os-release of quotes",
      size: 500_000,
      text: (size) => `ID="${'"'.repeat(size)}x\n${" ".repeat(size)}=`,
      read: parseOsRelease,
    },
  ];
  for (const { title, size, text, read } of lists) {
    it(`reads ${title} in its share of time`, () => assertLinear(size, text, read));
  }

  it("looks for build information in its share of time, however the program comes", async () => {
    // An ELF file, one segment of writable data over all of it, and information that claims to be a
    // megabyte long.
    const program = (size: number) => {
      const bytes = Buffer.alloc(size);
      Buffer.from("7f454c460201", "hex").copy(bytes);
      bytes.writeBigUInt64LE(64n, 32);
      bytes.writeUInt16LE(56, 54);
      bytes.writeUInt16LE(1, 56);
      bytes.writeUInt32LE(1, 64);
      bytes.writeUInt32LE(6, 68);
      bytes.writeBigUInt64LE(BigInt(size), 96);
      for (let at = 1024; at + 64 < size; at += 1024) {
        Buffer.from("\xff Go buildinf:\x08\x02", "latin1").copy(bytes, at);
        Buffer.from("04676f3180808001", "hex").copy(bytes, at + 32);
      }
      return bytes;
    };
    await assertLinear(500_000, program, (bytes) => {
      const scanner = new GoBuildInfoScanner();
      for (let start = 0; start < bytes.length; start += 64) scanner.push(bytes.subarray(start, start + 64));
      scanner.finish();
    });
  });

  it("is done at once with a program whose headers never end", () => {
    const bytes = Buffer.alloc(64 * 1024);
    bytes.writeUInt32LE(0xfeedfacf, 0);
    bytes.writeUInt32LE(0xffff_ffff, 16);
    const started = process.cpuUsage();
    const scanner = new GoBuildInfoScanner();
    scanner.push(bytes);
    assert.equal(scanner.finish(), undefined);
    assert.ok(process.cpuUsage(started).user < 1_000_000);
  });
});

/** A header of a tar archive, with its sum. */
function tarBlock(type: string, size: number): Buffer {
  const block = Buffer.alloc(512);
  block.write("f", 0);
  block.write("0000644\0", 100);
  block.write(`${size.toString(8).padStart(11, "0")}\0`, 124);
  block.write(type, 156);
  block.write("ustar\x0000", 257);
  block.fill(" ", 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}
