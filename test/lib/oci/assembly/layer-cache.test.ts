import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import {
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { digestOf } from "../../../../lib/oci/digest";
import { cacheLimit, LayerCache, type AssembledLayer } from "../../../../lib/oci/layer/cache";
import type { LayerEntry } from "../../../../lib/oci/layer/entry";
import { HashCache } from "../../../../lib/oci/layer/hash-cache";
import { layerRecipe } from "../../../../lib/oci/layer/recipe";
import { temporaryFolder, writeTree } from "./temporary-folder";

/** Gives a file times long enough ago for its hash to be remembered. */
function age(path: string): void {
  utimesSync(path, 1_600_000_000, 1_600_000_000);
}

describe("cache of layers", () => {
  const folder = temporaryFolder();
  const cacheFolder = (): string => join(folder(), "cache");
  const build = (content = "hello", cache = new LayerCache(cacheFolder())): Promise<AssembledLayer> => {
    writeTree(folder(), { "dist/hello": content });
    return cache.build(folder(), [{ to: "/hello", source: "dist/hello" }], { compression: "gzip" });
  };

  it("builds a layer once, and finds it again in another process", async () => {
    const first = await build();
    assert.equal(first.mediaType, "application/vnd.oci.image.layer.v1.tar+gzip");
    assert.equal(digestOf(readFileSync(first.path)), first.digest);
    const written = statSync(first.path).ino;
    const second = await build();
    assert.deepEqual(second, first);
    assert.equal(statSync(second.path).ino, written, "it was not written again");
    assert.deepEqual(await new LayerCache(cacheFolder()).lookup(first.recipe), first);
  });

  it("leaves nothing but complete files", async () => {
    const layer = await build();
    assert.deepEqual(readdirSync(join(cacheFolder(), "blobs/sha256")), [layer.digest.slice(7)]);
    assert.deepEqual(readdirSync(join(cacheFolder(), "layers")), [`${layer.recipe.slice(7)}.json`]);
  });

  it("does not read a source that did not change", async () => {
    const first = await build();
    const unreadable: LayerEntry[] = (
      await new LayerCache(cacheFolder()).resolve(folder(), [{ to: "/hello", source: "dist/hello" }])
    ).map((entry) => ({ ...entry, content: { path: "/nowhere" } }));
    assert.deepEqual(
      await new LayerCache(cacheFolder()).buildEntries(unreadable, { compression: "gzip" }),
      first,
    );
  });

  const damages: { name: string; damage: (layer: AssembledLayer) => void }[] = [
    { name: "was cut off", damage: ({ path, size }) => truncateSync(path, size - 1) },
    { name: "is gone", damage: ({ path }) => truncateSync(path, 0) },
    {
      name: "has a record that is not JSON",
      damage: ({ recipe }) => writeFileSync(join(cacheFolder(), "layers", `${recipe.slice(7)}.json`), "{"),
    },
    {
      name: "has a record of another kind",
      damage: ({ recipe }) =>
        writeFileSync(
          join(cacheFolder(), "layers", `${recipe.slice(7)}.json`),
          `{"version":1,"digest":"../x"}`,
        ),
    },
  ];
  for (const { name, damage } of damages) {
    it(`builds a layer again that ${name}`, async () => {
      const first = await build();
      damage(first);
      assert.deepEqual(await build(), first);
      assert.equal(digestOf(readFileSync(first.path)), first.digest);
    });
  }

  it("opens a layer by its digest, and nothing that has other bytes", async () => {
    const cache = new LayerCache(cacheFolder());
    const layer = await build("hello", cache);
    const read = async (): Promise<string | undefined> => {
      const opened = await cache.open(layer);
      return opened && digestOf(Buffer.concat(await opened.toArray()));
    };
    assert.equal(await read(), layer.digest);
    assert.equal(await cache.open({ ...layer, size: layer.size + 1 }), undefined);
    writeFileSync(layer.path, Buffer.alloc(layer.size));
    assert.equal(await read(), undefined, "of the same size");
    await cache.discard(layer);
    assert.equal(await read(), undefined, "gone");
  });

  it("forgets a layer that is discarded", async () => {
    const layer = await build();
    const cache = new LayerCache(cacheFolder());
    await cache.discard(layer);
    assert.equal(await cache.lookup(layer.recipe), undefined);
    assert.equal(existsSync(layer.path), false);
    assert.deepEqual(await build(), layer);
  });

  it("builds a layer once that is asked for several times at once", async () => {
    const cache = new LayerCache(cacheFolder());
    const layers = await Promise.all(Array.from({ length: 5 }, () => build("hello", cache)));
    for (const layer of layers) assert.deepEqual(layer, layers[0]);
  });

  it("is shared by processes that build the same at the same time", async function () {
    this.timeout(60_000);
    writeTree(folder(), { "dist/hello": "x".repeat(3_000_000) });
    const script = join(folder(), "script.ts");
    writeFileSync(
      script,
      `const { LayerCache } = require(${JSON.stringify(resolve(__dirname, "../../../../lib/oci/layer/cache"))});
       new LayerCache(${JSON.stringify(cacheFolder())})
         .build(${JSON.stringify(folder())}, [{ to: "/hello", source: "dist/hello" }], { compression: "zstd" })
         .then((layer) => console.log(layer.digest));`,
    );
    const register = require.resolve("../../../../lib/machine/typescript.cjs");
    const run = (): Promise<{ stdout: string }> =>
      promisify(execFile)(process.execPath, ["-r", register, script]);
    const digests = (await Promise.all([run(), run(), run()])).map(({ stdout }) => stdout.trim());
    assert.equal(new Set(digests).size, 1);
    const [name = ""] = readdirSync(join(cacheFolder(), "blobs/sha256"));
    assert.equal(`sha256:${name}`, digests[0]);
    assert.equal(digestOf(readFileSync(join(cacheFolder(), "blobs/sha256", name))), digests[0]);
  });

  it("keeps nothing of a build that failed", async () => {
    const cache = new LayerCache(cacheFolder());
    writeTree(folder(), { file: "before" });
    const entries = await cache.resolve(folder(), [{ to: "/file", source: "file" }]);
    writeTree(folder(), { file: "behind" });
    await assert.rejects(cache.buildEntries(entries, { compression: "gzip" }), /changed after it was hashed/);
    assert.deepEqual(readdirSync(join(cacheFolder(), "blobs/sha256")), []);
    assert.equal(await cache.lookup(layerRecipe(entries, "gzip")), undefined);
  });

  it("removes the layers that were not used for longest", async () => {
    const cache = new LayerCache(cacheFolder());
    const layers = [await build("one", cache), await build("two", cache), await build("three", cache)];
    const [one, two, three] = layers as [AssembledLayer, AssembledLayer, AssembledLayer];
    for (const [index, { path }] of layers.entries()) utimesSync(path, 1_000 + index, 1_000 + index);
    await cache.lookup(one.recipe);
    const freed = await cache.prune(one.size + three.size);
    assert.equal(freed, two.size);
    assert.deepEqual(
      layers.map(({ path }) => existsSync(path)),
      [true, false, true],
    );
    assert.equal(readdirSync(join(cacheFolder(), "layers")).length, 2);
    assert.equal(await cache.prune(), 0);
  });

  it("keeps what a run may be using, whatever the limit is", async () => {
    const cache = new LayerCache(cacheFolder());
    const [old, young] = [await build("one", cache), await build("two", cache)];
    utimesSync(old.path, 1_000, 1_000);
    assert.equal(await cache.prune(0, Date.now() - 60_000), old.size);
    assert.deepEqual([existsSync(old.path), existsSync(young.path)], [false, true]);
  });

  const limits: [text: string | undefined, bytes: number | RegExp][] = [
    [undefined, 20 * 1024 ** 3],
    ["", 20 * 1024 ** 3],
    ["5", 5 * 1024 ** 3],
    ["0.5", 512 * 1024 ** 2],
    ["0", 0],
    ["5 GB", /SLIPWAY_CACHE_LIMIT is "5 GB", which is no number of GiB/],
    ["-1", /SLIPWAY_CACHE_LIMIT is "-1"/],
  ];
  for (const [text, bytes] of limits) {
    it(`has the limit that SLIPWAY_CACHE_LIMIT says: ${JSON.stringify(text)}`, () => {
      const env = text === undefined ? {} : { SLIPWAY_CACHE_LIMIT: text };
      if (bytes instanceof RegExp) assert.throws(() => cacheLimit(env), bytes);
      else assert.equal(cacheLimit(env), bytes);
    });
  }

  for (const [what, folder] of [
    ["content", "blobs/sha256"],
    ["records", "layers"],
  ] as const) {
    it(`removes ${what} that a process left behind that died, but not what one is writing`, async () => {
      const layer = await build();
      const names = ["0".repeat(64), "1".repeat(64)].map((name) => `${name}.1-0123456789ab.tmp`);
      const [old = "", young = ""] = names.map((name) => join(cacheFolder(), folder, name));
      writeFileSync(old, "x");
      writeFileSync(young, "x");
      age(old);
      await new LayerCache(cacheFolder()).prune(0);
      assert.deepEqual([existsSync(old), existsSync(young), existsSync(layer.path)], [false, true, false]);
    });
  }

  it("prunes a cache that does not exist yet", async () => {
    assert.equal(await new LayerCache(cacheFolder()).prune(0), 0);
  });

  it("has another recipe for anything that changes the bytes", () => {
    const entry: LayerEntry = {
      path: "/a",
      type: "file",
      mode: 0o644,
      uid: 0,
      gid: 0,
      size: 1,
      digest: digestOf("a"),
    };
    const recipes = [
      layerRecipe([entry], "gzip"),
      layerRecipe([entry], "zstd"),
      layerRecipe([entry], "none"),
      layerRecipe([entry], "gzip", 1),
      layerRecipe([], "gzip"),
      layerRecipe([entry, { ...entry, path: "/b" }], "gzip"),
      ...[
        { path: "/b" },
        { mode: 0o755 },
        { uid: 1 },
        { gid: 1 },
        { size: 2 },
        { digest: digestOf("b") },
      ].map((other) => layerRecipe([{ ...entry, ...other }], "gzip")),
      layerRecipe([{ ...entry, type: "symlink", linkname: "x" }], "gzip"),
      layerRecipe([{ ...entry, type: "symlink", linkname: "y" }], "gzip"),
      layerRecipe([{ ...entry, type: "directory" }], "gzip"),
    ];
    assert.equal(new Set(recipes).size, recipes.length);
    assert.equal(layerRecipe([{ ...entry, content: { path: "/elsewhere" } }], "gzip"), recipes[0]);
  });
});

describe("cache of file hashes", () => {
  const folder = temporaryFolder();
  const file = (): string => join(folder(), "file");
  const stored = (): string => join(folder(), "hashes.json");

  /** Writes a record for the file as it is now, with a digest that its content does not have. */
  async function remember(digest: string): Promise<void> {
    const { size, ino, mtimeNs, ctimeNs } = lstatSync(file(), { bigint: true });
    const record = {
      size: Number(size),
      ino: `${ino}`,
      mtimeNs: `${mtimeNs}`,
      ctimeNs: `${ctimeNs}`,
      digest,
      used: Date.now(),
    };
    writeFileSync(stored(), JSON.stringify({ version: 1, files: { [file()]: record } }));
  }

  it("trusts a record of a file that did not change", async () => {
    writeFileSync(file(), "content");
    await remember(digestOf("remembered"));
    assert.equal(await new HashCache(folder()).digest(file()), digestOf("remembered"));
  });

  const versions: { name: string; change: () => void }[] = [
    { name: "size", change: () => writeFileSync(file(), "longer content") },
    { name: "time", change: () => age(file()) },
    {
      name: "inode",
      change: () => {
        writeFileSync(`${file()}2`, "content");
        renameSync(`${file()}2`, file());
      },
    },
  ];
  for (const { name, change } of versions) {
    it(`hashes a file again whose ${name} changed`, async () => {
      writeFileSync(file(), "content");
      await remember(digestOf("remembered"));
      change();
      assert.equal(await new HashCache(folder()).digest(file()), digestOf(readFileSync(file())));
    });
  }

  it("does not remember a file that was written a moment ago", async () => {
    writeFileSync(file(), "content");
    const hashes = new HashCache(folder());
    assert.equal(await hashes.digest(file()), digestOf("content"));
    await hashes.save();
    assert.equal(existsSync(stored()), false);
  });

  it("remembers a file that has not been written for two seconds", async function () {
    this.timeout(10_000);
    writeFileSync(file(), "content");
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    const hashes = new HashCache(folder());
    await hashes.digest(file());
    await hashes.save();
    const { files } = JSON.parse(readFileSync(stored(), "utf8")) as {
      files: Record<string, { digest: string }>;
    };
    assert.equal(files[file()]?.digest, digestOf("content"));
  });

  it("keeps what several caches save at the same time and one after another", async function () {
    this.timeout(10_000);
    const paths = Array.from({ length: 6 }, (_, index) => join(folder(), `file${index}`));
    for (const path of paths) writeFileSync(path, path);
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    const one = new HashCache(folder());
    const saves: Promise<void>[] = [];
    for (const path of paths.slice(0, 4)) {
      await one.digest(path);
      saves.push(one.save());
    }
    await Promise.all(saves);
    const other = new HashCache(folder());
    for (const path of paths.slice(4)) await other.digest(path);
    await other.save();
    const { files } = JSON.parse(readFileSync(stored(), "utf8")) as { files: Record<string, object> };
    assert.deepEqual(Object.keys(files).sort(), paths);
  });

  for (const content of [
    "",
    "{",
    "[]",
    "null",
    `{"version":99,"files":{}}`,
    `{"version":1,"files":{"/x":{"digest":1}}}`,
    `{"version":1,"files":{"/x":null}}`,
  ]) {
    it(`starts anew from ${JSON.stringify(content)}`, async () => {
      writeFileSync(file(), "content");
      writeFileSync(stored(), content);
      assert.equal(await new HashCache(folder()).digest(file()), digestOf("content"));
    });
  }
});
