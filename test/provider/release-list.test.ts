import assert from "node:assert/strict";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import * as path from "node:path";
import { digestOf } from "../../lib/oci/digest";
import { parseReleaseList, releaseListBytes } from "../../lib/release/release-list";
import type { Properties } from "../../provider/base/properties";
import { cosignVerifyBlob } from "../support/cosign";
import { FakeGitHub } from "../support/fake-github";
import { writeKeyPair } from "../support/key-pair";
import type { Held, ProviderProcess } from "../support/provider-process";
import { startDistribution } from "../support/registries";
import { pushImage, useWorkbench, type Workbench } from "./workbench";

const type = "slipway:release:Ledger";
const signer = { key: "cosign.key" };

describe("the list of what was published", function () {
  this.timeout(120_000);
  let bench: Workbench;
  let provider: ProviderProcess;
  let serial: number;
  let repository: string;
  let fake: FakeGitHub;

  useWorkbench(
    { start: startDistribution, tools: ["registry", "crane", "cosign"], folder: "list/test" },
    (test) => {
      ({ bench, repository, serial } = test);
    },
  );
  before(async () => {
    fake = await FakeGitHub.start();
    for (const stem of ["cosign", "other"]) await writeKeyPair(bench.project, stem, "");
  });
  after(() => fake?.stop());
  beforeEach(async () => {
    provider = await nextRun();
  });
  afterEach(() => assert.deepEqual(fake.violations, [], "GitHub's OpenAPI description is kept to"));

  /** A provider of another run: what GitHub lists is asked for once in each. */
  function nextRun(): Promise<ProviderProcess> {
    const github = { endpoint: fake.url, token: fake.token };
    return bench.provider({ github }, { COSIGN_PASSWORD: "" });
  }

  const at = (...parts: string[]) => path.join(bench.project, ...parts);
  const folder = () => `served-${serial}`;
  const list = () => at(folder(), "releases.json");
  const bundle = () => `${list()}.sigstore.json`;
  const gitHubName = () => `acme/hello-${serial}`;

  /** Publishes a version to a folder and, where it is asked for, to GitHub; the ledger's inputs. */
  async function publish(version: string, change: Properties = {}, onGitHub = false): Promise<Properties> {
    const digest = await pushImage(provider, repository);
    const tags = [{ tag: version, moves: "never" }];
    const text = `archive ${serial} ${version}`;
    const file = { name: "hello.tar.gz", path: await bench.write(`dist/${serial}/${version}.tar.gz`, text) };
    const assets = [{ ...file, digest: digestOf(text) }];
    const { state } = await provider.create(
      "slipway:release:Directory",
      { directory: folder(), tag: version, assets },
      false,
      version,
    );
    const releases: Properties[] = [{ directory: folder(), tag: version, files: state.published }];
    if (onGitHub) {
      const { state: released } = await provider.create(
        "slipway:github:Release",
        { repository: gitHubName(), tag: version, notes: version, assets: [file] },
        false,
        version,
      );
      releases.push({ github: gitHubName(), tag: version, files: released.digests });
    }
    const images = [{ repository, tags, pointers: { [version]: digest } }];
    return { version, images, releases, signer, ...change };
  }

  async function versions(): Promise<string[] | undefined> {
    return parseReleaseList(await readFile(list()))?.map(({ version }) => version);
  }

  const isSigned = () => cosignVerifyBlob(list(), bundle(), at("cosign.pub"));

  async function withoutKey<T>(work: () => Promise<T>): Promise<T> {
    await rename(at("cosign.key"), at("hidden.key"));
    try {
      return await work();
    } finally {
      await rename(at("hidden.key"), at("cosign.key"));
    }
  }

  it("MESH-30: has the catalogs that others fill as they were declared with a version; what is published stays as it is", async () => {
    const probe = { url: "https://formulae.brew.sh/api/formula/hello.json", version: "/versions/stable" };
    const catalogs = [{ name: "homebrew-core hello", probe, grace: "3d" }];
    const without = await publish("v1.0.0");
    const held = await provider.create(type, without);
    const checked = await provider.check(type, { ...without, catalogs }, held.inputs);
    assert.deepEqual((await provider.diff(held, checked)).details, {});
    const next = await publish("v1.1.0", { catalogs });
    await provider.update(held, await provider.check(type, next, held.inputs));
    const listed = parseReleaseList(await readFile(list())) ?? [];
    assert.deepEqual(
      listed.map(({ version, catalogs: own }) => [version, own]),
      [
        ["v1.1.0", catalogs],
        ["v1.0.0", undefined],
      ],
    );
    await isSigned();
  });

  it("is at the root of a release folder, whole, and signed as cosign verifies it", async () => {
    const proofs = [{ subject: "", kind: "signature", referrer: digestOf("a signature") }];
    const inputs = await publish("v1.0.0", { proofs });
    const [image] = inputs.images as { pointers: Record<string, string> }[];
    const digest = image?.pointers["v1.0.0"] ?? "";
    Object.assign(proofs[0] ?? {}, { subject: digest });
    const held = await provider.create(type, inputs);
    const [listed] = parseReleaseList(await readFile(list())) ?? [];
    assert.ok(listed);
    const { published, ...rest } = listed;
    assert.match(published, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    const text = `archive ${serial} v1.0.0`;
    assert.deepEqual(rest, {
      version: "v1.0.0",
      images: [
        {
          repository,
          digest,
          tags: ["v1.0.0"],
          proofs: [{ kind: "signature", digest: digestOf("a signature") }],
        },
      ],
      releases: [
        {
          tag: "v1.0.0",
          folder: "releases/download/v1.0.0",
          assets: [{ name: "hello.tar.gz", sha256: digestOf(text).slice(7), size: text.length }],
        },
      ],
    });
    await isSigned();
    // The proof is not really there.
    const next = await publish("v1.1.0", { watch: { versions: 0 } });
    const later = await provider.update(held, next);
    assert.deepEqual(await versions(), ["v1.1.0", "v1.0.0"]);
    await isSigned();
    const found = await provider.read(later);
    assert.ok(found);
    assert.deepEqual(found.state, later.state);
    assert.deepEqual((await provider.diff(found, next)).details, {});
  });

  it("is looked at and compared without a key, and a run that changes nothing signs nothing", async () => {
    const inputs = await publish("v1.0.0");
    const held = await provider.create(type, inputs);
    const before = await readFile(bundle());
    await withoutKey(async () => {
      const found = await provider.read(held);
      assert.ok(found);
      assert.deepEqual(found.state.drift, {});
      const checked = await provider.check(type, inputs, held.inputs);
      assert.deepEqual((await provider.diff(found, checked)).details, {});
      await provider.update(found, checked);
    });
    assert.deepEqual(await readFile(bundle()), before);
  });

  it("that somebody edits, or deletes, is named, and put back as it was without a key", async () => {
    const inputs = await publish("v1.0.0");
    const held = await provider.create(type, inputs);
    const before = [await readFile(list()), await readFile(bundle())];
    const edits: [() => Promise<unknown>, Properties, RegExp][] = [
      [
        async () => writeFile(list(), String(before[0]).replace("v1.0.0", "v6.6.6")),
        { [`${folder()}/releases.json`]: digestOf(String(before[0]).replace("v1.0.0", "v6.6.6")) },
        /^warning: somebody changed served-\d+\/releases\.json to sha256:\w+, published as sha256:\w+; `pulumi up`/,
      ],
      [
        async () => Promise.all([rm(list()), rm(bundle())]),
        { [`${folder()}/releases.json`]: "gone", [`${folder()}/releases.json.sigstore.json`]: "gone" },
        /^warning: somebody deleted served-\d+\/releases\.json; `pulumi up` puts it back/,
      ],
      [
        async () => writeFile(bundle(), "{}"),
        { [`${folder()}/releases.json.sigstore.json`]: digestOf("{}") },
        /^warning: somebody changed served-\d+\/releases\.json\.sigstore\.json to/,
      ],
    ];
    for (const [edit, drift, words] of edits) {
      await edit();
      const found = await provider.read(held);
      assert.ok(found);
      assert.deepEqual(found.state.drift, drift);
      assert.deepEqual(
        (await provider.diff(found, held.inputs)).changes,
        Object.keys(drift)
          .map(() => "drift")
          .slice(0, 1),
      );
      const shown = provider.shown.length;
      await withoutKey(async () => {
        await provider.update(found, held.inputs, true);
        const said = provider.shown.slice(shown).map(({ severity, text }) => `${severity}: ${text}`);
        assert.ok(words.test(said[0] ?? ""), said.join("\n"));
        assert.doesNotMatch(said.join("\n"), /except/);
        const mended = await provider.update(found, held.inputs);
        assert.deepEqual(mended.state.drift, {});
      });
      assert.deepEqual([await readFile(list()), await readFile(bundle())], before);
    }
  });

  it("is taken over where the state is lost, its signature and its times too", async () => {
    const inputs = await publish("v1.0.0");
    await provider.create(type, inputs);
    const before = [await readFile(list()), await readFile(bundle())];
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await withoutKey(() => provider.create(type, inputs));
    assert.deepEqual([await readFile(list()), await readFile(bundle())], before);
  });

  it("has what another stack has published to the same place, and is as it was for both", async () => {
    const main = await publish("v2.0.0");
    const first = await provider.create(type, main);
    const line = await publish("v1.0.1");
    const second = await provider.create(type, line);
    assert.deepEqual((await versions())?.sort(), ["v1.0.1", "v2.0.0"]);
    await isSigned();
    for (const held of [first, second]) {
      const found = await provider.read(held);
      assert.ok(found);
      assert.deepEqual(found.state.drift, {});
      assert.deepEqual((await provider.diff(found, held.inputs)).details, {});
    }
    // With another key it is signed again, and loses nothing.
    const exchanged = await provider.check(type, { ...main, signer: { key: "other.key" } }, first.inputs);
    assert.deepEqual((await provider.diff(first, exchanged)).changes, ["signedBy"]);
    await provider.update(first, exchanged);
    await cosignVerifyBlob(list(), bundle(), at("other.pub"));
    assert.deepEqual((await versions())?.sort(), ["v1.0.1", "v2.0.0"]);
    // What nobody who is trusted has signed is no stack's.
    const forged = releaseListBytes([
      ...(parseReleaseList(await readFile(list())) ?? []),
      { version: "v9.9.9", published: "2026-01-31T00:00:00Z", images: [], releases: [] },
    ]);
    await writeFile(list(), forged);
    const found = await provider.read(first);
    assert.ok(found);
    const { [`${folder()}/releases.json`]: changed } = found.state.drift as Properties;
    assert.equal(changed, digestOf(forged));
  });

  it("is alone where nobody signs; with no signer any more its old signature goes", async () => {
    const unsigned = { signer: undefined };
    const held = await provider.create(type, await publish("v1.0.0", unsigned));
    await assert.rejects(readFile(bundle()), { code: "ENOENT" });
    const next = await publish("v1.1.0");
    const signed = await provider.update(held, next);
    await isSigned();
    const { signer: _, ...without } = next;
    const checked = await provider.check(type, without, signed.inputs);
    assert.deepEqual((await provider.diff(signed, checked)).changes, ["signedBy"]);
    const alone = await provider.update(signed, checked);
    await assert.rejects(readFile(bundle()), { code: "ENOENT" });
    assert.deepEqual((await provider.read(alone))?.state.drift, {});
  });

  it("is not written over a file of somebody else, and a preview says so", async () => {
    const inputs = await publish("v1.0.0");
    await writeFile(list(), "mine");
    for (const preview of [true, false]) {
      await assert.rejects(
        provider.create(type, inputs, preview),
        /served-\d+\/releases\.json is there, and is not a list of releases.*Move it away/,
      );
    }
    assert.equal(await readFile(list(), "utf8"), "mine");
  });

  it("is the only new thing for a state of before", async () => {
    const inputs = await publish("v1.0.0");
    const held = await provider.create(type, inputs);
    const { list: _, ...before } = held.state;
    await Promise.all([rm(list()), rm(bundle())]);
    const found = await provider.read({ ...held, state: before });
    assert.ok(found);
    assert.deepEqual(found.state.drift, {});
    assert.deepEqual((await provider.diff(found, held.inputs)).changes, ["list"]);
    bench.forget();
    await provider.update(found, held.inputs);
    assert.deepEqual(bench.writeLines(), []);
    await isSigned();
  });

  it("is beside the files of the highest stable release on GitHub, the same as in the folder", async () => {
    const onGitHub = fake.repository(gitHubName());
    const assetsOf = (tag: string) => onGitHub.releases.find((release) => release.tag === tag)?.assets ?? [];
    const names = (tag: string) =>
      assetsOf(tag)
        .map(({ name }) => name)
        .sort();
    const whole = ["hello.tar.gz", "releases.json", "releases.json.sigstore.json"];
    let held: Held = await provider.create(type, await publish("v1.0.0", {}, true));
    assert.deepEqual(names("v1.0.0"), whole);
    provider = await nextRun();
    held = await provider.update(held, await publish("v1.1.0", {}, true));
    assert.deepEqual(names("v1.1.0"), whole);
    provider = await nextRun();
    held = await provider.update(held, await publish("v2.0.0-rc.1", {}, true));
    assert.deepEqual(names("v2.0.0-rc.1"), ["hello.tar.gz"]);
    const content = () => assetsOf("v1.1.0").find(({ name }) => name === "releases.json");
    assert.equal(content()?.digest, digestOf(await readFile(list())));
    assert.deepEqual(await versions(), ["v2.0.0-rc.1", "v1.1.0", "v1.0.0"]);
    await isSigned();

    // It is seen in the list of all releases, and nobody's else.
    provider = await nextRun();
    fake.forget();
    const same = await provider.read(held);
    assert.deepEqual(same?.state.drift, {});
    assert.equal(fake.requests.length, 1, JSON.stringify(fake.requests));
    const place = assetsOf("v1.1.0");
    place.splice(
      place.findIndex(({ name }) => name === "releases.json"),
      1,
    );
    provider = await nextRun();
    const found = await provider.read(held);
    assert.ok(found);
    assert.deepEqual(found.state.drift, { [`github.com/${gitHubName()} v1.1.0/releases.json`]: "gone" });
    await withoutKey(() => provider.update(found, held.inputs));
    assert.deepEqual(names("v1.1.0"), whole);
    assert.equal(content()?.digest, digestOf(await readFile(list())));
    assert.equal(onGitHub.latest()?.tag, "v1.1.0");
  });

  it("stays away from an immutable release", async () => {
    fake.repository(gitHubName(), { immutableReleases: true });
    const held = await provider.create(type, await publish("v1.0.0", {}, true));
    provider = await nextRun();
    const found = await provider.read(held);
    assert.deepEqual(found?.state.drift, {});
    assert.deepEqual(await versions(), ["v1.0.0"]);
  });
});
