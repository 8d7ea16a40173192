import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { peakMemory } from "../../bench/peak-memory";
import type { Properties } from "../../provider/base/properties";
import { unknown } from "../../provider/base/unknown";
import { FakeGitHub, failed, type FakeRepository } from "../support/fake-github";
import { CheckFailed, ProviderProcess, secret, type Held } from "../support/provider-process";

const type = "slipway:github:Release";
const noTokens = { GITHUB_TOKEN: "", GH_TOKEN: "", GH_ENTERPRISE_TOKEN: "", GITHUB_ENTERPRISE_TOKEN: "" };

describe("releases of GitHub", () => {
  let fake: FakeGitHub;
  let repository: FakeRepository;
  let project: string;
  let provider: ProviderProcess;

  before(async () => {
    fake = await FakeGitHub.start();
    project = await mkdtemp(join(tmpdir(), "slipway-release-"));
    provider = await start({ token: fake.token });
  });
  beforeEach(async () => {
    fake.forget();
    repository = fake.repository("acme/hello");
    await writeFile(join(project, "hello.tar.gz"), "archive");
    await writeFile(join(project, "SHA256SUMS"), "sums");
  });
  afterEach(() => assert.deepEqual(fake.violations, [], "GitHub's OpenAPI description is kept to"));
  after(async () => {
    for (const one of started) await one.stop();
    await fake?.stop();
    await rm(project, { recursive: true, force: true });
  });

  const started: ProviderProcess[] = [];
  async function start(github: Properties, env: NodeJS.ProcessEnv = {}): Promise<ProviderProcess> {
    const one = await ProviderProcess.start(
      project,
      { github: { endpoint: fake.url, ...github } },
      { ...noTokens, ...env },
    );
    started.push(one);
    return one;
  }

  const inputs = {
    repository: "acme/hello",
    tag: "v1.0.0",
    title: "hello v1.0.0",
    notes: "First.",
    assets: [
      { name: "hello_v1.0.0_linux-amd64.tar.gz", path: "hello.tar.gz" },
      { name: "SHA256SUMS", path: "SHA256SUMS" },
    ],
  };
  const digest = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;

  /** Reads the world and compares, as a plain preview does. */
  async function preview(held: Held, desired: Properties): Promise<string[]> {
    const read = await provider.read(held);
    assert.ok(read);
    return (await provider.diff(read, desired)).changes;
  }

  it("is previewed with its assets and made, and the second time nothing is written", async () => {
    const planned = await provider.create(type, inputs, true);
    assert.deepEqual(fake.writes(), []);
    assert.ok(
      provider.messages.includes(
        "acme/hello: v1.0.0 will be published with SHA256SUMS, hello_v1.0.0_linux-amd64.tar.gz",
      ),
      provider.messages.join("\n"),
    );
    const digests = { "hello_v1.0.0_linux-amd64.tar.gz": digest("archive"), SHA256SUMS: digest("sums") };
    assert.deepEqual(planned.state.digests, digests);
    const held = await provider.create(type, inputs);
    assert.equal(held.id, "acme/hello");
    assert.deepEqual(held.state.digests, digests);
    assert.deepEqual(held.state.missing, []);
    assert.equal(held.state.latest, true);
    assert.equal(held.state.draft, false);
    const [asset] = held.state.assets as Properties[];
    assert.match(String(asset?.downloadUrl), /\/acme\/hello\/releases\/download\/v1\.0\.0\/hello_v1/);
    fake.forget();
    assert.deepEqual(await preview(held, inputs), []);
    await provider.update(held, inputs);
    assert.deepEqual(fake.writes(), []);
  });

  describe("a new version of it", () => {
    const next = {
      ...inputs,
      tag: "v1.1.0",
      title: "hello v1.1.0",
      notes: "Second.",
      assets: ["a", "b", "c", "d"].map((name) => ({ name: `${name}.txt`, path: "hello.tar.gz" })),
    };

    /** What GitHub has of a release. */
    function published(tag: string): unknown {
      const release = repository.published(tag);
      return (
        release && structuredClone({ ...release, assets: release.assets.map(({ id, name }) => [id, name]) })
      );
    }

    it("PROD-07: is an update of the same resource, of which nothing is taken away", async () => {
      const first = await provider.create(type, inputs);
      const before = published("v1.0.0");
      fake.forget();
      const { details, replaces } = await provider.diff(first, next);
      assert.deepEqual([details, replaces], [{ tag: "update", notes: "add" }, []]);
      const words = "published with 4 files (a.txt, b.txt, c.txt and 1 more); v1.0.0 stays";
      let from = provider.shown.length;
      const planned = await provider.update(first, next, true);
      assert.deepEqual(provider.messages.slice(from), [`acme/hello: v1.1.0 will be ${words}`]);
      assert.deepEqual(fake.writes(), []);
      from = provider.shown.length;
      const second = await provider.update(first, next);
      assert.deepEqual(provider.messages.slice(from), [`acme/hello: v1.1.0 is ${words}`]);
      assert.deepEqual(second.state.digests, planned.state.digests);
      assert.equal(second.state.latest, true);
      assert.deepEqual(published("v1.0.0"), before);
      assert.deepEqual(await preview(second, next), []);
    });

    it("is said at preview where its files are not known yet", async () => {
      const first = await provider.create(type, inputs);
      const from = provider.shown.length;
      await provider.update(first, { ...next, assets: [unknown, unknown] }, true);
      assert.deepEqual(provider.messages.slice(from), [
        "acme/hello: v1.1.0 will be published with 2 files; v1.0.0 stays",
      ]);
    });

    it("PROD-09: that fails leaves the state at the former one, from which the next run finishes it", async () => {
      const first = await provider.create(type, inputs);
      fake.forget();
      fake.faults.push({ path: /assets\?name=c\.txt/, answer: failed(422, "no"), times: 1 });
      await assert.rejects(provider.update(first, next), /c\.txt/);
      assert.equal(repository.published("v1.1.0"), undefined);
      // The engine keeps what it had, and observes that.
      const kept = await provider.read(first);
      assert.equal(kept?.state.tag, "v1.0.0");
      fake.forget();
      const second = await provider.update(kept, next);
      assert.equal(second.state.draft, false);
      const sent = fake.uploaded();
      assert.ok(
        sent.includes("c.txt") && !sent.includes("a.txt"),
        "the draft is taken over with what it has",
      );
    });

    it("that somebody else has published otherwise is refused, whatever the former one has under the same name", async () => {
      const first = await provider.create(type, inputs);
      const theirs = repository.release("v1.1.0");
      repository.asset(theirs, "SHA256SUMS", "of somebody else");
      const ours = { ...inputs, tag: "v1.1.0" };
      for (const preview of [true, false]) {
        await assert.rejects(
          provider.update(first, ours, preview),
          /SHA256SUMS of acme\/hello v1\.1\.0 is published as/,
        );
      }
      await assert.rejects(
        provider.update(first, { ...ours, adopt: "draft" }, true),
        /is published already|is published as/,
      );
    });

    it("MESH-22: needs a token, which is asked for at check", async () => {
      const first = await provider.create(type, inputs);
      const without = await start({});
      for (const assets of [next.assets, [unknown]]) {
        await assert.rejects(
          without.check(type, { ...next, assets }, first.inputs),
          /publishing acme\/hello v1\.1\.0 needs a token/,
        );
      }
    });

    it("after one whose id has a tag, as the first release of Slipway made it, is no different", async () => {
      const held = await provider.create(type, inputs);
      const observed = await provider.read({ ...held, id: "acme/hello@v1.0.0" });
      assert.equal(observed?.id, "acme/hello");
      assert.deepEqual((await provider.diff(observed, inputs)).changes, []);
    });
  });

  it("shows what somebody changed by hand, and a plain update puts it back", async () => {
    const held = await provider.create(type, inputs);
    const there = repository.releases[0];
    assert.ok(there);
    const { id, publishedAt, createdAt } = there;
    repository.removeAsset(there, "SHA256SUMS");
    repository.removeAsset(there, "hello_v1.0.0_linux-amd64.tar.gz");
    repository.asset(there, "hello_v1.0.0_linux-amd64.tar.gz", "of somebody else");
    repository.asset(there, "manual.pdf", "of somebody else");
    there.body = "edited";
    const read = await provider.read(held);
    assert.ok(read);
    assert.deepEqual(read.state.missing, ["SHA256SUMS"]);
    assert.deepEqual(read.state.extra, ["manual.pdf"]);
    assert.equal(
      (read.state.digests as Properties)["hello_v1.0.0_linux-amd64.tar.gz"],
      digest("of somebody else"),
    );
    const { changes } = await provider.diff(read, inputs);
    assert.deepEqual(changes.sort(), ["digests", "notes"]);
    await provider.update(read, inputs, true);
    const short = (text: string) => digest(text).slice(0, 19);
    const place = `release v1.0.0 of ${String(inputs.repository)}`;
    for (const drift of [
      `somebody deleted SHA256SUMS in ${place}, published as ${short("sums")}`,
      `somebody changed hello_v1.0.0_linux-amd64.tar.gz in ${place} to ${short("of somebody else")}, published as ${short("archive")}`,
    ]) {
      const told = provider.messages.filter((text) => text.includes(`${drift}; \`pulumi up\` puts it back`));
      assert.equal(told.length, 1, provider.messages.join("\n"));
    }
    const repaired = await provider.update(read, inputs);
    assert.deepEqual(await preview(repaired, inputs), []);
    assert.deepEqual(there.assets.map(({ name, digest: is }) => [name, is]).sort(), [
      ["SHA256SUMS", digest("sums")],
      ["hello_v1.0.0_linux-amd64.tar.gz", digest("archive")],
      ["manual.pdf", digest("of somebody else")],
    ]);
    assert.equal(there.body, "First.");
    assert.deepEqual([there.id, there.publishedAt, there.createdAt], [id, publishedAt, createdAt]);
    assert.ok(provider.messages.some((text) => /left alone: manual\.pdf/.test(text)));
  });

  it("is made again where somebody deleted it, and published again where somebody made it a draft", async () => {
    const held = await provider.create(type, inputs);
    const there = repository.releases[0];
    assert.ok(there);
    there.draft = true;
    assert.deepEqual(await preview(held, inputs), ["draft"]);
    const read = await provider.read(held);
    assert.ok(read);
    await provider.update(read, inputs);
    assert.equal(there.draft, false);
    repository.releases.length = 0;
    assert.equal(await provider.read(held), undefined);
  });

  it("MESH-25: fills in what is missing in a release that is there, and keeps its id and dates", async () => {
    const hand = repository.release("v1.0.0", { name: "by hand" });
    repository.asset(hand, "SHA256SUMS", "sums");
    const { publishedAt, createdAt } = hand;
    const held = await provider.create(type, inputs);
    assert.equal(held.state.releaseId, hand.id);
    assert.equal(held.state.publishedAt, publishedAt);
    assert.equal(held.state.createdAt, createdAt);
    assert.deepEqual(fake.uploaded(), ["hello_v1.0.0_linux-amd64.tar.gz"]);
  });

  it("takes over no published release where only drafts may be", async () => {
    repository.release("v1.0.0");
    for (const atPreview of [true, false]) {
      await assert.rejects(
        provider.create(type, { ...inputs, adopt: "draft" }, atPreview),
        /is published already .* adopt: "draft" takes over drafts only/,
      );
    }
    assert.deepEqual(fake.writes(), []);
  });

  it("MESH-27: after a connection that is cut, brings only what is missing, to the same release", async () => {
    const names = ["a", "b", "c", "d", "e", "f"];
    for (const name of names) await writeFile(join(project, name), Buffer.alloc(1 << 20, name));
    const six = { ...inputs, assets: names.map((name) => ({ name, path: name })) };
    fake.faults.push({ path: /assets\?name=c$/, cutAfter: 300_000 });
    await assert.rejects(provider.create(type, six), /uploading c to acme\/hello v1\.0\.0/);
    const [draft] = repository.releases;
    assert.equal(draft?.draft, true);
    const done = draft.assets.filter(({ state }) => state === "uploaded").map(({ name }) => name);
    assert.ok(done.length > 0 && !done.includes("c"));
    fake.forget();
    const held = await provider.create(type, six);
    assert.equal(held.state.releaseId, draft.id);
    assert.deepEqual(
      fake.uploaded().sort(),
      names.filter((name) => !done.includes(name)),
    );
    assert.equal(repository.releases.length, 1);
  }).timeout(60_000);

  describe("refuses at check", () => {
    const cases: { title: string; change: Properties; property: string; reason: RegExp }[] = [
      {
        title: "a repository that is a URL",
        change: { repository: "https://github.com/a/b" },
        property: "repository",
        reason: /"acme\/hello"/,
      },
      { title: "a tag with a space", change: { tag: "v1 0" }, property: "tag", reason: /"v1\.0\.0"/ },
      {
        title: "a name that GitHub would change",
        change: { assets: [{ name: "a b", path: "SHA256SUMS" }] },
        property: "assets[0].name",
        reason: /GitHub renames/,
      },
      {
        title: "two assets of one name",
        change: { assets: [inputs.assets[1], inputs.assets[1]] },
        property: "assets[1].name",
        reason: /"SHA256SUMS" is also the name of assets\[0\]/,
      },
      {
        title: "a file that is not there",
        change: { assets: [{ name: "x", path: "nothing" }] },
        property: "assets[0].path",
        reason: /"nothing": there is no such file/,
      },
      {
        title: "a folder",
        change: { assets: [{ name: "x", path: "." }] },
        property: "assets[0].path",
        reason: /is not a file/,
      },
      {
        title: "a file with another digest than declared",
        change: { assets: [{ name: "x", path: "SHA256SUMS", digest: digest("other") }] },
        property: "assets[0].path",
        reason: new RegExp(`has the digest ${digest("sums")}, not the declared ${digest("other")}`),
      },
      {
        title: "a pre-release that is to be the latest",
        change: { prerelease: true, makeLatest: "always" },
        property: "makeLatest",
        reason: /a pre-release is never the latest/,
      },
    ];
    for (const { title, change, property, reason } of cases) {
      it(title, async () => {
        await assert.rejects(provider.check(type, { ...inputs, ...change }), (error: CheckFailed) => {
          assert.equal(error.failures[0]?.property, property);
          assert.match(error.failures[0]?.reason ?? "", reason);
          return true;
        });
        assert.deepEqual(fake.requests, []);
      });
    }

    it("other content for an asset that is published, with both digests", async () => {
      const held = await provider.create(type, inputs);
      await writeFile(join(project, "hello.tar.gz"), "another build");
      await assert.rejects(provider.diff(held, inputs), (error: CheckFailed) => {
        assert.equal(error.failures[0]?.property, "assets[0]");
        assert.ok(
          error.message.includes(digest("archive")) && error.message.includes(digest("another build")),
        );
        return true;
      });
      const assets = inputs.assets.map((asset) => ({ ...asset, replaceable: true }));
      assert.deepEqual((await provider.diff(held, { ...inputs, assets })).changes, ["digests"]);
      const next = await provider.update(held, { ...inputs, assets });
      assert.equal(
        (next.state.digests as Properties)["hello_v1.0.0_linux-amd64.tar.gz"],
        digest("another build"),
      );
      assert.deepEqual((await provider.diff(held, { ...inputs, tag: "v1.0.1" })).changes, ["tag", "notes"]);
    });

    it("a file more or less than is published, unless it is replaceable", async () => {
      const held = await provider.create(type, inputs);
      await writeFile(join(project, "hello.zip"), "zip");
      const zip = { name: "hello.zip", path: "hello.zip" };
      for (const [assets, property, reason] of [
        [
          [...inputs.assets, zip],
          `assets[${inputs.assets.length}].name`,
          /hello\.zip would be added to acme\/hello v1\.0\.0/,
        ],
        [[...inputs.assets, unknown], "assets", /a file would be added to acme\/hello v1\.0\.0/],
        [inputs.assets.slice(1), "assets", /would be taken from acme\/hello v1\.0\.0, which is published/],
      ] as const) {
        await assert.rejects(provider.diff(held, { ...inputs, assets }), (error: CheckFailed) => {
          assert.equal(error.failures[0]?.property, property);
          assert.match(error.failures[0]?.reason ?? "", reason);
          assert.match(error.failures[0]?.reason ?? "", /new version.*rebuilt.*replaceable: true/);
          return true;
        });
      }
      const names = async () => Object.keys((await provider.read(held))?.state.digests as Properties).sort();
      const before = await names();
      const more = { ...inputs, assets: [...inputs.assets, { ...zip, replaceable: true }] };
      assert.deepEqual((await provider.diff(held, more)).changes, ["digests"]);
      const next = await provider.update(held, more);
      assert.deepEqual((await provider.diff(next, inputs)).changes, ["digests"]);
      const back = await provider.update(next, inputs);
      assert.deepEqual([back.state.extra, await names()], [[], before]);
    });
  });

  it("refuses a tag on another commit at preview, and names a tag that was moved afterwards", async () => {
    const target = repository.commit("main");
    const other = repository.commit("main");
    repository.tag("v1.0.0", other);
    await assert.rejects(
      provider.create(type, { ...inputs, commit: target }, true),
      new RegExp(`on commit ${other}, and this program releases ${target}`),
    );
    repository.tag("v1.0.0", target);
    const held = await provider.create(type, { ...inputs, commit: target });
    repository.tag("v1.0.0", other);
    assert.deepEqual(await preview(held, { ...inputs, commit: target }), ["commit"]);
    await assert.rejects(provider.update(held, { ...inputs, commit: target }), /A version tag never moves/);
  });

  it("needs no file of an asset whose digest is declared, once it is published", async () => {
    const declared = { ...inputs, assets: [{ name: "x", path: "x", digest: digest("x") }] };
    await assert.rejects(provider.create(type, declared), /asset x, file x: there is no such file/);
    assert.deepEqual(fake.writes(), []);
    await writeFile(join(project, "x"), "x");
    const held = await provider.create(type, declared);
    await rm(join(project, "x"));
    assert.deepEqual(await preview(held, declared), []);
  });

  it("plans what is not known yet", async () => {
    const held = await provider.create(type, { ...inputs, notes: unknown }, true);
    assert.equal((held.state.digests as Properties).SHA256SUMS, digest("sums"));
    const made = { name: "made", path: "made", digest: unknown };
    const later = await provider.create(type, { ...inputs, assets: [made] }, true);
    assert.equal(later.state.digests, unknown);
    await provider.create(type, { ...inputs, evidence: unknown }, true);
    assert.match(provider.messages.at(-1) ?? "", /v1\.0\.0 will be published with/);
    const whole = await provider.create(type, inputs);
    fake.forget();
    assert.deepEqual((await provider.diff(whole, { ...inputs, notes: unknown })).changes, ["notes"]);
    assert.deepEqual((await provider.diff(whole, { ...inputs, evidence: unknown })).changes, []);
    assert.deepEqual(fake.writes(), []);
  });

  it("is imported by repository and tag", async () => {
    repository.release("v1.0.0", { name: "by hand", body: "words" });
    const held = await provider.import(type, "acme/hello@v1.0.0");
    assert.equal(held?.inputs.title, "by hand");
    assert.equal(held.inputs.notes, "words");
    assert.equal(await provider.import(type, "acme/hello@v9.9.9"), undefined);
  });

  it("drift: shows what was hidden in the words of a release, and puts them back", async () => {
    const held = await provider.create(type, inputs);
    const published = repository.published("v1.0.0");
    assert.ok(published);
    published.body = "Fi\u202erst.\u001b[2J\nMore";
    const read = await provider.read(held);
    assert.equal(read?.state.notes, "Fi<U+202E>rst.<U+001B>[2J\nMore");
    published.body = "First.\u202e";
    assert.deepEqual(await preview(held, inputs), ["notes"]);
    await provider.update(held, inputs);
    assert.equal(repository.published("v1.0.0")?.body, "First.");
    repository.release("v0.9.0", { name: "by\u0007 hand", body: "\u001b[2J\nwords" });
    const imported = await provider.import(type, "acme/hello@v0.9.0");
    assert.equal(imported?.inputs.title, "by<U+0007> hand");
    assert.equal(imported.inputs.notes, "<U+001B>[2J\nwords");
  });

  it("stays on GitHub when it leaves the program", async () => {
    const held = await provider.create(type, inputs);
    fake.forget();
    await provider.delete(held);
    assert.deepEqual(fake.writes(), []);
    assert.ok(provider.messages.some((text) => /acme\/hello v1\.0\.0 stays on GitHub/.test(text)));
  });

  describe("and the token", () => {
    it("MESH-22: a missing one stops at check where something has to be written, and nowhere else", async () => {
      const without = await start({});
      await assert.rejects(without.check(type, inputs), (error: CheckFailed) => {
        assert.match(error.message, /publishing acme\/hello v1\.0\.0 needs a token.*GITHUB_TOKEN/);
        return true;
      });
      assert.deepEqual(fake.writes(), []);
      const held = await provider.create(type, inputs);
      const read = await without.read(held);
      assert.ok(read);
      assert.deepEqual((await without.diff(read, inputs)).changes, []);
      await assert.rejects(without.update(read, { ...inputs, notes: "other" }, true), /needs a token/);
    });

    it("is taken from the environment", async () => {
      for (const name of ["GITHUB_TOKEN", "GH_TOKEN"]) {
        fake.repository("acme/hello");
        const one = await start({}, { [name]: fake.token });
        assert.equal((await one.create(type, inputs)).state.draft, false);
      }
    });

    it("MESH-22: is in no message, no error, no state and no standard error", async () => {
      const wrong = "ghp_aVeryWrongToken0123456789";
      for (const one of [
        await start({ token: secret(wrong).value }),
        await start({}, { GITHUB_TOKEN: wrong }),
      ]) {
        await assert.rejects(one.create(type, inputs), (error: Error) => {
          assert.match(error.message, /HTTP 401/);
          assert.ok(!error.message.includes(wrong));
          return true;
        });
        fake.faults.push({ path: /./, answer: failed(403, `no, ${wrong}`), times: 1 });
        await assert.rejects(one.create(type, inputs), (error: Error) => !error.message.includes(wrong));
        assert.ok(![...one.messages, ...one.errorLines].join("\n").includes(wrong));
      }
      const held = await provider.create(type, inputs);
      assert.ok(!JSON.stringify([held, provider.messages, provider.errorLines]).includes(fake.token));
    });

    it("that was rotated is not drift: the state is kept until the new one is here", async () => {
      const held = await provider.create(type, inputs);
      const old = await start({ token: "ghp_revoked0123456789" });
      const read = await old.read(held);
      assert.ok(read, "the release is not taken to be gone");
      assert.deepEqual((await provider.diff(read, inputs)).changes, []);
    });
  });

  it("a 2 GiB asset is uploaded with under 200 MiB of memory", async function () {
    this.timeout(280_000);
    const size = 2 ** 31;
    const file = await open(join(project, "large"), "w");
    await file.truncate(size);
    await file.close();
    const one = await start({ token: fake.token });
    const held = await one.create(type, { ...inputs, assets: [{ name: "large", path: "large" }] });
    const [asset] = held.state.assets as Properties[];
    assert.equal(asset?.size, size);
    const peak = await peakMemory(one.process.pid ?? 0);
    assert.ok(peak > 0 && peak < 200 * 2 ** 20, `${(peak / 2 ** 20).toFixed(0)} MiB`);
    await rm(join(project, "large"));
  });
});
