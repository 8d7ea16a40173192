import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { createGzip } from "node:zlib";
import { pack } from "tar-stream";
import { putBytes } from "../../../lib/oci/attach";
import { digestOf } from "../../../lib/oci/digest";
import { OciLayout } from "../../../lib/oci/layout";
import { MediaType } from "../../../lib/oci/media-types";
import type { Repository } from "../../../lib/oci/repository";
import { takeInventory, type Inventory } from "../../../lib/sbom/inventory";
import { readSubject, type ImageSubject } from "../../../lib/sbom/subject";
import { temporaryFolder } from "../oci/assembly/temporary-folder";
import { requireTools, toolPath } from "../../support/tools";
import { archiveOf, debianLayers, hash, putImage, type TestEntry, type TestImage } from "./image-fixture";

describe("the inventory of an image", () => {
  const folder = temporaryFolder();

  async function inventoryOf(image: TestImage): Promise<Inventory> {
    const layout = new OciLayout(folder());
    const { digest } = await putImage(layout, image);
    const subject = await readSubject(layout, await layout.getManifest(digest));
    assert.equal(subject.kind, "image");
    return takeInventory(layout, subject);
  }

  for (const compression of ["gzip", "zstd", "none"] as const) {
    it(`lists files with size, mode and hashes, and packages; layers with ${compression}`, async () => {
      const inventory = await inventoryOf({ layers: debianLayers, compression });
      assert.deepEqual(inventory.operatingSystem, {
        id: "debian",
        version: "12",
        prettyName: "Debian GNU/Linux 12 (bookworm)",
      });
      assert.deepEqual(
        inventory.files.map(({ path }) => path),
        [
          "app/node_modules/@acme/thing/package.json",
          "app/run",
          "usr/lib/os-release",
          "usr/lib/python3/dist-packages/Foo_Bar-1.0.dist-info/METADATA",
          "var/lib/dpkg/status",
        ],
      );
      const run = "#!/bin/sh\n";
      assert.deepEqual(inventory.files[1], {
        path: "app/run",
        size: run.length,
        mode: 0o755,
        sha256: hash("sha256", run),
        sha1: hash("sha1", run),
      });
      assert.deepEqual(
        inventory.packages.map(({ purl, license, locations }) => [purl, license, locations]),
        [
          [
            "pkg:deb/debian/libc6@2.36-9%2Bdeb12u10?arch=amd64&distro=debian-12&upstream=glibc",
            undefined,
            ["var/lib/dpkg/status"],
          ],
          [
            "pkg:npm/%40acme/thing@3.2.1",
            "A license of our own",
            ["app/node_modules/@acme/thing/package.json"],
          ],
          ["pkg:pypi/foo-bar@1.0", "MIT", ["usr/lib/python3/dist-packages/Foo_Bar-1.0.dist-info/METADATA"]],
        ],
      );
      assert.deepEqual(inventory.unread, []);
    });
  }

  it("takes the package list of the upper layer, and none that was removed", async () => {
    const lower: TestEntry[] = [
      { name: "var/lib/dpkg/status", content: "Package: a\nStatus: install ok installed\nVersion: 1\n" },
      { name: "x.dist-info/METADATA", content: "Name: x\nVersion: 1\n" },
    ];
    const upper: TestEntry[] = [
      { name: "./var/lib/dpkg/status", content: "Package: a\nStatus: install ok installed\nVersion: 2\n" },
      { name: "./.wh.x.dist-info" },
    ];
    const { packages } = await inventoryOf({ layers: [lower, upper] });
    assert.deepEqual(
      packages.map(({ purl }) => purl),
      ["pkg:deb/debian/a@2"],
    );
  });

  it("reads a package list through a link of the file system's root", async () => {
    const { packages } = await inventoryOf({
      layers: [
        [{ name: "lib", type: "symlink", linkname: "usr/lib" }],
        [{ name: "lib/apk/db/installed", content: "P:musl\nV:1.2.5-r0\nA:x86_64\n" }],
      ],
    });
    assert.deepEqual(
      packages.map(({ purl }) => purl),
      ["pkg:apk/alpine/musl@1.2.5-r0?arch=x86_64"],
    );
  });

  it("has hard links as files of their own, and neither links nor devices", async () => {
    const { files } = await inventoryOf({
      layers: [
        [
          { name: "a", content: "text", mode: 0o4755 },
          { name: "b", type: "link", linkname: "a" },
          { name: "c", type: "symlink", linkname: "a" },
          { name: "d", type: "fifo" },
          { name: "../../e", content: "" },
        ],
      ],
    });
    assert.deepEqual(
      files.map(({ path, size, mode }) => [path, size, mode]),
      [
        ["a", 4, 0o4755],
        ["b", 4, 0o4755],
        ["e", 0, 0o644],
      ],
    );
    assert.equal(files[0]?.sha256, files[1]?.sha256);
  });

  it("says which package lists it does not read", async () => {
    const { unread } = await inventoryOf({
      layers: [
        [
          { name: "var/lib/rpm/rpmdb.sqlite", content: "x" },
          { name: "app/a.jar", content: "PK" },
        ],
      ],
    });
    assert.deepEqual(unread, ["Java archive: /app/a.jar", "RPM database: /var/lib/rpm/rpmdb.sqlite"]);
  });

  it("has no files for an image without layers", async () => {
    assert.deepEqual((await inventoryOf({ layers: [] })).files, []);
  });

  /** A layer's stored bytes and type, and what is said of it. */
  const damaged: [title: string, bytes: () => Promise<Buffer>, mediaType: string, message: RegExp][] = [
    [
      "no gzip",
      async () => Buffer.from("no archive"),
      MediaType.ociLayerGzip,
      /layer sha256:\w{12} of .* cannot be read: unexpected end of the archive/,
    ],
    [
      "gzip that is cut off",
      async () => {
        const whole = execFileSync("gzip", ["-c"], {
          input: await archiveOf([{ name: "a", content: randomBytes(50_000) }]),
        });
        return whole.subarray(0, 20_000);
      },
      MediaType.ociLayerGzip,
      /cannot be read: unexpected end of file/,
    ],
    [
      "no tar",
      async () => Buffer.alloc(2048, "x"),
      MediaType.ociLayerTar,
      /cannot be read: invalid tar header/,
    ],
    [
      "tar that is cut off",
      async () => (await archiveOf([{ name: "a", content: randomBytes(5000) }])).subarray(0, 3000),
      MediaType.ociLayerTar,
      /cannot be read: unexpected end of the archive/,
    ],
    [
      "gzip with a damaged block",
      async () => Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.alloc(100, "x")]),
      MediaType.ociLayerGzip,
      /cannot be read: unknown compression method/,
    ],
    [
      "zstd with a damaged block",
      async () => Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), Buffer.alloc(100, "x")]),
      MediaType.ociLayerZstd,
      /cannot be read: zstd: /,
    ],
    [
      "compressed with xz",
      async () => Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 1, 2]),
      MediaType.ociLayerGzip,
      /cannot be read: it is compressed with xz: gzip, zstd and plain tar are read/,
    ],
    [
      "a type that is not an archive",
      async () => Buffer.from("x"),
      "application/wasm",
      /of type "application\/wasm", which is not an archive/,
    ],
  ];
  for (const [title, bytes, mediaType, message] of damaged) {
    it(`refuses a layer that is ${title}`, async () => {
      const layout = new OciLayout(folder());
      const layer = await putBytes(layout, await bytes(), mediaType);
      const { digest } = await putImage(layout, { layers: [] });
      const subject = (await readSubject(layout, await layout.getManifest(digest))) as ImageSubject;
      await assert.rejects(takeInventory(layout, { ...subject, layers: [layer] }), message);
    });
  }

  it("tells the registry's error as it is", async () => {
    const layout = new OciLayout(folder());
    const { digest } = await putImage(layout, { layers: [] });
    const subject = (await readSubject(layout, await layout.getManifest(digest))) as ImageSubject;
    const layer = { mediaType: MediaType.ociLayerGzip, digest: digestOf("absent"), size: 6 };
    await assert.rejects(takeInventory(layout, { ...subject, layers: [layer] }), { name: "RegistryError" });
  });

  it("ends when it is called off", async () => {
    const layout = new OciLayout(folder());
    const { digest } = await putImage(layout, { layers: debianLayers });
    const subject = (await readSubject(layout, await layout.getManifest(digest))) as ImageSubject;
    const signal = AbortSignal.abort(new Error("called off"));
    await assert.rejects(takeInventory(layout, subject, { signal }), /called off/);
  });

  it("needs no more memory for a larger layer", async function () {
    this.timeout(120_000);
    const block = randomBytes(1024 * 1024);
    const size = 700 * block.length;
    const repository = streamingRepository(size, block);
    const image = { layers: [{ mediaType: MediaType.ociLayerGzip, digest: digestOf("large"), size: 1 }] };
    let peak = 0;
    const watch = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().rss);
    }, 20);
    const before = process.memoryUsage().rss;
    const inventory = await takeInventory(repository, image as unknown as ImageSubject);
    clearInterval(watch);
    assert.equal(inventory.files[0]?.size, size);
    const growth = (peak - before) / 1e6;
    assert.ok(growth < 150, `${growth.toFixed(0)} MB more for a file of ${(size / 1e6).toFixed(0)} MB`);
  });

  it("reads layers that the zstd program wrote, in one frame", async function () {
    requireTools(this, "zstd");
    const layout = new OciLayout(folder());
    const content = Buffer.concat([randomBytes(300_000), Buffer.alloc(3_000_000, "a"), randomBytes(10)]);
    const archive = await archiveOf([{ name: "large", content }]);
    const bytes = execFileSync(toolPath("zstd"), ["-19", "--long=27", "-c"], {
      input: archive,
      maxBuffer: 1 << 26,
    });
    const layer = await putBytes(layout, bytes, MediaType.ociLayerZstd);
    const { digest } = await putImage(layout, { layers: [] });
    const subject = (await readSubject(layout, await layout.getManifest(digest))) as ImageSubject;
    const { files } = await takeInventory(layout, { ...subject, layers: [layer] });
    assert.deepEqual(files, [
      {
        path: "large",
        size: content.length,
        mode: 0o644,
        sha256: hash("sha256", content),
        sha1: hash("sha1", content),
      },
    ]);
  });
});

/**
 * A repository whose only blob is made while it is read: a layer of one file of many equal blocks.
 */
function streamingRepository(size: number, block: Buffer): Repository {
  const getBlob = async (): Promise<Readable> => {
    const archive = pack();
    const entry = archive.entry({ name: "large", size });
    void (async () => {
      for (let sent = 0; sent < size; sent += block.length) {
        if (!entry.write(block))
          await new Promise((resolve) => entry.once("drain", () => resolve(undefined)));
      }
      entry.end(undefined);
      archive.finalize();
    })();
    return Readable.from(archive as AsyncIterable<Buffer>).pipe(createGzip({ level: 0 }));
  };
  return { name: "streaming", getBlob } as unknown as Repository;
}
