import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { digestOf } from "../../lib/oci/digest";
import type { Properties } from "../../provider/base/properties";
import { unknown } from "../../provider/base/unknown";
import { ReleaseDirectory } from "../../lib/release/directory";
import { runClient } from "../support/clients";
import { CheckFailed, type Held } from "../support/provider-process";
import { startStaticServer } from "../support/static-server";
import { requireTools } from "../support/tools";
import { useProviders } from "./workbench";

const release = "slipway:release:Directory";

describe("releases in a folder", () => {
  let project: string;
  const startIn = useProviders();

  const start = () => startIn(project);

  before(function () {
    requireTools(this, "curl", "python3", "sha256sum");
  });
  beforeEach(async () => {
    project = await mkdtemp(path.join(tmpdir(), "slipway-releases-"));
  });
  afterEach(async () => {
    await rm(project, { recursive: true, force: true, maxRetries: 3 });
  });

  const at = (...parts: string[]) => path.join(project, ...parts);
  const served = (...parts: string[]) => at(".slipway/releases", ...parts);

  /** Writes the files of a release, with sums, and declares it. */
  async function declare(
    tag: string,
    content: Record<string, string> = {},
    more: Properties = {},
  ): Promise<Properties> {
    const files: Record<string, string> = { [`hello_${tag}.tar.gz`]: `hello ${tag}`, ...content };
    files.SHA256SUMS ??= Object.entries(files)
      .map(([name, text]) => `${digestOf(text).slice(7)}  ${name}\n`)
      .join("");
    await mkdir(at("dist", tag), { recursive: true });
    const assets = [];
    for (const [name, text] of Object.entries(files)) {
      await writeFile(at("dist", tag, name), text);
      assets.push({ name, path: `dist/${tag}/${name}`, digest: digestOf(text) });
    }
    return { directory: ".slipway/releases", name: "acme/hello", tag, assets, ...more };
  }

  async function tree(folder: string): Promise<string[]> {
    const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
    return found
      .filter((entry) => !entry.isDirectory())
      .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
      .sort();
  }

  describe("knows which files its sums files list with their digest", () => {
    it("from what they hold, whatever the program says of them", async () => {
      const provider = await start();
      const zip = `${digestOf("zip").slice(7)}\n`;
      const files = { "a.zip": "zip", "a.zip.sha256": zip, "not-listed.zip": "other", "b.sha256": "no sums" };
      const sums = `${digestOf("zip").slice(7)}  a.zip\n${digestOf("gone").slice(7)}  of-another-release.zip\n`;
      const inputs = await declare("v1.0.0", { ...files, SHA256SUMS: sums });
      const checked = await provider.check(release, {
        ...inputs,
        summed: { "not-listed.zip": ["SHA256SUMS"] },
      });
      assert.deepEqual(checked.summed, { "a.zip": ["a.zip.sha256", "SHA256SUMS"] });
    });

    it("before the sums of this run are written", async () => {
      const provider = await start();
      const inputs = await declare("v1.0.0", { SHA256SUMS: "" });
      const [program] = (inputs.assets as Properties[]).filter(({ name }) => name !== "SHA256SUMS");
      const sums = await provider.create(
        "slipway:build:Checksums",
        { path: "made/SHA256SUMS", artifacts: [program] },
        true,
      );
      const checked = await provider.check(release, { ...inputs, assets: [program, sums.state.artifact] });
      assert.deepEqual(checked.summed, { "hello_v1.0.0.tar.gz": ["SHA256SUMS"] });
    });

    it("and refuses sums of another content, before anything is published", async () => {
      const provider = await start();
      const inputs = await declare("v1.0.0", {
        SHA256SUMS: `${digestOf("something else").slice(7)}  hello_v1.0.0.tar.gz\n`,
      });
      await assert.rejects(provider.create(release, inputs, true), (error: CheckFailed) => {
        assert.deepEqual(
          error.failures.map(({ property }) => property),
          ["assets[1]"],
        );
        assert.match(
          error.message,
          /SHA256SUMS lists hello_v1\.0\.0\.tar\.gz as sha256:\w{64}, and what is released has/,
        );
        return true;
      });
      assert.deepEqual(await tree(served()), []);
    });
  });

  it("CORE-14: CORE-17: is served under a forge's download URLs by any static host; curl and sha256sum agree", async () => {
    const provider = await start();
    const held = await provider.create(
      release,
      await declare("v1.0.0", { "hello_latest.tar.gz": "hello v1.0.0" }),
    );
    assert.deepEqual(held.state.downloads, {
      "hello_v1.0.0.tar.gz": "acme/hello/releases/download/v1.0.0/hello_v1.0.0.tar.gz",
      "hello_latest.tar.gz": "acme/hello/releases/download/v1.0.0/hello_latest.tar.gz",
      SHA256SUMS: "acme/hello/releases/download/v1.0.0/SHA256SUMS",
    });
    const server = await startStaticServer(served());
    try {
      await mkdir(at("downloaded"));
      for (const url of [
        `${server.url}/${(held.state.downloads as Record<string, string>)["hello_v1.0.0.tar.gz"]}`,
        `${server.url}/acme/hello/releases/latest/download/hello_latest.tar.gz`,
        `${server.url}/acme/hello/releases/latest/download/SHA256SUMS`,
      ]) {
        await runClient("sh", ["-c", `cd "$0" && curl -fsSLO "$1"`, at("downloaded"), url]);
      }
      const check = ["-c", `cd "$0" && sha256sum -c --strict SHA256SUMS`, at("downloaded")];
      assert.equal(await runClient("sh", check), "hello_v1.0.0.tar.gz: OK\nhello_latest.tar.gz: OK");
      const text = await runClient("curl", [
        "-fsSL",
        `${server.url}/acme/hello/releases/latest/release.json`,
      ]);
      assert.equal((JSON.parse(text) as { tag: string }).tag, "v1.0.0");
    } finally {
      await server.stop();
    }
  });

  it("DISTRO-17: has title, notes and bundles in its record", async () => {
    const inputs = await declare(
      "v1.0.0",
      {},
      {
        title: "MLOS v1.0.0",
        notes: "Includes Axon v1.5.0 + MLOS Core v1.0.0",
      },
    );
    await (await start()).create(release, inputs);
    const record = JSON.parse(
      await readFile(served("acme/hello/releases/tag/v1.0.0/release.json"), "utf8"),
    ) as Properties;
    assert.equal(record.title, "MLOS v1.0.0");
    assert.equal(record.notes, "Includes Axon v1.5.0 + MLOS Core v1.0.0");
    assert.equal((record.assets as unknown[]).length, 2);
  });

  it("PROD-02: writes nothing at preview, and nothing the second time", async () => {
    const inputs = await declare("v1.0.0");
    const provider = await start();
    const preview = await provider.create(release, inputs, true);
    assert.deepEqual(await tree(served()), []);
    const held = await provider.create(release, inputs);
    assert.deepEqual(held.state, preview.state);
    const before = await lstat(served("acme/hello/releases/download/v1.0.0/SHA256SUMS"));
    const observed = await provider.read(held);
    assert.ok(observed);
    assert.deepEqual((await provider.diff(observed, inputs)).changes, []);
    await (await start()).create(release, inputs);
    const after = await lstat(served("acme/hello/releases/download/v1.0.0/SHA256SUMS"));
    assert.deepEqual([after.ino, after.mtimeMs], [before.ino, before.mtimeMs]);
  });

  it("appears with all of its files at once", async () => {
    const many = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [`file-${index}`, `content ${index}`]),
    );
    const inputs = await declare("v1.0.0", many);
    const provider = await start();
    const seen = new Set<number>();
    let done = false;
    const watching = (async () => {
      while (!done) {
        const names = await readdir(served("acme/hello/releases/download/v1.0.0")).catch(() => undefined);
        if (names) seen.add(names.length);
        await nextTurn();
      }
    })();
    await provider.create(release, inputs);
    await nextTurn();
    done = true;
    await watching;
    assert.deepEqual([...seen], [42]);
    assert.deepEqual(await readdir(served("acme/hello/releases/download")), ["v1.0.0"]);
  });

  it("a release that fails half-way is not visible, and the next run completes it", async () => {
    const inputs = await declare("v1.0.0");
    await rm(at("dist/v1.0.0/SHA256SUMS"));
    const provider = await start();
    await assert.rejects(provider.create(release, inputs), /SHA256SUMS/);
    assert.deepEqual(await tree(served()), []);
    await mkdir(served("acme/hello/releases/download/.v0.9.0.1-0123456789ab.tmp"), { recursive: true });
    await declare("v1.0.0");
    await provider.create(release, inputs);
    assert.deepEqual(await readdir(served("acme/hello/releases/download")), ["v1.0.0"]);
  });

  it("an asset whose file is not what was declared is never published", async () => {
    const inputs = await declare("v1.0.0");
    await writeFile(at("dist/v1.0.0/hello_v1.0.0.tar.gz"), "tampered with");
    await assert.rejects((await start()).create(release, inputs), /does not match its digest/);
    assert.deepEqual(await tree(served()), []);
  });

  for (const [what, spoil, changes, named] of [
    [
      "a deleted asset",
      (folder: string) => rm(path.join(folder, "download/v1.0.0/hello_v1.0.0.tar.gz")),
      ["published", "newest"],
      /deleted hello_v1\.0\.0\.tar\.gz in .*, published as sha256:\w{12};/,
    ],
    [
      "an asset changed by hand",
      (folder: string) => writeFile(path.join(folder, "download/v1.0.0/SHA256SUMS"), "by hand"),
      ["published"],
      /changed SHA256SUMS in .* to sha256:\w{12}, published as sha256:\w{12};/,
    ],
    [
      "notes changed by hand",
      (folder: string) => writeFile(path.join(folder, "tag/v1.0.0/release.json"), "{}"),
      ["record", "newest"],
      /changed title, notes or list of files of .*v1\.0\.0;/,
    ],
    [
      "a latest file changed by hand",
      (folder: string) => writeFile(path.join(folder, "latest/download/SHA256SUMS"), "by hand"),
      ["newest"],
      /served under latest/,
    ],
    [
      "a file too many under latest",
      (folder: string) => writeFile(path.join(folder, "latest/download/extra"), ""),
      ["newest"],
      /served under latest/,
    ],
    [
      "latest removed",
      (folder: string) => rm(path.join(folder, "latest"), { recursive: true }),
      ["newest"],
      /served under latest/,
    ],
  ] as [string, (folder: string) => Promise<void>, string[], RegExp][]) {
    it(`drift: ${what} is seen, named and repaired`, async () => {
      const inputs = await declare("v1.0.0");
      const provider = await start();
      const held = await provider.create(release, inputs);
      const folder = served("acme/hello/releases");
      const contents = async () =>
        Object.fromEntries(
          await Promise.all(
            (await tree(folder)).map(async (name) => [name, await readFile(path.join(folder, name), "utf8")]),
          ),
        ) as Record<string, string>;
      const before = await contents();
      await spoil(folder);
      const from = provider.shown.length;
      const observed = await provider.read(held);
      assert.ok(observed);
      const sentences = provider.shown.slice(from).map(({ severity, text }) => `${severity}: ${text}`);
      assert.equal(sentences.length, 1, sentences.join("\n"));
      assert.match(sentences[0] ?? "", /^warning: somebody (changed|deleted) .*; `pulumi up` puts it back$/);
      assert.match(sentences[0] ?? "", named);
      assert.deepEqual((await provider.diff(observed, inputs)).changes.sort(), changes.sort());
      await provider.update(observed, inputs);
      assert.deepEqual(await contents(), before);
      const again = await provider.read(held);
      assert.ok(again);
      assert.deepEqual((await provider.diff(again, inputs)).changes, []);
    });
  }

  it("a whole release that was deleted is made again", async () => {
    const inputs = await declare("v1.0.0");
    const provider = await start();
    const held = await provider.create(release, inputs);
    const before = await tree(served());
    await rm(served("acme/hello/releases/download"), { recursive: true });
    assert.equal(await provider.read(held), undefined);
    await provider.create(release, inputs);
    assert.deepEqual(await tree(served()), before);
  });

  describe("a new version of it", () => {
    const files = (tag: string) => tree(served("acme/hello/releases/download", tag));

    it("PROD-07: is an update of the same resource, of which nothing is taken away", async () => {
      const provider = await start();
      const first = await provider.create(release, await declare("v1.0.0"));
      assert.equal(first.id, ".slipway/releases/acme/hello");
      const next = await declare("v1.1.0", { "more.txt": "more", "other.txt": "other" }, { notes: "More." });
      const { details, replaces } = await provider.diff(first, next);
      assert.deepEqual([details, replaces], [{ tag: "update", notes: "add" }, []]);

      const said = (from: number) => provider.messages.slice(from);
      let from = provider.shown.length;
      const planned = await provider.update(first, next, true);
      const words =
        "published with 4 files (SHA256SUMS, hello_v1.1.0.tar.gz, more.txt and 1 more); v1.0.0 stays";
      assert.deepEqual(said(from), [`.slipway/releases/acme/hello: v1.1.0 will be ${words}`]);
      assert.deepEqual(await files("v1.1.0"), []);
      from = provider.shown.length;
      const before = await lstat(served("acme/hello/releases/download/v1.0.0/SHA256SUMS"));
      const second = await provider.update(first, next);
      assert.deepEqual(said(from).sort(), [
        ".slipway/releases/acme/hello: latest is v1.1.0",
        `.slipway/releases/acme/hello: v1.1.0 is ${words}`,
      ]);
      assert.deepEqual(second.state, planned.state);
      const after = await lstat(served("acme/hello/releases/download/v1.0.0/SHA256SUMS"));
      assert.deepEqual([after.ino, after.mtimeMs], [before.ino, before.mtimeMs]);
      assert.deepEqual(await files("v1.0.0"), ["SHA256SUMS", "hello_v1.0.0.tar.gz"]);
      assert.equal((await files("v1.1.0")).length, 4);
      const observed = await provider.read(second);
      assert.ok(observed);
      assert.deepEqual((await provider.diff(observed, next)).changes, []);
    });

    it("is said at preview where its files are not known yet", async () => {
      const provider = await start();
      const first = await provider.create(release, await declare("v1.0.0"));
      const from = provider.shown.length;
      await provider.update(first, { ...(await declare("v1.1.0")), assets: [unknown, unknown] }, true);
      assert.deepEqual(provider.messages.slice(from), [
        ".slipway/releases/acme/hello: v1.1.0 will be published with 2 files; v1.0.0 stays",
      ]);
    });

    it("PROD-09: that fails leaves the state at the former one, from which the next run finishes it", async () => {
      const provider = await start();
      const first = await provider.create(release, await declare("v1.0.0"));
      const next = await declare("v1.1.0");
      await rm(at("dist/v1.1.0/SHA256SUMS"));
      await assert.rejects(provider.update(first, next), /SHA256SUMS/);
      assert.deepEqual(await files("v1.1.0"), []);
      // The engine keeps what it had, and observes that.
      const kept = await provider.read(first);
      assert.equal(kept?.state.tag, "v1.0.0");
      await declare("v1.1.0");
      const second = await provider.update(kept, next);
      assert.equal(second.state.tag, "v1.1.0");
      assert.deepEqual(await latestFiles(), ["SHA256SUMS", "hello_v1.1.0.tar.gz"]);
    });

    it("that is published with other content, or by a run that was cut off, is refused or taken over", async () => {
      const provider = await start();
      const first = await provider.create(release, await declare("v1.0.0"));
      const theirs = await declare("v1.1.0", { "hello_v1.1.0.tar.gz": "of somebody else" });
      await provider.create(release, theirs);
      const ours = await declare("v1.1.0");
      for (const preview of [true, false]) {
        await assert.rejects(
          provider.update(first, ours, preview),
          /hello_v1\.1\.0\.tar\.gz is published as/,
        );
      }
      const from = provider.shown.length;
      const second = await provider.update(
        first,
        await declare("v1.1.0", { "hello_v1.1.0.tar.gz": "of somebody else" }),
      );
      assert.equal(second.state.tag, "v1.1.0");
      assert.deepEqual(provider.messages.slice(from), [], "what is there is not announced");
    });

    it("can be followed by the former one, which is as it was", async () => {
      const provider = await start();
      const first = await declare("v1.0.0");
      const held = await provider.create(release, first);
      const second = await provider.update(held, await declare("v1.1.0"));
      const back = await provider.update(second, first);
      assert.equal(back.state.newest, "v1.1.0");
      assert.deepEqual(await files("v1.1.0"), ["SHA256SUMS", "hello_v1.1.0.tar.gz"]);
      assert.deepEqual(await latestFiles(), ["SHA256SUMS", "hello_v1.1.0.tar.gz"]);
    });
  });

  it("whose id has a tag, as the first release of Slipway made it, gets one without, and is as it was", async () => {
    const provider = await start();
    const inputs = await declare("v1.0.0");
    const held = await provider.create(release, inputs);
    const observed = await provider.read({
      ...held,
      id: ".slipway/releases/acme/hello/releases/tag/v1.0.0",
    });
    assert.equal(observed?.id, ".slipway/releases/acme/hello");
    assert.deepEqual((await provider.diff(observed, inputs)).changes, []);
  });

  /** What `latest/download` has. */
  const latestFiles = () => readdir(served("acme/hello/releases/latest/download"));

  it("latest is the highest stable version: not a pre-release, not a patch of an old line, not one that opted out", async () => {
    const provider = await start();
    const hold = async (tag: string, more: Properties = {}): Promise<Held> =>
      provider.create(release, await declare(tag, {}, more));
    await hold("v1.1.0-rc.1");
    await assert.rejects(latestFiles());
    await hold("v1.9.0");
    assert.deepEqual(await latestFiles(), ["SHA256SUMS", "hello_v1.9.0.tar.gz"]);
    const ten = await hold("v1.10.0");
    assert.deepEqual(await latestFiles(), ["SHA256SUMS", "hello_v1.10.0.tar.gz"]);
    const patch = await hold("v1.9.1");
    assert.equal(patch.state.newest, "v1.10.0");
    await hold("v2.0.0-rc.1");
    await hold("v3.0.0", { latest: false });
    await hold("nightly");
    assert.deepEqual(await latestFiles(), ["SHA256SUMS", "hello_v1.10.0.tar.gz"]);
    // A release that is removed by hand gives latest to the one before it.
    await rm(served("acme/hello/releases/download/v1.10.0"), { recursive: true });
    assert.equal(await provider.read(ten), undefined);
    const observed = await provider.read(patch);
    assert.ok(observed);
    const inputs = await declare("v1.9.1");
    assert.deepEqual((await provider.diff(observed, inputs)).changes, ["newest"]);
    await provider.update(observed, inputs);
    assert.deepEqual(await latestFiles(), ["SHA256SUMS", "hello_v1.9.1.tar.gz"]);
  });

  it("tags of components are folders, and latest is of one component", async () => {
    const provider = await start();
    const file = { "tool.tar.gz": "tool" };
    const hold = async (tag: string): Promise<Held> => {
      const { assets, ...rest } = await declare(tag.replaceAll("/", "-"), { ...file, "tag.txt": tag });
      return provider.create(release, { ...rest, assets, tag });
    };
    const latest = () =>
      readFile(served("acme/hello/releases/latest/download/tag.txt"), "utf8").catch(() => "none");
    const first = await hold("cli/v1.2.3");
    assert.equal(await latest(), "cli/v1.2.3");
    await hold("cli/v1.1.9");
    await hold("@acme/api@9.0.0");
    assert.equal(await latest(), "cli/v1.2.3", "not of another component, nor of an older version");
    const observed = await provider.read(first);
    assert.equal(observed?.state.newest, "cli/v1.2.3");
    await hold("cli/v1.10.0");
    assert.equal(await latest(), "cli/v1.10.0");
    await hold("v0.1.0");
    assert.equal(await latest(), "v0.1.0", "a version of the whole takes latest from any");
    await hold("cli/v2.0.0");
    assert.equal(await latest(), "v0.1.0");

    const server = await startStaticServer(served());
    try {
      for (const tag of ["cli/v1.2.3", "cli%2Fv1.2.3", "@acme/api@9.0.0"]) {
        const url = `${server.url}/acme/hello/releases/download/${tag}/tool.tar.gz`;
        assert.equal(await runClient("curl", ["-fsSL", url]), "tool", tag);
      }
    } finally {
      await server.stop();
    }
    const { assets, ...rest } = await declare("cli");
    await assert.rejects(
      provider.create(release, { ...rest, assets }),
      /download\/cli cannot be published beside the release cli\/v1\.1\.9: one would be in the folder of the other/,
    );
  });

  it("releases that are published at once leave latest at the highest", async () => {
    const provider = await start();
    const tags = ["v1.0.0", "v1.2.0", "v1.1.0", "v1.3.0-rc.1"];
    const declared = await Promise.all(tags.map((tag) => declare(tag)));
    await Promise.all(declared.map((inputs) => provider.create(release, inputs)));
    assert.deepEqual(await latestFiles(), ["SHA256SUMS", "hello_v1.2.0.tar.gz"]);
  });

  it("the same version with other content is refused, by the state and by the folder, unless it is replaceable", async () => {
    const provider = await start();
    const held = await provider.create(release, await declare("v1.0.0"));
    const changed = await declare("v1.0.0", { "hello_v1.0.0.tar.gz": "other content", SHA256SUMS: "" });
    const refusal =
      /hello_v1\.0\.0\.tar\.gz is published as sha256:\w+, and this program makes sha256:\w+\. A published version does not change/;
    await assert.rejects(provider.diff(held, changed), (error: Error) => {
      assert.ok(error instanceof CheckFailed);
      assert.equal(error.failures[0]?.property, "assets[0].digest");
      assert.match(error.message, refusal);
      return true;
    });
    for (const preview of [true, false]) {
      await assert.rejects((await start()).create(release, changed, preview), refusal);
    }
    assert.equal(
      await readFile(served("acme/hello/releases/download/v1.0.0/hello_v1.0.0.tar.gz"), "utf8"),
      "hello v1.0.0",
    );
    const replaceable = { ...changed, replaceable: true };
    const updated = await provider.update(held, replaceable);
    const observed = await provider.read(updated);
    assert.ok(observed);
    assert.deepEqual((await provider.diff(observed, replaceable)).changes, []);
    assert.equal(
      await readFile(served("acme/hello/releases/latest/download/hello_v1.0.0.tar.gz"), "utf8"),
      "other content",
    );
  });

  it("two runs that publish the same version at once do not both succeed", async () => {
    const provider = await start();
    const first = await declare("v1.0.0");
    await mkdir(at("other"));
    await writeFile(at("other/hello"), "another");
    const [asset] = first.assets as Properties[];
    const second = {
      ...first,
      assets: [{ ...asset, path: "other/hello", digest: digestOf("another") }],
    };
    const results = await Promise.allSettled(
      [first, second].map((inputs) => provider.create(release, inputs)),
    );
    const told = results.flatMap((result) => (result.status === "rejected" ? [String(result.reason)] : []));
    assert.equal(told.length, 1);
    for (const digest of [String(asset?.digest), digestOf("another")])
      assert.ok(told[0]?.includes(digest), told[0]);
    const won = results[0]?.status === "fulfilled" ? "hello v1.0.0" : "another";
    const file = served("acme/hello/releases/download/v1.0.0/hello_v1.0.0.tar.gz");
    assert.equal(await readFile(file, "utf8"), won);
  });

  it("a release that another project places in the same folder meanwhile stays as it is", async () => {
    await writeFile(at("hello"), "hello");
    const directory = new ReleaseDirectory(at("shared"), async (file) => digestOf(await readFile(file)));
    const files = [{ name: "hello", path: at("hello"), digest: digestOf("hello") }];
    const record = { tag: "v1.0.0", title: "", notes: "", prerelease: false, latest: true, assets: files };
    const theirs = at("shared/releases/download/v1.0.0");
    const meanwhile = () => {
      mkdirSync(theirs, { recursive: true });
      writeFileSync(path.join(theirs, "hello"), "theirs");
    };
    await assert.rejects(
      directory.publish(files, record, { refuse: meanwhile }),
      /v1\.0\.0 has appeared meanwhile: another run published v1\.0\.0 at the same time/,
    );
    assert.equal(await readFile(path.join(theirs, "hello"), "utf8"), "theirs");
    assert.deepEqual(await readdir(path.dirname(theirs)), ["v1.0.0"]);
  });

  it("CORE-25: a further asset, where the release is replaceable, touches nothing that is published", async () => {
    const provider = await start();
    const first = await declare("v1.0.0", { SHA256SUMS: "sums" }, { replaceable: true });
    const held = await provider.create(release, first);
    const file = served("acme/hello/releases/download/v1.0.0/hello_v1.0.0.tar.gz");
    const { ino } = await lstat(file);
    const more = await declare("v1.0.0", { SHA256SUMS: "sums", "hello.zip": "zip" }, { replaceable: true });
    assert.deepEqual((await provider.diff(held, more)).changes.sort(), ["published", "record"]);
    const updated = await provider.update(held, more);
    assert.equal((await lstat(file)).ino, ino);
    // What no sums list any more goes, from latest too; what is published stays when all leaves the program.
    assert.deepEqual((await provider.diff(updated, first)).changes.sort(), ["published", "record"]);
    const back = await provider.update(updated, first);
    assert.ok(!(await readdir(path.dirname(file))).includes("hello.zip"));
    assert.ok(!(await latestFiles()).includes("hello.zip"));
    const observed = await provider.read(back);
    assert.ok(observed);
    assert.deepEqual((await provider.diff(observed, first)).changes, []);
    await provider.delete(back);
    assert.ok((await readdir(path.dirname(file))).includes("SHA256SUMS"));
    assert.ok(provider.messages.some((text) => /stays: it was removed from the program/.test(text)));
  });

  describe("a published version has the files that it was published with", () => {
    const zip = { name: "hello.zip", path: "hello.zip", digest: digestOf("zip") };
    const added =
      /hello\.zip would be added to .*v1\.0\.0, which is published without it\. Release the change under a new version, .*rebuilt.*replaceable: true/;
    const cases: [
      what: string,
      change: (assets: Properties[]) => unknown[],
      property: string,
      reason: RegExp,
    ][] = [
      ["one more", (assets) => [...assets, zip], "assets[2].name", added],
      [
        "one that is not known yet, more",
        (assets) => [...assets, unknown],
        "assets",
        /a file would be added to .*v1\.0\.0, which is published\. .*new version/,
      ],
      [
        "one less",
        (assets) => assets.slice(1),
        "assets",
        /hello_v1\.0\.0\.tar\.gz would be taken from .*v1\.0\.0, which is published with it\. .*new version/,
      ],
      ["another name", (assets) => [...assets.slice(1), zip], "assets[1].name", added],
    ];
    for (const [what, change, property, reason] of cases) {
      it(`${what} is refused at preview, unless it is replaceable, and not of another version`, async () => {
        const provider = await start();
        const inputs = await declare("v1.0.0", { SHA256SUMS: "sums" });
        const held = await provider.create(release, inputs);
        const assets = change(inputs.assets as Properties[]);
        await assert.rejects(provider.diff(held, { ...inputs, assets }), (error: Error) => {
          assert.ok(error instanceof CheckFailed, error.message);
          assert.equal(error.failures[0]?.property, property);
          assert.match(error.failures[0]?.reason ?? "", reason);
          return true;
        });
        await provider.diff(held, { ...inputs, assets, replaceable: true });
        await provider.diff(held, { ...inputs, assets, tag: "v1.0.1" });
      });
    }

    it("one that is declared replaceable by itself may come and go", async () => {
      const provider = await start();
      const inputs = await declare("v1.0.0", { SHA256SUMS: "sums" });
      const held = await provider.create(release, inputs);
      await writeFile(at("hello.zip"), "zip");
      const more = { ...inputs, assets: [...(inputs.assets as unknown[]), { ...zip, replaceable: true }] };
      const updated = await provider.update(held, more);
      await provider.update(updated, inputs);
      assert.deepEqual(await readdir(served("acme/hello/releases/download/v1.0.0")), [
        "SHA256SUMS",
        "hello_v1.0.0.tar.gz",
      ]);
    });
  });

  describe("what somebody else puts into a served folder", () => {
    const folder = (...parts: string[]) => served("acme/hello/releases", ...parts);
    const own = ["SHA256SUMS", "hello_v1.0.0.tar.gz"];

    it("in the folder of a release never gets under latest, and is named", async () => {
      const provider = await start();
      const held = await provider.create(release, await declare("v1.0.0"));
      await writeFile(folder("download/v1.0.0/installer.sh"), "foreign");
      await mkdir(folder("download/v1.0.0/more"));
      const inputs = await declare("v1.0.0", {}, { notes: "new" });
      await provider.update(held, inputs);
      assert.deepEqual(await latestFiles(), own);
      const told = provider.messages.filter((text) =>
        /installer\.sh, more\. Move it away, or release it/.test(text),
      );
      assert.equal(told.length, 1);
      await rm(folder("latest"), { recursive: true });
      await provider.create(release, inputs);
      assert.deepEqual(await latestFiles(), own);
      assert.equal(await readFile(folder("download/v1.0.0/installer.sh"), "utf8"), "foreign");
    });

    it("before the first release is not a release, whatever its version", async () => {
      await mkdir(folder("download/v9.0.0"), { recursive: true });
      await writeFile(folder("download/v9.0.0/hello"), "foreign");
      const held = await (await start()).create(release, await declare("v1.0.0"));
      assert.equal(held.state.newest, "v1.0.0");
      assert.deepEqual(await latestFiles(), own);
    });

    it("in the place of a released file does not get under latest with the next release", async () => {
      const provider = await start();
      const newest = await declare("v2.0.0");
      const held = await provider.create(release, newest);
      await writeFile(folder("download/v2.0.0/SHA256SUMS"), "foreign");
      await provider.create(release, await declare("v1.9.0"));
      assert.match(await readFile(folder("latest/download/SHA256SUMS"), "utf8"), /hello_v2/);
      await rm(folder("latest"), { recursive: true });
      await assert.rejects(
        provider.create(release, await declare("v1.9.1")),
        /latest would be v2\.0\.0, of which a file .* is not what was released: .*\. Run the program that releases v2\.0\.0/,
      );
      assert.ok(!(await tree(folder("latest"))).includes("download/SHA256SUMS"));
      const observed = await provider.read(held);
      assert.ok(observed);
      await provider.update(observed, newest);
      assert.match(await readFile(folder("latest/download/SHA256SUMS"), "utf8"), /hello_v2/);
    });

    for (const [what, record] of [
      ["is not JSON", "{"],
      ["lists no files", "{}"],
      ["lists a path", JSON.stringify({ assets: [{ name: "../hello", digest: digestOf("") }] })],
    ] as const) {
      it(`in the place of a record that ${what} leaves latest as it is`, async () => {
        const provider = await start();
        await provider.create(release, await declare("v2.0.0"));
        await writeFile(folder("tag/v2.0.0/release.json"), record);
        await assert.rejects(
          provider.create(release, await declare("v1.9.0")),
          /tag\/v2\.0\.0\/release\.json is damaged, so latest stays as it is.* Run the program that releases v2\.0\.0 again/,
        );
        assert.deepEqual(await latestFiles(), ["SHA256SUMS", "hello_v2.0.0.tar.gz"]);
        assert.ok((await tree(folder("download/v1.9.0"))).includes("SHA256SUMS"));
        await provider.create(release, await declare("v2.0.0"));
        await provider.create(release, await declare("v1.9.0"));
      });
    }
  });

  it("files can be read by a web server, whatever the mode of the sources", async () => {
    const inputs = await declare("v1.0.0");
    await chmod(at("dist/v1.0.0/SHA256SUMS"), 0o600);
    await (await start()).create(release, inputs);
    for (const name of await tree(served()))
      assert.equal((await lstat(served(name))).mode & 0o777, 0o644, name);
  });

  it("is unknown where an asset is; unknown evidence does not matter", async () => {
    const provider = await start();
    const inputs = await declare("v1.0.0");
    const preview = await provider.create(release, { ...inputs, evidence: unknown }, true);
    assert.equal(typeof preview.state.record, "string");
    const open = await provider.create(
      release,
      { ...inputs, assets: [{ name: "a", path: "a", digest: unknown }] },
      true,
    );
    assert.equal(open.state.published, unknown);
    const elsewhere = await provider.create(release, { ...inputs, tag: unknown }, true);
    assert.equal(elsewhere.state.published, unknown);
    assert.deepEqual(await tree(served()), []);
  });

  it("PROD-02: names at preview the files of a release that is not there yet, as far as they are known", async () => {
    const provider = await start();
    const inputs = await declare("v1.1.0");
    const told = () => provider.messages.filter((text) => text.includes("will be published"));
    await provider.create(release, { ...inputs, assets: [...(inputs.assets as unknown[]), unknown] }, true);
    assert.deepEqual(told(), [
      ".slipway/releases/acme/hello: v1.1.0 will be published with 3 files (SHA256SUMS, hello_v1.1.0.tar.gz and 1 more)",
    ]);
    await provider.create(release, inputs);
    await provider.create(release, inputs, true);
    assert.equal(told().length, 1, "what is there is not announced");
  });

  for (const [what, change, property, reason] of [
    ["a tag that git does not take", { tag: "a//b" }, "tag", /"a\/\/b" is not a git tag.*"v1\./],
    ["a tag that leads out", { tag: ".." }, "tag", /is not a git tag/],
    ["a tag that leads out of its folder", { tag: "a/../b" }, "tag", /is not a git tag/],
    ["a tag that starts at the root", { tag: "/a" }, "tag", /is not a git tag/],
    ["a name that leads out", { name: "../x" }, "name", /is not valid.*"acme\/hello"/],
    ["no assets", { assets: [] }, "assets", /at least one asset/],
    [
      "two assets of one name",
      { assets: [1, 2].map((index) => ({ name: "a", path: `${index}`, digest: digestOf("") })) },
      "assets[1].name",
      /is listed twice/,
    ],
    ["an asset without digest", { assets: [{ name: "a", path: "a" }] }, "assets[0].digest", /is missing/],
  ] as [string, Properties, string, RegExp][]) {
    it(`is refused with ${what}`, async () => {
      const provider = await start();
      const inputs = await declare("v1.0.0");
      await assert.rejects(provider.check(release, { ...inputs, ...change }), (error: Error) => {
        assert.ok(error instanceof CheckFailed, error.message);
        assert.equal(error.failures[0]?.property, property);
        assert.match(error.failures[0]?.reason ?? "", reason);
        return true;
      });
    });
  }
});
