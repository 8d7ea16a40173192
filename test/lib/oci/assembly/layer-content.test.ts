import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { LayerContentError } from "../../../../lib/oci/layer/content-error";
import type { LayerEntry, LayerFile } from "../../../../lib/oci/layer/entry";
import { resolveLayer } from "../../../../lib/oci/layer/resolve";
import { temporaryFolder, writeTree } from "./temporary-folder";

/** One line an entry, as a person would list them. */
function listed(entries: readonly LayerEntry[]): string[] {
  return entries.map(({ path, type, mode, uid, gid, size, linkname }) =>
    [
      type,
      mode.toString(8),
      `${uid}:${gid}`,
      size,
      path,
      ...(linkname === undefined ? [] : ["->", linkname]),
    ].join(" "),
  );
}

describe("content of a layer", () => {
  const folder = temporaryFolder();

  it("lists files, directories and links, sorted, with their parents", async () => {
    writeTree(folder(), { "dist/hello": "binary", "dist/data/b.txt": "bb", "dist/data/a.txt": "a" });
    chmodSync(join(folder(), "dist/hello"), 0o711);
    chmodSync(join(folder(), "dist/data/a.txt"), 0o600);
    symlinkSync("/outside/of/the/image", join(folder(), "dist/data/link"));
    const entries = await resolveLayer(folder(), [
      { to: "/app/bin/hello", source: "dist/hello" },
      { to: "/app/data/", source: "dist/data", uid: 1000, gid: 1001 },
      { to: "/app//./current", symlink: "bin/hello" },
      { to: "/etc/hello.conf", content: "grüezi\n", mode: "0640" },
      { to: "/tmp/work", directory: true, mode: "1777" },
      { to: "/usr/bin/su", content: "x", mode: "4755" },
    ]);
    assert.deepEqual(listed(entries), [
      "directory 755 0:0 0 /app",
      "directory 755 0:0 0 /app/bin",
      "file 755 0:0 6 /app/bin/hello",
      "symlink 777 0:0 0 /app/current -> bin/hello",
      "directory 755 1000:1001 0 /app/data",
      "file 644 1000:1001 1 /app/data/a.txt",
      "file 644 1000:1001 2 /app/data/b.txt",
      "symlink 777 1000:1001 0 /app/data/link -> /outside/of/the/image",
      "directory 755 0:0 0 /etc",
      "file 640 0:0 8 /etc/hello.conf",
      "directory 1777 0:0 0 /tmp",
      "directory 1777 0:0 0 /tmp/work",
      "directory 755 0:0 0 /usr",
      "directory 755 0:0 0 /usr/bin",
      "file 4755 0:0 1 /usr/bin/su",
    ]);
  });

  it("takes the content of a directory to the root, and gives its files the declared mode", async () => {
    writeTree(folder(), { "rootfs/srv/a": "a", "rootfs/srv/sub/b": "b" });
    mkdirSync(join(folder(), "rootfs/empty"));
    const entries = await resolveLayer(folder(), [{ to: "/", source: "rootfs", mode: "600" }]);
    assert.deepEqual(listed(entries), [
      "directory 755 0:0 0 /empty",
      "directory 755 0:0 0 /srv",
      "file 600 0:0 1 /srv/a",
      "directory 755 0:0 0 /srv/sub",
      "file 600 0:0 1 /srv/sub/b",
    ]);
  });

  it("merges directories of two sources, and lets a declared directory decide mode and owner", async () => {
    writeTree(folder(), { "one/a": "a", "two/b": "b" });
    const entries = await resolveLayer(folder(), [
      { to: "/app", source: "one" },
      { to: "/app", directory: true, mode: "0700", uid: 5 },
      { to: "/app", source: "two" },
    ]);
    assert.deepEqual(listed(entries), [
      "directory 700 5:0 0 /app",
      "file 644 0:0 1 /app/a",
      "file 644 0:0 1 /app/b",
    ]);
  });

  it("follows a link that is the source itself and stays inside", async () => {
    writeTree(folder(), { "build/v2/hello": "v2" });
    symlinkSync("v2", join(folder(), "build/current"));
    const entries = await resolveLayer(folder(), [{ to: "/hello", source: "build/current/hello" }]);
    assert.deepEqual(listed(entries), ["file 644 0:0 2 /hello"]);
  });

  it("leaves parents out that are links in common base images, unless there is no base", async () => {
    const files: LayerFile[] = [{ to: "/bin/hello", content: "x" }];
    assert.deepEqual(listed(await resolveLayer(folder(), files)), ["file 644 0:0 1 /bin/hello"]);
    assert.deepEqual(listed(await resolveLayer(folder(), files, { overBase: false })), [
      "directory 755 0:0 0 /bin",
      "file 644 0:0 1 /bin/hello",
    ]);
  });

  it("keeps mode and owner of a directory that a layer below declares", async () => {
    const below = await resolveLayer(folder(), [
      { to: "/data", directory: true, mode: "0700", uid: 10, gid: 20 },
    ]);
    const entries = await resolveLayer(folder(), [{ to: "/data/x", content: "" }], { below: [below] });
    assert.deepEqual(listed(entries), ["directory 700 10:20 0 /data", "file 644 0:0 0 /data/x"]);
  });

  it("writes removals as whiteouts, before what else is in the directory and without parents", async () => {
    const entries = await resolveLayer(folder(), [
      { to: "/etc/-first", content: "" },
      { to: "/etc/motd", remove: true },
      { to: "/usr/share/doc", remove: true, directory: false },
    ]);
    assert.deepEqual(listed(entries), [
      "directory 755 0:0 0 /etc",
      "file 0 0:0 0 /etc/.wh.motd",
      "file 644 0:0 0 /etc/-first",
      "file 0 0:0 0 /usr/share/.wh.doc",
    ]);
  });

  it("empties a directory that it removes and fills again by an opaque whiteout", async () => {
    const entries = await resolveLayer(folder(), [
      { to: "/app", remove: true },
      { to: "/app/-new", content: "" },
    ]);
    assert.deepEqual(listed(entries), [
      "directory 755 0:0 0 /app",
      "file 0 0:0 0 /app/.wh..wh..opq",
      "file 644 0:0 0 /app/-new",
    ]);
  });

  const ok = { to: "/app/hello", content: "x" };
  const zeroDigest = `sha256:${"0".repeat(64)}`;
  const refusals: { name: string; files: object[]; field: string; reason: RegExp }[] = [
    {
      name: "nothing to put there",
      files: [{ to: "/a" }],
      field: "[0]",
      reason: /none of source, content/,
    },
    {
      name: "two things at once",
      files: [ok, { to: "/a", content: "", source: "dist/hello" }],
      field: "[1]",
      reason: /has 2 of source.*exactly one/,
    },
    {
      name: "a relative target",
      files: [{ to: "app/x", content: "" }],
      field: "[0].to",
      reason: /"\/app\/x"/,
    },
    {
      name: "an empty target",
      files: [{ to: "", content: "" }],
      field: "[0].to",
      reason: /is not a path/,
    },
    {
      name: "the root as a file",
      files: [{ to: "/", content: "" }],
      field: "[0].to",
      reason: /root of the/,
    },
    {
      name: "..",
      files: [{ to: "/app/../etc", content: "" }],
      field: "[0].to",
      reason: /"\.\." component/,
    },
    {
      name: "NUL in a target",
      files: [{ to: "/a\0b", content: "" }],
      field: "[0].to",
      reason: /NUL/,
    },
    {
      name: "half a surrogate pair",
      files: [{ to: "/\ud800", content: "" }],
      field: "[0].to",
      reason: /Unicode/,
    },
    {
      name: "a whiteout by accident",
      files: [{ to: "/etc/.wh.motd", content: "" }],
      field: "[0].to",
      reason: /removes files of the layers below.*"remove": true/,
    },
    {
      name: "a whiteout inside of a source",
      files: [{ to: "/x", source: "whiteouts" }],
      field: "[0].source",
      reason: /whiteouts\/\.wh\.passwd.*starts with "\.wh\."/,
    },
    {
      name: "a file to a directory",
      files: [{ to: "/app/", source: "dist/hello" }],
      field: "[0].to",
      reason: /"\/app\/hello"/,
    },
    {
      name: "a file to the root",
      files: [{ to: "/", source: "dist/hello" }],
      field: "[0].to",
      reason: /"\/hello"/,
    },
    {
      name: "content to a directory",
      files: [{ to: "/app/", content: "" }],
      field: "[0].to",
      reason: /not a directory/,
    },
    {
      name: "a missing source",
      files: [{ to: "/x", source: "dist/helo" }],
      field: "[0].source",
      reason: /"dist\/helo" does not exist/,
    },
    {
      name: "an empty source",
      files: [{ to: "/x", source: "" }],
      field: "[0].source",
      reason: /is not a path/,
    },
    {
      name: "a source above the root",
      files: [{ to: "/x", source: "../secret" }],
      field: "[0].source",
      reason: /is outside of/,
    },
    {
      name: "an absolute source elsewhere",
      files: [{ to: "/x", source: "/etc/passwd" }],
      field: "[0].source",
      reason: /is outside of/,
    },
    {
      name: "a source that is a link to the outside",
      files: [{ to: "/x", source: "escape" }],
      field: "[0].source",
      reason: /leads outside of .* through a symbolic link/,
    },
    {
      name: "a source behind a link to the outside",
      files: [{ to: "/x", source: "escape-directory/passwd" }],
      field: "[0].source",
      reason: /leads outside of .* through a symbolic link/,
    },
    {
      name: "a loop of links",
      files: [{ to: "/x", source: "loop" }],
      field: "[0].source",
      reason: /does not exist/,
    },
    {
      name: "a named pipe",
      files: [{ to: "/x", source: "special/pipe" }],
      field: "[0].source",
      reason: /is a named pipe/,
    },
    {
      name: "a socket in a directory",
      files: [{ to: "/x", source: "sockets" }],
      field: "[0].source",
      reason: /is a socket/,
    },
    {
      name: "a mode in decimal",
      files: [{ ...ok, mode: "0888" }],
      field: "[0].mode",
      reason: /not an octal mode.*"0755"/,
    },
    { name: "a mode as a number", files: [{ ...ok, mode: 755 }], field: "[0].mode", reason: /as a string/ },
    {
      name: "a mode of a link",
      files: [{ to: "/x", symlink: "y", mode: "0777" }],
      field: "[0].mode",
      reason: /symbolic link/,
    },
    {
      name: "a mode of a removal",
      files: [{ to: "/x", remove: true, mode: "0777" }],
      field: "[0].mode",
      reason: /removal/,
    },
    {
      name: "a negative owner",
      files: [{ ...ok, uid: -1 }],
      field: "[0].uid",
      reason: /not a whole number from 0/,
    },
    { name: "half a group", files: [{ ...ok, gid: 1.5 }], field: "[0].gid", reason: /not a whole number/ },
    {
      name: "too large an owner",
      files: [{ ...ok, uid: 2 ** 32 - 1 }],
      field: "[0].uid",
      reason: /4294967294/,
    },
    {
      name: "an empty link",
      files: [{ to: "/x", symlink: "" }],
      field: "[0].symlink",
      reason: /not a target/,
    },
    {
      name: "a target twice",
      files: [ok, ok],
      field: "[1].to",
      reason: /already in the layer, from .*\[0\]/,
    },
    {
      name: "a file of a source twice",
      files: [
        { to: "/d", source: "dist" },
        { to: "/d/hello", content: "" },
      ],
      field: "[1].to",
      reason: /"\/d\/hello" is already in the layer/,
    },
    {
      name: "two sources with other owners in one directory",
      files: [
        { to: "/d", source: "dist" },
        { to: "/d", source: "other", uid: 7 },
      ],
      field: "[1].to",
      reason: /"\/d" is already in the layer/,
    },
    {
      name: "a removal twice",
      files: [
        { to: "/x", remove: true },
        { to: "/x", remove: true },
      ],
      field: "[1].to",
      reason: /already/,
    },
    {
      name: "a file that is removed too",
      files: [ok, { to: ok.to, remove: true }],
      field: "[1].to",
      reason: /already/,
    },
    {
      name: "a removal in what is removed",
      files: [
        { to: "/x", remove: true },
        { to: "/x/y", remove: true },
      ],
      field: "[1].to",
      reason: /removes already/,
    },
    {
      name: "something below a file",
      files: [ok, { to: "/app/hello/x", content: "" }],
      field: "[1].to",
      reason: /makes a file/,
    },
    {
      name: "something below a link",
      files: [
        { to: "/app/current/x", content: "" },
        { to: "/app/current", symlink: "v1" },
      ],
      field: "[0].to",
      reason: /\[1\] makes a symbolic link/,
    },
    {
      name: "another digest than declared",
      files: [{ to: "/x", source: "dist/hello", digest: zeroDigest }],
      field: "[0].digest",
      reason: /is not the digest of .*dist\/hello, which is sha256:/,
    },
    {
      name: "the digest of a directory",
      files: [{ to: "/x", source: "dist", digest: zeroDigest }],
      field: "[0].digest",
      reason: /is a directory/,
    },
    {
      name: "a digest without source",
      files: [{ ...ok, digest: zeroDigest }],
      field: "[0].digest",
      reason: /without "source"/,
    },
    {
      name: "a digest that is none",
      files: [{ to: "/x", source: "dist/hello", digest: "sha1:0" }],
      field: "[0].digest",
      reason: /not a SHA-256 digest/,
    },
  ];

  for (const { name, files, field, reason } of refusals) {
    it(`refuses ${name}`, async () => {
      const root = join(folder(), "root");
      writeTree(folder(), {
        "secret/passwd": "s",
        "root/dist/hello": "h",
        "root/other/x": "x",
        "root/whiteouts/.wh.passwd": "",
      });
      for (const path of ["special", "sockets"]) mkdirSync(join(root, path));
      symlinkSync("../secret/passwd", join(root, "escape"));
      symlinkSync(join(folder(), "secret"), join(root, "escape-directory"));
      symlinkSync("loop", join(root, "loop"));
      execFileSync("mkfifo", [join(root, "special/pipe")]);
      const server = createServer().listen(join(root, "sockets/s"));
      try {
        await assert.rejects(
          resolveLayer(root, files as LayerFile[], { field: "layers[3].files" }),
          (error: unknown) => {
            assert.ok(error instanceof LayerContentError, String(error));
            assert.equal(error.field, `layers[3].files${field}`);
            assert.match(error.message, reason);
            assert.ok(error.message.startsWith(`layers[3].files${field}: `), error.message);
            assert.match(error.message, /\(a valid example: .+\)$/);
            return true;
          },
        );
      } finally {
        server.close();
      }
    });
  }

  it("refuses a device", async () => {
    await assert.rejects(
      resolveLayer("/dev", [{ to: "/x", source: "null" }]),
      /files\[0\]\.source: "\/dev\/null" is a device/,
    );
  });

  it("refuses a root that is not a directory", async () => {
    await assert.rejects(
      resolveLayer(join(folder(), "nowhere"), [{ to: "/x", source: "y" }]),
      /root: ".*nowhere" is not a directory/,
    );
  });

  it("accepts a source whose digest is the declared one", async () => {
    writeTree(folder(), { hello: "hello\n" });
    const digest = "sha256:5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";
    const [entry] = await resolveLayer(folder(), [{ to: "/hello", source: "hello", digest }]);
    assert.equal(entry?.digest, digest);
  });
});
