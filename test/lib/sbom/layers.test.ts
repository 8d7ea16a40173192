import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import {
  linkSync,
  mkdirSync,
  openSync,
  ftruncateSync,
  writeSync,
  closeSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import * as path from "node:path";
import { putBytes } from "../../../lib/oci/attach";
import { OciLayout } from "../../../lib/oci/layout";
import { MediaType } from "../../../lib/oci/media-types";
import { takeInventory, type InventoryFile } from "../../../lib/sbom/inventory";
import { LayerMemory } from "../../../lib/sbom/layer-memory";
import { readSubject, type ImageSubject } from "../../../lib/sbom/subject";
import { temporaryFolder } from "../oci/assembly/temporary-folder";
import { archiveOf, compress, hash, putImage } from "./image-fixture";

describe("layers as container engines read them", () => {
  const folder = temporaryFolder();

  async function filesOf(
    layers: readonly Buffer[],
    mediaType: string = MediaType.ociLayerTar,
  ): Promise<readonly InventoryFile[]> {
    const layout = new OciLayout(folder());
    const { digest } = await putImage(layout, { layers: [] });
    const subject = (await readSubject(layout, await layout.getManifest(digest))) as ImageSubject;
    const descriptors = [];
    for (const layer of layers) descriptors.push(await putBytes(layout, layer, mediaType));
    return (await takeInventory(layout, { ...subject, layers: descriptors })).files;
  }
  const shown = (files: readonly InventoryFile[]) => files.map(({ path: name, size }) => `${name} ${size}`);

  const mediaTypes = [
    MediaType.ociLayerTar,
    MediaType.ociLayerGzip,
    MediaType.ociLayerZstd,
    "application/vnd.docker.image.rootfs.diff.tar",
    "application/vnd.docker.image.rootfs.diff.tar.gzip",
    "application/vnd.docker.image.rootfs.diff.tar.zstd",
    "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
    "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
  ];
  for (const mediaType of mediaTypes) {
    it(`takes the first bytes' word over ${mediaType}`, async () => {
      const archive = await archiveOf([{ name: "a", content: "text" }]);
      for (const compression of ["gzip", "zstd", "none"] as const) {
        assert.deepEqual(shown(await filesOf([await compress(archive, compression)], mediaType)), ["a 4"]);
      }
    });
  }

  describe("that images share", () => {
    const base = () =>
      archiveOf([
        { name: "bin", type: "symlink", linkname: "usr/bin" },
        { name: "usr/bin/tool", content: "tool" },
        { name: "var/lib/dpkg/status", content: "Package: a\nStatus: install ok installed\nVersion: 1\n" },
      ]);
    const upper = (text: string) => archiveOf([{ name: "bin/app", content: text }]);

    /** Images of layers in one place, and which blobs were read of it. */
    async function imagesOf(stacks: readonly (readonly Buffer[])[]) {
      const layout = new OciLayout(folder());
      const { digest } = await putImage(layout, { layers: [] });
      const subject = (await readSubject(layout, await layout.getManifest(digest))) as ImageSubject;
      const images: ImageSubject[] = [];
      for (const stack of stacks) {
        const layers = [];
        for (const layer of stack) layers.push(await putBytes(layout, layer, MediaType.ociLayerTar));
        images.push({ ...subject, layers });
      }
      const read: string[] = [];
      const getBlob = layout.getBlob.bind(layout);
      layout.getBlob = (descriptor, options) => {
        read.push(descriptor.digest);
        return getBlob(descriptor, options);
      };
      return { layout, images, read };
    }

    for (const how of ["one after the other", "at once"]) {
      it(`are read once, ${how}, and the documents are the same`, async () => {
        const stacks = [
          [await base(), await upper("one")],
          [await base(), await upper("two")],
        ];
        const { layout, images, read } = await imagesOf(stacks);
        const alone = [];
        for (const image of images) alone.push(await takeInventory(layout, image));
        read.length = 0;
        const memory = new LayerMemory();
        const take = (image: ImageSubject) => takeInventory(layout, image, { memory });
        const together = [];
        if (how === "at once") together.push(...(await Promise.all(images.map(take))));
        else for (const image of images) together.push(await take(image));
        assert.deepEqual(together, alone);
        assert.ok(alone[0]?.files.some(({ path: name }) => name === "usr/bin/app"));
        assert.equal(read.length, 3);
      });
    }

    it("are read again over other layers: links below decide what their paths are", async () => {
      const plain = await archiveOf([{ name: "bin/other", content: "" }]);
      const { layout, images } = await imagesOf([
        [await base(), await upper("app")],
        [plain, await upper("app")],
      ]);
      const memory = new LayerMemory();
      const paths = [];
      for (const image of images) {
        const { files } = await takeInventory(layout, image, { memory });
        paths.push(files.map(({ path: name }) => name).filter((name) => name.endsWith("app")));
      }
      assert.deepEqual(paths, [["usr/bin/app"], ["bin/app"]]);
    });

    it("are read by the next where the first was called off", async () => {
      const { layout, images, read } = await imagesOf([[await base()], [await base()]]);
      const [first, second] = images as [ImageSubject, ImageSubject];
      const memory = new LayerMemory();
      const getBlob = layout.getBlob.bind(layout);
      layout.getBlob = () => Promise.reject(new Error("gone for now"));
      const failing = takeInventory(layout, first, { memory });
      const waiting = takeInventory(layout, second, { memory });
      layout.getBlob = getBlob;
      await assert.rejects(failing, /gone for now/);
      assert.equal((await waiting).files.length, 2);
      assert.equal(read.length, 1);
    });

    it("are not kept beyond a number of entries", async () => {
      const { layout, images, read } = await imagesOf([[await base()], [await base()]]);
      const memory = new LayerMemory(2);
      for (const image of images) await takeInventory(layout, image, { memory });
      assert.equal(read.length, 2);
    });
  });

  it("reads zstd that begins with a frame to be skipped, and an empty layer", async () => {
    const archive = await archiveOf([{ name: "a", content: "text" }]);
    const skipped = Buffer.from([0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
    assert.deepEqual(shown(await filesOf([Buffer.concat([skipped, await compress(archive, "zstd")])])), [
      "a 4",
    ]);
    for (const compression of ["gzip", "none"] as const) {
      assert.deepEqual(await filesOf([await compress(Buffer.alloc(1024), compression)]), []);
      assert.deepEqual(await filesOf([await compress(Buffer.alloc(0), compression)]), []);
    }
  });

  /** A folder with names, links and holes that not every format can hold in a header. */
  function tree(): string {
    const root = path.join(folder(), "tree");
    const long = path.join(root, "d".repeat(90), "e".repeat(90));
    mkdirSync(long, { recursive: true });
    writeFileSync(path.join(long, "f".repeat(120)), "long");
    writeFileSync(path.join(root, "ünïcode"), "name");
    writeFileSync(path.join(root, "plain"), "plain");
    linkSync(path.join(root, "plain"), path.join(root, "zz-hard"));
    symlinkSync("x".repeat(200), path.join(root, "soft"));
    linkSync(path.join(root, "soft"), path.join(root, "zz-hard-soft"));
    const holes = openSync(path.join(root, "holes"), "w");
    for (let index = 0; index < 40; index++) writeSync(holes, `part ${index}`, index * 128 * 1024);
    ftruncateSync(holes, 6 * 1024 * 1024);
    closeSync(holes);
    const empty = openSync(path.join(root, "only-a-hole"), "w");
    ftruncateSync(empty, 1024 * 1024);
    closeSync(empty);
    return root;
  }

  const writers: [title: string, options: string[]][] = [
    ["GNU", ["--format=gnu"]],
    ["GNU, sparse", ["--format=gnu", "--sparse"]],
    ["old GNU, sparse", ["--format=oldgnu", "--sparse"]],
    ["pax", ["--format=posix"]],
    ["pax, sparse 0.0", ["--format=posix", "--sparse", "--sparse-version=0.0"]],
    ["pax, sparse 0.1", ["--format=posix", "--sparse", "--sparse-version=0.1"]],
    ["pax, sparse 1.0", ["--format=posix", "--sparse", "--sparse-version=1.0"]],
    ["pax with a global header", ["--format=posix", "--pax-option=globexthdr.name=g,comment=text"]],
  ];
  for (const [title, options] of writers) {
    it(`reads the entries that tar writes: ${title}`, async () => {
      const root = tree();
      const archive = execFileSync("tar", [...options, "--sort=name", "-C", root, "-c", "."], {
        maxBuffer: 1 << 26,
      });
      const found = new Map((await filesOf([archive])).map((file) => [file.path, file]));
      const holes = Buffer.alloc(6 * 1024 * 1024);
      for (let index = 0; index < 40; index++) holes.write(`part ${index}`, index * 128 * 1024);
      const expected: [string, Buffer | string][] = [
        [`${"d".repeat(90)}/${"e".repeat(90)}/${"f".repeat(120)}`, "long"],
        ["ünïcode", "name"],
        ["plain", "plain"],
        ["zz-hard", "plain"],
        ["holes", holes],
        ["only-a-hole", Buffer.alloc(1024 * 1024)],
      ];
      assert.deepEqual([...found.keys()].sort(), expected.map(([name]) => name).sort());
      for (const [name, content] of expected) {
        assert.equal(found.get(name)?.size, content.length, name);
        assert.equal(found.get(name)?.sha256, hash("sha256", content), name);
      }
    });
  }

  for (const format of ["v7", "ustar"]) {
    it(`reads the entries that tar writes: ${format}`, async () => {
      const root = folder();
      mkdirSync(path.join(root, "b".repeat(60), "c".repeat(30)), { recursive: true });
      writeFileSync(path.join(root, "a"), "text");
      writeFileSync(path.join(root, "b".repeat(60), "c".repeat(30), "d"), "deep");
      linkSync(path.join(root, "a"), path.join(root, "z"));
      const archive = execFileSync("tar", [`--format=${format}`, "--sort=name", "-C", root, "-c", "."]);
      assert.deepEqual(shown(await filesOf([archive])), [
        "a 4",
        `${"b".repeat(60)}/${"c".repeat(30)}/d 4`,
        "z 4",
      ]);
    });
  }

  /** Entries of one archive, by hand, and the files that are there. */
  const entries: [title: string, layers: Header[][], files: string[]][] = [
    [
      "hard links with absolute and dotted targets, and chains of them",
      [
        [
          { name: "usr/bin/a", content: "text" },
          { name: "b", type: "1", linkname: "/usr/bin/a" },
          { name: "c", type: "1", linkname: "./b" },
          { name: "/d", type: "1", linkname: "/c" },
        ],
        [{ name: "e", type: "1", linkname: "/d" }],
      ],
      ["b 4", "c 4", "d 4", "e 4", "usr/bin/a 4"],
    ],
    [
      "hard links that say the size of what they name",
      [
        [
          { name: "a", content: "text" },
          { name: "b", type: "1", linkname: "a", size: 4 },
          { name: "c", content: "more" },
        ],
      ],
      ["a 4", "b 4", "c 4"],
    ],
    [
      "hard links to symbolic links and devices",
      [
        [
          { name: "dir/a", content: "text" },
          { name: "soft", type: "2", linkname: "dir" },
          { name: "other", type: "1", linkname: "soft" },
          { name: "other/b", content: "text" },
          { name: "null", type: "3" },
          { name: "zero", type: "1", linkname: "null" },
        ],
      ],
      ["dir/a 4", "dir/b 4"],
    ],
    [
      "devices, pipes and sockets in the place of files",
      [
        [
          { name: "a", content: "text" },
          { name: "b", content: "text" },
          { name: "c", content: "text" },
        ],
        [
          { name: "a", type: "3" },
          { name: "b", type: "6" },
        ],
      ],
      ["c 4"],
    ],
    [
      "whiteouts, opaque folders, and what AUFS left",
      [
        [
          { name: "a/1", content: "text" },
          { name: "a/2", content: "text" },
          { name: "b/1", content: "text" },
        ],
        [
          { name: ".wh..wh.plnk/", type: "5" },
          { name: ".wh..wh.plnk/7.8", content: "text" },
          { name: "linked", type: "1", linkname: ".wh..wh.plnk/7.8" },
          { name: ".wh..wh.aufs" },
          { name: ".wh..wh.orph/", type: "5" },
          { name: "a/.wh..wh..opq" },
          { name: "a/3", content: "text" },
          { name: "b/.wh.1" },
        ],
      ],
      ["a/3 4", "linked 4"],
    ],
    [
      "global headers, which change no entry, and records that are empty",
      [
        [
          { name: "g", type: "g", content: record("path", "wrong") + record("size", "7") },
          { name: "x", type: "x", content: record("comment", "x") + record("path", "") },
          { name: "a", content: "text" },
          { name: "b", content: "text" },
        ],
      ],
      ["a 4", "b 4"],
    ],
    [
      "sizes in binary, old and contiguous files, and folders that end in a slash",
      [
        [
          { name: "a", content: "text", binarySize: true },
          { name: "b", content: "text", type: "\0" },
          { name: "c", content: "text", type: "7" },
          { name: "d/", type: "\0" },
        ],
      ],
      ["a 4", "b 4", "c 4"],
    ],
  ];
  for (const [title, layers, files] of entries) {
    it(`reads ${title}`, async () => {
      assert.deepEqual(shown(await filesOf(layers.map(archive))), files);
    });
  }

  it("reads up to the first end mark, and archives without one", async () => {
    const first = archive([{ name: "a", content: "text" }]);
    const second = archive([{ name: "b", content: "text" }]);
    assert.deepEqual(shown(await filesOf([Buffer.concat([first, second])])), ["a 4"]);
    assert.deepEqual(shown(await filesOf([first.subarray(0, 1024)])), ["a 4"]);
    assert.deepEqual(shown(await filesOf([first.subarray(0, 516)])), ["a 4"]);
  });

  it("refuses holes of more than an image can need, and hard links to nothing", async () => {
    const size = String(2 ** 40);
    const records =
      record("GNU.sparse.major", "0") +
      record("GNU.sparse.minor", "1") +
      record("GNU.sparse.map", "") +
      record("GNU.sparse.size", size);
    const huge = archive([
      { name: "x", type: "x", content: records },
      { name: "a", content: "" },
    ]);
    await assert.rejects(filesOf([huge]), /has sparse files of more than \d+ bytes/);
    await assert.rejects(
      filesOf([archive([{ name: "a", type: "1", linkname: "b" }])]),
      /has a as a link to b, which is not there/,
    );
  });
});

interface Header {
  name: string;
  type?: string;
  content?: string;
  linkname?: string;
  size?: number;
  binarySize?: boolean;
}

function record(key: string, value: string): string {
  const text = ` ${key}=${value}\n`;
  const length = text.length + String(text.length + 2).length;
  return `${length}${text}`;
}

function archive(entries: readonly Header[]): Buffer {
  const blocks = entries.flatMap(({ name, type = "0", content = "", linkname = "", size, binarySize }) => {
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write("0000644\0", 100);
    header.write("0000000\0", 108);
    header.write("0000000\0", 116);
    const bytes = size ?? content.length;
    if (binarySize) {
      header.writeUInt8(0x80, 124);
      header.writeUInt32BE(bytes, 132);
    } else header.write(`${bytes.toString(8).padStart(11, "0")}\0`, 124);
    header.write("00000000000\0", 136);
    header.write(type, 156);
    header.write(linkname, 157);
    header.write("ustar\x0000", 257);
    header.write("        ", 148);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    const body = Buffer.alloc(Math.ceil(content.length / 512) * 512);
    body.write(content);
    return [header, body];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}
