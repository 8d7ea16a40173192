import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { digestOf } from "../../lib/oci/digest";
import type { Properties } from "../../provider/base/properties";
import { unknown } from "../../provider/base/unknown";
import { runClient } from "../support/clients";
import { CheckFailed, type Held, type ProviderProcess } from "../support/provider-process";
import { requireTools } from "../support/tools";
import { useProviders } from "./workbench";

const archive = "slipway:build:Archive";
const checksums = "slipway:build:Checksums";

describe("archives and checksums of the provider", () => {
  let project: string;
  const startIn = useProviders();

  const start = (folder = project) => startIn(folder);

  before(function () {
    requireTools(this, "tar", "sha256sum", "unzip", "unsquashfs");
  });
  beforeEach(async () => {
    project = await mkdtemp(path.join(tmpdir(), "slipway-archives-"));
    await writeFile(path.join(project, "hello"), "#!/bin/sh\necho hello\n");
    await writeFile(path.join(project, "README.md"), "# hello\n");
  });
  afterEach(async () => {
    await rm(project, { recursive: true, force: true, maxRetries: 3 });
  });

  const declared: Properties = {
    path: "dist/hello_1.0.0_linux_amd64.tar.gz",
    entries: [
      { path: "hello", source: "hello", mode: "0755" },
      { path: "README.md", source: "README.md" },
    ],
    alsoPaths: ["dist/hello_latest_linux_amd64.tar.gz"],
  };

  const inProject = (name: unknown) => path.join(project, String(name));

  async function digestAt(name: unknown): Promise<string | undefined> {
    return readFile(inProject(name)).then(digestOf, () => undefined);
  }

  it("PROD-02: the digest is known at preview, and nothing is placed then", async () => {
    const provider = await start();
    const preview = await provider.create(archive, declared, true);
    assert.match(String(preview.state.digest), /^sha256:/);
    assert.equal(await stat(inProject("dist")).catch(() => "none"), "none");
    const held = await provider.create(archive, declared);
    assert.deepEqual(held.state, preview.state);
    assert.equal(await digestAt(declared.path), held.state.digest);
  });

  it("MESH-10: G-27: an alias is the same bytes under another name", async () => {
    const held = await (await start()).create(archive, declared);
    assert.equal(await digestAt("dist/hello_latest_linux_amd64.tar.gz"), held.state.digest);
    assert.deepEqual(held.state.artifacts, [
      { name: "hello_1.0.0_linux_amd64.tar.gz", path: declared.path, digest: held.state.digest },
      {
        name: "hello_latest_linux_amd64.tar.gz",
        path: "dist/hello_latest_linux_amd64.tar.gz",
        digest: held.state.digest,
      },
    ]);
    const listing = await runClient("tar", ["-tzvf", inProject(declared.path)]);
    assert.match(listing, /^-rw-r--r-- 0\/0 +8 .* README\.md\n-rwxr-xr-x 0\/0 +21 .* hello$/);
    assert.deepEqual((await readdir(inProject("dist"))).sort(), [
      "hello_1.0.0_linux_amd64.tar.gz",
      "hello_latest_linux_amd64.tar.gz",
    ]);
  });

  it("a program without an archive is that program, executable, or it compressed", async () => {
    const provider = await start();
    const entries = [{ path: "hello", source: "hello" }];
    const bare = { path: "dist/hello_linux_amd64", format: "binary", entries };
    const held = await provider.create(archive, bare);
    assert.equal(held.state.digest, await digestAt("hello"));
    assert.equal(held.state.digest, await digestAt(bare.path));
    assert.equal((await stat(inProject(bare.path))).mode & 0o777, 0o755);
    const packed = { path: "dist/hello_linux_amd64.gz", format: "gz", entries };
    const { state } = await provider.create(archive, packed);
    assert.equal(state.digest, await digestAt(packed.path));
    assert.equal(await runClient("gzip", ["-cd", inProject(packed.path)]), "#!/bin/sh\necho hello");
    assert.deepEqual((await provider.diff(held, bare)).changes, []);
  });

  for (const [what, change, reason] of [
    ["two files", { entries: declared.entries }, /has 2 files: the format binary holds exactly one/],
    ["nothing", { entries: [{ path: "a", content: "" }] }, /is no file with content/],
    ["a link", { entries: [{ path: "a", symlink: "b" }] }, /is no file with content/],
    ["a root", { root: "hello" }, /root.*has no place in the format binary/],
  ] as [string, Properties, RegExp][]) {
    it(`a program without an archive is not ${what}`, async () => {
      const entries = [{ path: "hello", source: "hello" }];
      const inputs = { path: "dist/hello", format: "binary", entries, ...change };
      await assert.rejects((await start()).create(archive, inputs), (error: Error) => {
        assert.ok(error instanceof CheckFailed);
        assert.match(error.message, reason);
        return true;
      });
    });
  }

  it("a snap is a file system, by the end of its name", async () => {
    const entries = [
      { path: "meta/snap.yaml", content: "name: hello\nversion: 1.0.0\n" },
      { path: "bin/hello", source: "hello", mode: "0755" },
    ];
    const held = await (await start()).create(archive, { path: "dist/hello_1.0.0_amd64.snap", entries });
    assert.equal(await digestAt("dist/hello_1.0.0_amd64.snap"), held.state.digest);
    const listing = await runClient("unsquashfs", ["-llc", inProject("dist/hello_1.0.0_amd64.snap")]);
    assert.match(listing, /-rwxr-xr-x root\/root .*\/bin\/hello$/m);
    assert.match(listing, /-rw-r--r-- root\/root .*\/meta\/snap\.yaml$/m);
  });

  it("change nothing the second time, and adopt what is there", async () => {
    const held = await (await start()).create(archive, declared);
    const { mtimeMs } = await stat(inProject(declared.path));
    const provider = await start();
    const observed = await provider.read(held);
    assert.ok(observed);
    assert.deepEqual((await provider.diff(observed, declared)).changes, []);
    assert.deepEqual((await provider.create(archive, declared)).state, held.state);
    assert.equal((await stat(inProject(declared.path))).mtimeMs, mtimeMs);
  });

  it("change with their content, naming what changed", async () => {
    const provider = await start();
    const held = await provider.create(archive, declared);
    await writeFile(inProject("README.md"), "# Hello\n");
    assert.deepEqual((await provider.diff(held, declared)).changes, ["digest"]);
    const flat = { ...declared, root: "hello-1.0.0" };
    assert.deepEqual((await provider.diff(held, flat)).changes.sort(), ["digest", "root"]);
    const updated = await provider.update(held, flat);
    assert.equal(await digestAt(declared.path), updated.state.digest);
    assert.equal(
      await runClient("tar", ["-tzf", inProject(declared.path)]),
      "hello-1.0.0/README.md\nhello-1.0.0/hello",
    );
  });

  /** Publishes what resources of this run make, as a folder release does. */
  async function publish(provider: ProviderProcess, made: Held, version: string): Promise<Held> {
    const { artifact: sums, artifacts } = made.state;
    const assets = sums === undefined ? artifacts : [sums];
    return provider.create("slipway:release:Directory", { directory: "public", tag: version, assets });
  }

  for (const [what, spoil] of [
    ["changed by hand", (file: string) => writeFile(file, "changed by hand")],
    ["deleted", (file: string) => rm(file)],
    [
      "replaced by a link",
      async (file: string) => {
        await rm(file);
        await runClient("ln", ["-s", "/etc/hostname", file]);
      },
    ],
  ] as const) {
    it(`an archive and an alias that were ${what} are no difference, and made right where they are needed`, async () => {
      const provider = await start();
      const held = await provider.create(archive, declared);
      const names = [declared.path, ...(declared.alsoPaths as string[])].map(String);
      for (const name of names) await spoil(inProject(name));
      const observed = await provider.read(held);
      assert.deepEqual(observed?.state, held.state);
      assert.deepEqual((await provider.diff(held, declared)).changes, []);
      await publish(provider, held, "v1.0.0");
      for (const name of names) {
        assert.equal(await digestAt(name), held.state.digest);
        const published = path.join("public/releases/download/v1.0.0", path.basename(name));
        assert.equal(await digestAt(published), held.state.digest);
      }
    });
  }

  it("follow a new version in place; what was placed for the last one goes, what somebody changed stays", async () => {
    const provider = await start();
    const held = await provider.create(archive, declared);
    const [alias = ""] = declared.alsoPaths as string[];
    const next = { ...declared, path: "dist/next/hello_1.1.0_linux_amd64.tar.gz", alsoPaths: [alias] };
    const { changes, replaces } = await provider.diff(held, next);
    assert.deepEqual([changes, replaces], [["path"], []]);
    const updated = await provider.update(held, next);
    assert.deepEqual((await readdir(inProject("dist"))).sort(), [path.basename(alias), "next"]);
    await writeFile(inProject(alias), "by hand");
    await provider.delete(updated);
    assert.deepEqual(await readdir(inProject("dist")), [path.basename(alias)]);
  });

  it("survive a damaged cache: a damaged file is never placed", async () => {
    const held = await (await start()).create(archive, declared);
    const blob = inProject(`.slipway/cache/blobs/sha256/${String(held.state.digest).slice(7)}`);
    const bytes = await readFile(blob);
    await writeFile(blob, Buffer.alloc(bytes.length));
    await rm(inProject(declared.path));
    await (await start()).create(archive, declared);
    assert.equal(await digestAt(declared.path), held.state.digest);
  });

  it("need no content on a machine where nothing changed", async () => {
    const provider = await start();
    const built: Held = await provider.create("slipway:build:Command", {
      command: `cp hello "{output}/hello"`,
      sources: ["hello"],
      outputs: ["hello"],
    });
    const file = (built.state.files as Record<string, Properties>).hello;
    assert.ok(file);
    const inputs: Properties = {
      path: "dist/hello.zip",
      entries: [
        { path: "hello", source: file.path, digest: file.digest, mode: "0755" },
        // A file of the sources is looked at, wherever it is.
        { path: "README.md", source: "README.md" },
      ],
    };
    const held = await provider.create(archive, inputs);
    for (const folder of [".slipway", "dist"]) await rm(inProject(folder), { recursive: true });
    const other = await start();
    await other.check("slipway:build:Command", built.inputs);
    assert.deepEqual((await other.diff(held, inputs)).changes, []);
    assert.equal(await stat(inProject(".slipway/cache/builds")).catch(() => "none"), "none");
    // Where the content is needed after all, its command runs again.
    await publish(other, held, "v1.0.0");
    assert.equal(await digestAt("dist/hello.zip"), held.state.digest);
    assert.match(await runClient("unzip", ["-t", inProject("dist/hello.zip")]), /No errors/);
    await writeFile(inProject("README.md"), "# Hello\n");
    assert.deepEqual((await other.diff(held, inputs)).changes, ["digest"]);
  });

  it("have the same digest in another clone", async () => {
    const held = await (await start()).create(archive, declared);
    const clone = await mkdtemp(path.join(tmpdir(), "slipway-clone-"));
    try {
      await mkdir(path.join(clone, "sub"));
      for (const name of ["hello", "README.md"]) {
        await writeFile(path.join(clone, name), await readFile(inProject(name)));
      }
      const other = await (await start(clone)).create(archive, declared);
      assert.equal(other.state.digest, held.state.digest);
    } finally {
      await rm(clone, { recursive: true, force: true });
    }
  });

  it("are unknown where an entry is", async () => {
    const provider = await start();
    const preview = await provider.create(
      archive,
      { ...declared, entries: [{ path: "hello", source: unknown, digest: unknown, mode: "0755" }] },
      true,
    );
    assert.equal(preview.state.digest, unknown);
    assert.equal(preview.state.artifacts, unknown);
  });

  for (const [what, change, property, reason] of [
    ["no path inside of the project", { path: "../x.zip" }, "path", /"\.\." component.*a valid example/],
    [
      "a name without a format",
      { path: "dist/hello" },
      "format",
      /does not tell it \(a valid example: "tar\.gz"\)/,
    ],
    ["an unknown format", { format: "rar" }, "format", /"rar" is not valid/],
    [
      "an alias of another format",
      { alsoPaths: ["dist/a.zip"] },
      "alsoPaths[0]",
      /says zip, and the archive is tar\.gz/,
    ],
    ["an alias that is the archive", { alsoPaths: [declared.path] }, "alsoPaths[0]", /is listed twice/],
    ["no entries", { entries: [] }, "entries", /at least one entry is expected/],
    [
      "a missing source",
      { entries: [{ path: "x", source: "missing" }] },
      "entries[0].source",
      /"missing" does not exist in/,
    ],
    [
      "an entry of two kinds",
      { entries: [{ path: "x", content: "", symlink: "y" }] },
      "entries[0]",
      /exactly one/,
    ],
    ["a misspelled field", { alsoPath: [] }, "alsoPath", /did you mean "alsoPaths"/],
  ] as [string, Properties, string, RegExp][]) {
    it(`are refused with ${what}`, async () => {
      const provider = await start();
      await assert.rejects(provider.check(archive, { ...declared, ...change }), (error: Error) => {
        assert.ok(error instanceof CheckFailed, error.message);
        assert.deepEqual(
          error.failures.map((failure) => failure.property),
          [property],
        );
        assert.match(error.failures[0]?.reason ?? "", reason);
        return true;
      });
    });
  }

  describe("checksums", () => {
    const artifact = (name: string, content: string) => ({
      name,
      path: `dist/${name}`,
      digest: digestOf(content),
    });
    const sums: Properties = {
      path: "dist/SHA256SUMS",
      artifacts: [artifact("b.zip", "b"), artifact("a.zip", "a")],
    };

    it("CORE-17: MESH-14: cover every artifact; sha256sum -c checks them, and one flipped byte fails", async () => {
      const provider = await start();
      const preview = await provider.create(checksums, sums, true);
      await assert.rejects(stat(inProject("dist")));
      const held = await provider.create(checksums, sums);
      assert.deepEqual(held.state, preview.state);
      for (const name of ["a", "b"]) await writeFile(inProject(`dist/${name}.zip`), name);
      const check = ["-c", `cd "$0" && sha256sum -c --strict SHA256SUMS`, inProject("dist")];
      assert.equal(await runClient("sh", check), "a.zip: OK\nb.zip: OK");
      await writeFile(inProject("dist/a.zip"), "A");
      await assert.rejects(runClient("sh", check), /1 computed checksum did NOT match/);
    });

    it("do not depend on the order, follow a changed artifact, and are made right where they are needed", async () => {
      const provider = await start();
      const held = await provider.create(checksums, sums);
      const reversed = { ...sums, artifacts: [...(sums.artifacts as object[])].reverse() };
      assert.deepEqual((await provider.diff(held, reversed)).changes, []);
      const changed = { ...sums, artifacts: [artifact("a.zip", "new")] };
      assert.deepEqual((await provider.diff(held, changed)).changes.sort(), ["artifacts", "digest"]);
      await writeFile(inProject("dist/SHA256SUMS"), "by hand");
      const observed = await provider.read(held);
      assert.deepEqual(observed?.state, held.state);
      assert.deepEqual((await provider.diff(held, sums)).changes, []);
      await publish(provider, held, "v1.0.0");
      assert.equal(await digestAt("dist/SHA256SUMS"), held.state.digest);
      assert.equal(await digestAt("public/releases/download/v1.0.0/SHA256SUMS"), held.state.digest);
      const moved = await provider.update(held, { ...sums, path: "dist/next/SHA256SUMS" });
      assert.deepEqual(await readdir(inProject("dist")), ["next"]);
      await provider.delete(moved);
      assert.equal(await stat(inProject("dist")).catch(() => "none"), "none");
    });

    it("take artifacts away that the program has made and lists no more, unless somebody changed them", async () => {
      const provider = await start();
      const names = ["a.json", "b.json", "changed.json", "of-the-user.json"];
      const listed = names.map((name) => artifact(name, name));
      await mkdir(inProject("dist"), { recursive: true });
      for (const { path: file, name } of listed) await writeFile(inProject(file), name);
      await writeFile(inProject("dist/changed.json"), "by hand");
      const made = listed.slice(0, 3).map(({ path: file }) => file);
      const held = await provider.create(checksums, { ...sums, artifacts: listed, made });
      const [first] = listed;
      const next = await provider.update(held, { ...sums, artifacts: [first], made: [first?.path] });
      const left = ["SHA256SUMS", "changed.json", "of-the-user.json"];
      assert.deepEqual((await readdir(inProject("dist"))).sort(), ["SHA256SUMS", "a.json", ...left.slice(1)]);
      await provider.delete(next);
      assert.deepEqual((await readdir(inProject("dist"))).sort(), left.slice(1));
    });

    for (const [what, change, property, reason] of [
      [
        "two artifacts of one name",
        { artifacts: [artifact("a", "1"), artifact("a", "2")] },
        "artifacts",
        /two files/,
      ],
      [
        "a folder in a name",
        { artifacts: [artifact("a/b", "")] },
        "artifacts[0].name",
        /a file name of letters/,
      ],
      ["no artifacts", { artifacts: [] }, "artifacts", /at least one/],
    ] as [string, Properties, string, RegExp][]) {
      it(`are refused with ${what}`, async () => {
        const provider = await start();
        await assert.rejects(provider.check(checksums, { ...sums, ...change }), (error: Error) => {
          assert.ok(error instanceof CheckFailed, error.message);
          assert.equal(error.failures[0]?.property, property);
          assert.match(error.failures[0]?.reason ?? "", reason);
          return true;
        });
      });
    }
  });
});
