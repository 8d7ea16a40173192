import assert from "node:assert/strict";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import * as path from "node:path";
import { digestOf } from "../../lib/oci/digest";
import type { Properties } from "../../provider/base/properties";
import { unknown } from "../../provider/base/unknown";
import { crane } from "../support/clients";
import { FakeGitHub } from "../support/fake-github";
import { startDistribution } from "../support/registries";
import type { Held, ProviderProcess } from "../support/provider-process";
import { pushImage, registryKinds, useWorkbench, type Workbench } from "./workbench";

const type = "slipway:release:Ledger";
const release = "slipway:release:Directory";
const signature = "slipway:trust:Signature";

for (const { name, start } of registryKinds) {
  describe(`what was published stays watched in ${name}`, function () {
    let bench: Workbench;
    let provider: ProviderProcess;
    let serial: number;
    let repository: string;
    let digests: string[];

    useWorkbench({ start, tools: ["registry", "crane"], folder: "ledger/test" }, (test) => {
      ({ bench, provider, repository, serial } = test);
    });

    /** Sets tags as a release does. */
    async function tag(digest: string | undefined, ...names: string[]): Promise<void> {
      for (const one of names) await crane(["tag", `${bench.direct(repository)}@${digest}`, one]);
    }

    /** Deletes a tag and what it points to: one of the registries deletes either by itself. */
    async function lose(tag: string, digest: string | undefined): Promise<void> {
      for (const one of [`:${tag}`, `@${digest}`]) {
        await crane(["delete", `${bench.direct(repository)}${one}`]).catch(() => undefined);
      }
    }

    /** What a program declares of a version: its tag, and its aliases. */
    function declared(version: string, digest: string, more: Properties = {}): Properties {
      const [, major, minor] = /^v(\d+)\.(\d+)/.exec(version) ?? [];
      const alias = (tag: string, within: string) => ({ tag, moves: "highest", version, within });
      const aliases = [alias(`v${major}.${minor}`, `${major}.${minor}`), alias("latest", "")];
      const pointers = (tags: readonly { tag: string }[]): Properties =>
        Object.fromEntries(tags.map(({ tag }) => [tag, digest]));
      const fixed = [{ tag: version, moves: "never" }];
      return {
        version,
        images: [
          { repository, tags: fixed, pointers: pointers(fixed) },
          { repository, tags: aliases, pointers: pointers(aliases) },
        ],
        ...more,
      };
    }

    /** Publishes a line of versions; returns the ledger after the last of them. */
    async function published(...versions: string[]): Promise<Held> {
      digests = [];
      let held: Held | undefined;
      for (const version of versions) {
        const digest = await pushImage(provider, repository);
        digests.push(digest);
        await tag(digest, version, version.replace(/\.\d+$/, ""), "latest");
        const inputs = declared(version, digest);
        held = held ? await provider.update(held, inputs) : await provider.create(type, inputs);
      }
      assert.ok(held);
      return held;
    }

    async function drift(held: Held): Promise<Properties> {
      const found = await provider.read(held);
      return found?.state.drift as Properties;
    }

    /** What a call says beside the resource. */
    async function said(work: () => Promise<unknown>): Promise<string[]> {
      const before = provider.shown.length;
      await work();
      return provider.shown
        .slice(before)
        .filter(({ ephemeral }) => !ephemeral)
        .map(({ severity, text }) => `${severity}: ${text}`);
    }

    it("with its tags and the time, and a version that is there is no change", async () => {
      const held = await published("v1.0.0", "v1.0.1", "v1.1.0");
      const versions = Object.entries(held.state.versions as Record<string, string>).map(
        ([version, text]) => [version, ...text.split("\n")] as const,
      );
      assert.deepEqual(
        versions.map(([version, _at, ...lines]) => [version, ...lines]),
        ["v1.0.0", "v1.0.1", "v1.1.0"].map((version, index) => [
          version,
          `tag ${repository}:${version} ${digests[index]}`,
        ]),
      );
      for (const [, at] of versions) assert.match(at ?? "", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      // Whose an alias was last: not those that a version of its line has taken.
      const aliases = held.state.aliases as Record<string, { version: string }>;
      assert.deepEqual(
        Object.entries(aliases)
          .map(([reference, { version }]) => [reference.split(":").at(-1), version])
          .sort(),
        [
          ["latest", "v1.1.0"],
          ["v1.0", "v1.0.1"],
          ["v1.1", "v1.1.0"],
        ],
      );
      const found = await provider.read(held);
      assert.ok(found);
      assert.deepEqual((await provider.diff(found, held.inputs)).details, {});
    });

    it("with its files, whatever their names; a state of before is taken over as it is", async () => {
      const files = { "a name with spaces, and 100%25.txt": digestOf("a"), SHA256SUMS: digestOf("b") };
      const releases = [
        { directory: `served ${serial}`, tag: "v1.0.0", files },
        { directory: "not here", tag: "v1.0.0", files: { ...files, "\u00a0": digestOf("c") } },
      ];
      const digest = await pushImage(provider, repository);
      await tag(digest, "v1.0.0", "v1.0", "latest");
      const inputs = declared("v1.0.0", digest, { releases });
      const held = await provider.create(type, inputs);
      const { "v1.0.0": text } = held.state.versions as Record<string, string>;
      const tags = { [`${repository}:v1.0.0`]: digest };
      const versions = { "v1.0.0": { published: text?.split("\n")[0], tags, releases } };
      const before = { ...held, state: { ...held.state, versions } };
      const found = await provider.read(before);
      assert.ok(found);
      assert.deepEqual(found.state.versions, held.state.versions);
      assert.deepEqual((await provider.diff(found, inputs)).details, {});
      assert.deepEqual((await provider.diff(before, inputs)).details, {});
    });

    it("with one request for each earlier tag, and none for what the program declares", async () => {
      const held = await published("v1.0.0", "v1.1.0", "v1.2.0");
      bench.forget();
      assert.deepEqual(await drift(held), {});
      const asked = bench.proxy.requests.map(({ method, path: target }) => `${method} ${target}`);
      const manifests = `/v2/${repository.split("/").slice(1).join("/")}/manifests`;
      assert.deepEqual(
        asked.filter((line) => line.includes("/manifests/")).sort(),
        ["v1.0", "v1.0.0", "v1.1", "v1.1.0"].map((one) => `HEAD ${manifests}/${one}`),
      );
    });

    it("and what was moved or deleted is named, and put back", async () => {
      const held = await published("v1.0.0", "v1.1.0", "v1.2.0");
      const [first = "", second = "", third = ""] = digests;
      await tag(third, "v1.0.0", "v1.0");
      await crane(["delete", `${bench.direct(repository)}:v1.1.0`]);
      const found = await provider.read(held);
      assert.ok(found);
      const { "v1.1.0": deleted, ...moved } = Object.fromEntries(
        Object.entries(found.state.drift as Properties).map(([reference, what]) => [
          reference.slice(repository.length + 1),
          what,
        ]),
      );
      assert.equal(deleted, "gone");
      assert.equal(moved["v1.0.0"], third);
      assert.equal(moved["v1.0"], third);
      const { changes } = await provider.diff(found, held.inputs);
      assert.deepEqual(changes, ["drift"]);

      /** Tags that were looked at, since the last observation. */
      const looked = () =>
        bench.proxy.requests.flatMap(({ method, path: target }) =>
          method === "HEAD" && !target.includes("sha256:") ? [target.split("/").at(-1)] : [],
        );
      bench.forget();
      const lines = await said(() => provider.update(found, held.inputs, true));
      assert.deepEqual(bench.writeLines(), []);
      // An alias alone, and what is higher: it may be that of a version that is not known here.
      assert.deepEqual(looked(), ["v1.0"]);
      const alarm = lines.find((line) => line.includes(`${repository}:v1.0.0 `)) ?? "";
      assert.match(alarm, /^warning: somebody MOVED THE VERSION TAG/);
      assert.ok(alarm.includes(first) && alarm.includes(third), alarm);
      assert.ok(
        lines.some((line) => line.startsWith(`warning: somebody deleted ${repository}:v1.1.0, published`)),
      );
      assert.ok(
        lines.some((line) => line.includes('watch: { except: ["v1.0.0"')),
        lines.join("\n"),
      );

      bench.forget();
      const mended = await provider.update(found, held.inputs);
      assert.deepEqual(mended.state.drift, {});
      assert.deepEqual(looked(), ["v1.0"]);
      assert.equal(await bench.digestOf(`${repository}:v1.1.0`), second);
      assert.deepEqual(await drift(mended), {});
      assert.equal(await bench.digestOf(`${repository}:v1.0.0`), first);
      assert.equal(await bench.digestOf(`${repository}:v1.0`), first);
    });

    it("and what was moved while a version was the last one is put back by the run that publishes the next", async () => {
      const held = await published("v1.0.0", "v1.1.0");
      const next = await pushImage(provider, repository);
      await tag(next, "v1.1.0", "v1.2.0", "v1.2", "latest");
      const found = await provider.read(held);
      assert.ok(found);
      assert.deepEqual(found.state.drift, {}, "the resource of the tag looks at it");
      bench.forget();
      const later = await provider.update(found, declared("v1.2.0", next));
      assert.deepEqual(later.state.drift, {});
      assert.equal(await bench.digestOf(`${repository}:v1.1.0`), digests[1]);
      assert.equal(await bench.digestOf(`${repository}:v1.2.0`), next);
    });

    it("and content that is gone comes from another place that has it", async () => {
      const mirror = `${repository}-mirror`;
      const held = await published("v1.0.0");
      const [digest = ""] = digests;
      await crane(["copy", `${bench.direct(repository)}:v1.0.0`, `${bench.direct(mirror)}:v1.0.0`]);
      const inputs = declared("v1.0.0", digest);
      const copies = [
        { repository: mirror, tags: [{ tag: "v1.0.0", moves: "never" }], pointers: { "v1.0.0": digest } },
      ];
      const both = await provider.update(held, { ...inputs, images: [...(inputs.images as []), ...copies] });
      const next = await pushImage(provider, repository);
      await tag(next, "v1.1.0", "v1.1", "latest");
      const later = await provider.update(both, declared("v1.1.0", next));
      await lose("v1.0.0", digest);
      // What this run has pushed would be waited for.
      provider = await bench.provider();
      const found = await provider.read(later);
      assert.ok(found);
      assert.equal((found.state.drift as Properties)[`${repository}:v1.0.0`], "gone");
      const mended = await provider.update(found, later.inputs);
      assert.deepEqual(mended.state.drift, {});
      await crane(["validate", "--remote", `${bench.direct(repository)}:v1.0.0`]);
    });

    it("and content that is nowhere is told with what is left to do, at every run", async () => {
      const held = await published("v1.0.0", "v1.1.0");
      await lose("v1.0.0", digests[0]);
      await lose("v1.0", digests[0]);
      provider = await bench.provider();
      const found = await provider.read(held);
      assert.ok(found);
      let left: Held | undefined;
      const lines = await said(async () => (left = await provider.update(found, held.inputs)));
      assert.ok(
        lines.some((line) =>
          /^warning: cannot be put back: .*:v1\.0\.0.* no other place is known/.test(line),
        ),
        lines.join("\n"),
      );
      assert.ok(left);
      const again = await provider.read(left);
      assert.ok(again);
      assert.deepEqual((await provider.diff(again, held.inputs)).changes, ["drift"]);
      // Declared to be left alone, it is.
      const except = { ...held.inputs, watch: { except: ["v1.0.0", "v1.0"] } };
      const quiet = await provider.update(again, except);
      assert.deepEqual(await drift(quiet), {});
      assert.deepEqual((await provider.diff(quiet, except)).changes, []);
    });

    /** A version with a signature, and the ledger after a later one. */
    async function signed(mirror?: string): Promise<{ held: Held; subject: string; referrer: string }> {
      const subject = await pushImage(provider, repository);
      const signer = { key: ".slipway/keys/cosign.key", generate: true };
      const { state } = await provider.create(signature, {
        repository,
        subjects: [{ digest: subject }],
        signer,
      });
      const [{ referrer = "" } = {}] = state.signatures as { referrer: string }[];
      await tag(subject, "v1.0.0", "v1.0", "latest");
      const proofs = [{ subject, kind: "signature", referrer }];
      const inputs = declared("v1.0.0", subject, { proofs });
      if (mirror !== undefined) {
        const tags = [{ tag: "v1.0.0", moves: "never" }];
        await provider.create("slipway:oci:Mirror", {
          source: repository,
          target: mirror,
          digest: subject,
          tags,
        });
        const copy = { repository: mirror, tags, pointers: { "v1.0.0": subject } };
        inputs.images = [...(inputs.images as Properties[]), copy];
      }
      const first = await provider.create(type, inputs);
      const next = await pushImage(provider, repository);
      await tag(next, "v1.1.0", "v1.1", "latest");
      return { held: await provider.update(first, declared("v1.1.0", next)), subject, referrer };
    }

    /** Takes a proof away, and the list that it is in where the registry makes none. */
    async function loseProof(subject: string, referrer: string): Promise<void> {
      await crane(["delete", `${bench.direct(repository)}@${referrer}`]);
      await loseList(subject);
    }

    async function loseList(subject: string): Promise<void> {
      await crane(["delete", `${bench.direct(repository)}:${subject.replace(":", "-")}`]).catch(
        () => undefined,
      );
    }

    it("with its proofs, by one list for each image", async () => {
      const { held, subject, referrer } = await signed();
      const [, line] =
        /^proofs (.*)$/m.exec((held.state.versions as Record<string, string>)["v1.0.0"] ?? "") ?? [];
      assert.equal(line, `${subject} signature ${referrer}`);
      bench.forget();
      assert.deepEqual(await drift(held), {});
      const lists = bench.proxy.requests.filter(({ path: target }) => /\/referrers\/|sha256-/.test(target));
      assert.equal(lists.length, 1, JSON.stringify(lists));
      assert.ok(lists.every(({ path: target }) => target.includes(subject.slice(7))));
      const none = { ...held.inputs, watch: { versions: 0 } };
      bench.forget();
      assert.deepEqual(await drift({ ...held, inputs: none }), {});
      assert.deepEqual(
        bench.proxy.requests.filter(({ path: target }) => /\/referrers\/|sha256-/.test(target)),
        [],
      );
    });

    it("and a proof that is lost is named, and fetched from another place that has it", async () => {
      const { held, subject, referrer } = await signed(`${repository}-mirror`);
      await loseProof(subject, referrer);
      provider = await bench.provider();
      const found = await provider.read(held);
      assert.ok(found);
      assert.deepEqual(found.state.drift, { [`${repository}@${referrer}`]: "gone" });
      const [line] = await said(() => provider.update(found, held.inputs, true));
      assert.ok(
        line?.startsWith(`warning: somebody deleted the signature of ${repository}:v1.0.0, published`),
        line,
      );
      const mended = await provider.update(found, held.inputs);
      assert.deepEqual(mended.state.drift, {});
      assert.deepEqual(await drift(mended), {});
      await crane(["manifest", `${bench.direct(repository)}@${referrer}`]);
    });

    it("and a proof that is nowhere is told with why, and made by nobody else", async () => {
      const { held, subject, referrer } = await signed();
      await loseProof(subject, referrer);
      provider = await bench.provider();
      const found = await provider.read(held);
      assert.ok(found);
      bench.forget();
      let left: Held | undefined;
      const lines = await said(async () => (left = await provider.update(found, held.inputs)));
      const expected = new RegExp(
        `^warning: cannot be put back: .* the signature of .* ${referrer} is no longer in .* Check out v1\\.0\\.0`,
      );
      assert.ok(
        lines.some((line) => expected.test(line)),
        lines.join("\n"),
      );
      assert.deepEqual(bench.writeLines(), []);
      assert.deepEqual(left?.state.drift, found.state.drift);
      // The program of that version has made another: that is the one that is watched from now on.
      assert.ok(left);
      const proofs = [{ subject, kind: "signature", referrer: subject }];
      const anew = await provider.update(left, declared("v1.0.0", subject, { proofs }));
      const text = (anew.state.versions as Record<string, string>)["v1.0.0"] ?? "";
      assert.ok(text.includes(`signature ${subject}`) && !text.includes(referrer), text);
    });

    // Where the registry makes the list, nobody else can take it away.
    if (name === "CNCF Distribution")
      it("and a proof that is there and not listed is listed again", async () => {
        const { held, subject, referrer } = await signed();
        await loseList(subject);
        const found = await provider.read(held);
        assert.ok(found);
        assert.deepEqual(found.state.drift, { [`${repository}@${referrer}`]: "gone" });
        bench.forget();
        const mended = await provider.update(found, held.inputs);
        assert.deepEqual(mended.state.drift, {});
        assert.ok(
          bench.writeLines().every((line) => line.startsWith("PUT ") && line.includes("/manifests/")),
        );
        assert.deepEqual(await drift(mended), {});
      });

    it("but an alias that a higher version took is that one's", async () => {
      const held = await published("v1.0.0", "v1.1.0");
      const patch = await pushImage(provider, repository);
      await tag(patch, "v1.0.1", "v1.0");
      assert.deepEqual(await drift(held), {});
      await tag(digests[1], "v1.0");
      const found = await provider.read(held);
      assert.ok(found);
      assert.deepEqual(found.state.drift, { [`${repository}:v1.0`]: digests[1] });
      await provider.update(found, held.inputs);
      assert.equal(await bench.digestOf(`${repository}:v1.0`), patch);
    });

    it("as deep as is declared, the latest first", async () => {
      const held = await published("v1.0.0", "v1.1.0", "v1.2.0");
      const one = await provider.update(held, { ...held.inputs, watch: { versions: 1 } });
      await tag(digests[2], "v1.0.0");
      assert.deepEqual(await drift(one), {});
      await tag(digests[2], "v1.1.0");
      assert.deepEqual(await drift(one), { [`${repository}:v1.1.0`]: digests[2] });
    });

    it("and a registry that does not answer is told once, and what was known of it stays", async () => {
      const held = await published("v1.0.0", "v1.1.0");
      await tag(digests[1], "v1.0.0");
      const found = await provider.read(held);
      assert.ok(found);
      const elsewhere = { ...held.inputs, images: [] };
      bench.proxy.inject({ fault: { kind: "respond", status: 403 } });
      let again: Held | undefined;
      const lines = await said(async () => (again = await provider.read({ ...found, inputs: elsewhere })));
      assert.equal(lines.length, 1, lines.join("\n"));
      assert.match(
        lines[0] ?? "",
        /^warning: .*: whether its earlier versions are as they were published is not known/,
      );
      assert.deepEqual(again?.state.drift, found.state.drift);
    });

    it("and a new version is told with the former one and its places", async () => {
      const held = await published("v1.0.0", "v1.1.0");
      const next = declared("v1.2.0-rc.1", digests[0] ?? "");
      const unnamed = provider.shown.length;
      assert.deepEqual(await said(() => provider.update(held, held.inputs)), []);
      assert.equal(provider.shown.length, unnamed);
      const lines = await said(() => provider.update(held, next, true));
      assert.equal(lines.length, 1);
      assert.match(
        lines[0] ?? "",
        /^info: \S+ v1\.1\.0 → v1\.2\.0-rc\.1 in 127\.0\.0\.1:\d+\/ledger\/test-\d+$/,
      );
    });

    it("and an unknown digest of what is built now hides nothing of it", async () => {
      const held = await published("v1.0.0", "v1.1.0");
      await tag(digests[1], "v1.0.0");
      const found = await provider.read(held);
      assert.ok(found);
      const next = declared("v1.2.0", "");
      (next.images as Properties[]).forEach((image) => (image.pointers = unknown));
      const lines = await said(() => provider.update(found, next, true));
      assert.ok(
        lines.some((line) => line.includes("MOVED THE VERSION TAG")),
        lines.join("\n"),
      );
      assert.deepEqual((await provider.diff(found, next)).changes.sort(), ["drift", "version"]);
    });

    it("and files of earlier releases are put back from another folder, or the cache", async () => {
      const folders = [`served-${serial}`, `copy-${serial}`];
      const files: Record<string, string> = { "hello.tar.gz": `archive ${serial}`, SHA256SUMS: "" };
      files.SHA256SUMS = `${digestOf(files["hello.tar.gz"] ?? "").slice(7)}  hello.tar.gz\n`;
      const assets = [];
      for (const [file, text] of Object.entries(files)) {
        await bench.write(`dist/${serial}/${file}`, text);
        assets.push({ name: file, path: `dist/${serial}/${file}`, digest: digestOf(text) });
      }
      const releases = [];
      for (const directory of folders) {
        const { state } = await provider.create(release, { directory, tag: "v1.0.0", assets });
        releases.push({ directory, tag: "v1.0.0", files: state.published });
      }
      const first = await provider.create(type, { version: "v1.0.0", images: [], releases });
      const held = await provider.update(first, { version: "v1.1.0", images: [] });
      const at = (...parts: string[]) => path.join(bench.project, ...parts);
      const served = (folder: string, file: string) => at(folder, "releases/download/v1.0.0", file);
      await rm(served(folders[0] ?? "", "hello.tar.gz"));
      await writeFile(served(folders[0] ?? "", "SHA256SUMS"), "changed");
      await rm(served(folders[1] ?? "", "SHA256SUMS"));
      await rm(at(folders[1] ?? "", "releases/latest"), { recursive: true });
      await rm(at(folders[0] ?? "", "releases/latest"), { recursive: true });
      const found = await provider.read(held);
      assert.ok(found);
      assert.deepEqual(found.state.drift, {
        [`${folders[1]}/releases/download/v1.0.0/SHA256SUMS`]: "gone",
        [`${folders[0]}/releases/download/v1.0.0/SHA256SUMS`]: digestOf("changed"),
        [`${folders[0]}/releases/download/v1.0.0/hello.tar.gz`]: "gone",
      });
      const mended = await provider.update(found, held.inputs);
      assert.deepEqual(mended.state.drift, {});
      for (const folder of folders) {
        for (const [file, text] of Object.entries(files)) {
          assert.equal(await readFile(served(folder, file), "utf8"), text);
        }
      }
      // A checkout without the folder says nothing of it.
      for (const folder of folders) await rm(at(folder), { recursive: true });
      assert.deepEqual(await drift(mended), {});
    });
  });
}

describe("what was released on GitHub stays watched", () => {
  let fake: FakeGitHub;
  let bench: Workbench;
  let provider: ProviderProcess;

  const [kind] = registryKinds;
  useWorkbench(
    { start: kind?.start ?? startDistribution, tools: ["registry"], folder: "ledger/github" },
    (test) => {
      ({ bench } = test);
    },
  );
  before(async () => {
    fake = await FakeGitHub.start();
    provider = await bench.provider({ github: { endpoint: fake.url, token: fake.token } });
  });
  afterEach(() => assert.deepEqual(fake.violations, [], "GitHub's OpenAPI description is kept to"));
  after(() => fake?.stop());

  it("with one list for all versions; what was deleted is put back from a folder that has it", async () => {
    const repository = fake.repository("acme/hello");
    await mkdir(path.join(bench.project, "dist"), { recursive: true });
    let held: Held | undefined;
    for (const version of ["v1.0.0", "v1.1.0", "v1.2.0"]) {
      const file = `hello_${version}.tar.gz`;
      await bench.write(`dist/${file}`, `archive ${version}`);
      const digest = digestOf(`archive ${version}`);
      const asset = { name: file, path: `dist/${file}` };
      const onGitHub = await provider.create(
        "slipway:github:Release",
        { repository: "acme/hello", tag: version, notes: version, assets: [asset] },
        false,
        version,
      );
      const inFolder = await provider.create(
        release,
        { directory: "served", tag: version, assets: [{ ...asset, digest }] },
        false,
        version,
      );
      const inputs = {
        version,
        images: [],
        releases: [
          { github: "acme/hello", tag: version, files: onGitHub.state.digests },
          { directory: "served", tag: version, files: inFolder.state.published },
        ],
      };
      held = held ? await provider.update(held, inputs) : await provider.create(type, inputs);
    }
    assert.ok(held);
    fake.forget();
    // The list is asked for once a run.
    const look = () => bench.provider({ github: { endpoint: fake.url, token: fake.token } });
    const same = await (await look()).read(held);
    assert.deepEqual(same?.state.drift, {});
    assert.equal(fake.requests.length, 1, JSON.stringify(fake.requests));

    const old = repository.releases.find(({ tag }) => tag === "v1.0.0");
    assert.ok(old);
    old.assets.length = 0;
    const next = await look();
    const found = await next.read(held);
    assert.ok(found);
    assert.deepEqual(found.state.drift, { "github.com/acme/hello v1.0.0/hello_v1.0.0.tar.gz": "gone" });
    const mended = await next.update(found, held.inputs);
    assert.deepEqual(mended.state.drift, {});
    assert.deepEqual(
      old.assets.map((asset) => asset.name),
      ["hello_v1.0.0.tar.gz"],
    );
  });
});
