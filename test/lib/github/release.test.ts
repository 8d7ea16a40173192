import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { failed } from "../../support/fake-github";
import { GitHubBench, sha256, sixAssets } from "./fixtures";

const run = promisify(execFile);

describe("publishing a release", () => {
  let bench: GitHubBench;

  before(async () => {
    bench = await GitHubBench.open();
  });
  beforeEach(() => bench.reset());
  afterEach(() => assert.deepEqual(bench.fake.violations, [], "GitHub's OpenAPI description is kept to"));
  after(() => bench?.close());

  const v1 = {
    tag: "v1.0.0",
    title: "hello v1.0.0",
    notes: "First.\n",
    assets: { "hello.tar.gz": "archive", SHA256SUMS: "sums" },
  };

  it("CORE-19, DISTRO-17: makes a draft, fills it, and publishes it as the last step", async () => {
    const release = await bench.publish(v1);
    assert.deepEqual(bench.fake.writes(), [
      "POST /repos/acme/hello/releases 201",
      "POST /repos/acme/hello/releases/ID/assets?name=hello.tar.gz 201",
      "POST /repos/acme/hello/releases/ID/assets?name=SHA256SUMS 201",
      "PATCH /repos/acme/hello/releases/ID 200",
    ]);
    const there = bench.repository.published("v1.0.0");
    assert.equal(there?.name, "hello v1.0.0");
    assert.equal(there.body, "First.\n");
    assert.equal(there.id, release.id);
    assert.equal(bench.repository.tags.get("v1.0.0")?.commit, bench.repository.branches.get("main"));
    assert.ok(release.publishedAt);
  });

  it("is downloaded by curl from the URLs it tells, with the bytes of the files", async () => {
    const release = await bench.publish(v1);
    assert.deepEqual(release.assets.map(({ name, digest }) => [name, digest]).sort(), [
      ["SHA256SUMS", sha256("sums")],
      ["hello.tar.gz", sha256("archive")],
    ]);
    for (const asset of release.assets) {
      assert.match(asset.downloadUrl, /\/acme\/hello\/releases\/download\/v1\.0\.0\//);
      const { stdout } = await run("curl", ["-fsSL", asset.downloadUrl]);
      assert.equal(sha256(stdout), asset.digest);
    }
  });

  it("shows nobody a draft before everything is there", async () => {
    const sights: (number | undefined)[] = [];
    bench.fake.onUploadBytes = () => {
      sights.push(bench.repository.releases[0]?.draft ? undefined : 1);
      assert.equal(bench.repository.published("v1.0.0"), undefined);
      assert.equal(bench.repository.tags.has("v1.0.0"), false);
    };
    await bench.publish(v1);
    bench.fake.onUploadBytes = () => undefined;
    assert.ok(sights.length >= 2);
  });

  it("MESH-25: writes nothing the second time, and keeps ids, dates and download counts", async () => {
    const first = await bench.publish(v1);
    await run("curl", ["-fsS", first.assets[0]?.downloadUrl ?? ""]);
    const before = JSON.stringify(bench.repository.releases);
    bench.fake.forget();
    const second = await bench.publish(v1);
    assert.deepEqual(bench.fake.writes(), []);
    assert.equal(JSON.stringify(bench.repository.releases), before);
    assert.match(before, /"downloads":1/);
    assert.deepEqual(second, first);
  });

  it("asks again by ETag, which GitHub does not count", async () => {
    const releases = bench.releases();
    await bench.publish(v1, {}, releases);
    await bench.publish(v1, {}, releases);
    bench.fake.forget();
    await bench.publish(v1, {}, releases);
    assert.deepEqual([...new Set(bench.fake.requests.map(({ status }) => status))], [304]);
  });

  it("brings back an asset that was deleted, one that was replaced, and texts that were edited", async () => {
    const { id } = await bench.publish(v1);
    const there = bench.repository.releases[0];
    assert.ok(there);
    const kept = there.assets.find(({ name }) => name === "SHA256SUMS");
    bench.repository.removeAsset(there, "hello.tar.gz");
    bench.repository.asset(there, "hello.tar.gz", "of somebody else");
    there.body = "edited";
    there.name = "edited";
    bench.fake.forget();
    const published = { "hello.tar.gz": sha256("archive"), SHA256SUMS: sha256("sums") };
    const release = await bench.publish(v1, { published });
    assert.equal(release.id, id);
    assert.equal(there.name, "hello v1.0.0");
    assert.equal(there.body, "First.\n");
    assert.deepEqual(there.assets.map(({ name, digest }) => [name, digest]).sort(), [
      ["SHA256SUMS", sha256("sums")],
      ["hello.tar.gz", sha256("archive")],
    ]);
    assert.equal(
      there.assets.find(({ name }) => name === "SHA256SUMS"),
      kept,
    );

    bench.repository.removeAsset(there, "SHA256SUMS");
    bench.fake.forget();
    await bench.publish(v1, { published });
    assert.deepEqual(bench.fake.writes(), ["POST /repos/acme/hello/releases/ID/assets?name=SHA256SUMS 201"]);
  });

  it("goes on after a connection that is cut in the middle of the third of six assets", async () => {
    const six = { tag: "v1.0.0", assets: sixAssets() };
    bench.fake.faults.push({ path: /assets\?name=c\.bin/, cutAfter: 300_000 });
    await assert.rejects(
      bench.publish(six),
      /uploading c\.bin to acme\/hello v1\.0\.0: POST 127\.0\.0\.1:\d+/,
    );
    const [draft] = bench.repository.releases;
    assert.ok(draft?.draft);
    const done = draft.assets.filter(({ state }) => state === "uploaded").map(({ name }) => name);
    assert.ok(done.includes("a.bin") && done.includes("b.bin") && !done.includes("c.bin"), String(done));

    bench.fake.forget();
    const release = await bench.publish(six);
    assert.equal(release.id, draft.id);
    assert.equal(bench.repository.releases.length, 1);
    const missing = Object.keys(six.assets).filter((name) => !done.includes(name));
    assert.deepEqual(bench.fake.uploaded().sort(), missing.sort());
    assert.equal(bench.repository.published("v1.0.0")?.assets.length, 6);
  });

  it("uploads again in the same run after one cut, one 502 with a starter left, and one answer that is lost", async () => {
    bench.fake.faults.push(
      { path: /name=a\.bin/, cutAfter: 300_000, times: 1 },
      { path: /name=b\.bin/, starter: true, times: 1 },
      { path: /name=c\.bin/, loseAnswer: true, times: 1 },
    );
    const assets = sixAssets();
    await bench.publish({ tag: "v1.0.0", assets });
    const there = bench.repository.published("v1.0.0")?.assets ?? [];
    assert.deepEqual(
      Object.fromEntries(there.map(({ name, digest, state }) => [name, `${state} ${digest}`])),
      Object.fromEntries(Object.entries(assets).map(([name, bytes]) => [name, `uploaded ${sha256(bytes)}`])),
    );
    const third = bench.fake.requests.filter(({ path }) => path.includes("name=c.bin"));
    assert.equal(third.length, 1, "what got through is not sent twice");
  });

  it("makes no second draft where the answer to the first is lost", async () => {
    bench.fake.faults.push({ method: "POST", path: /\/releases$/, loseAnswer: true, times: 1 });
    await bench.publish(v1);
    assert.equal(bench.repository.releases.length, 1);
    assert.equal(bench.repository.published("v1.0.0")?.assets.length, 2);
  });

  it("takes over the draft that a crash left, with the assets in it that are right", async () => {
    const draft = bench.repository.release("v1.0.0", { draft: true });
    const right = bench.repository.asset(draft, "hello.tar.gz", "archive");
    bench.repository.asset(draft, "SHA256SUMS", "of an older build");
    bench.repository.release("v1.0.0", { draft: true });
    const release = await bench.publish(v1);
    assert.equal(release.id, draft.id);
    assert.equal(release.otherDrafts.length, 1);
    assert.deepEqual(bench.fake.uploaded(), ["SHA256SUMS"]);
    assert.ok(draft.assets.includes(right));
    assert.equal(draft.draft, false);
  });

  it("takes over a release that somebody made by hand, and leaves what others added", async () => {
    const hand = bench.repository.release("v1.0.0", { name: "by hand", body: "words" });
    bench.repository.asset(hand, "manual.pdf", "of somebody");
    bench.repository.asset(hand, "hello.tar.gz", "archive");
    const { publishedAt } = hand;
    const release = await bench.publish({ tag: "v1.0.0", title: "hello v1.0.0", assets: v1.assets });
    assert.equal(release.id, hand.id);
    assert.equal(hand.publishedAt, publishedAt);
    assert.equal(hand.name, "hello v1.0.0");
    assert.equal(hand.body, "words", "what is not declared is left as it is");
    assert.deepEqual(
      hand.assets.map(({ name }) => name),
      ["manual.pdf", "hello.tar.gz", "SHA256SUMS"],
    );
  });

  it("refuses other content for a published asset, and writes nothing", async () => {
    await bench.publish(v1);
    bench.fake.forget();
    const changed = { ...v1, title: "other", assets: { ...v1.assets, "hello.tar.gz": "another build" } };
    await assert.rejects(bench.publish(changed), (error: Error) => {
      assert.ok(error.message.includes(sha256("archive")) && error.message.includes(sha256("another build")));
      assert.match(
        error.message,
        /hello\.tar\.gz of acme\/hello v1\.0\.0 is published as .*new version.*replaceable: true/s,
      );
      return true;
    });
    assert.deepEqual(bench.fake.writes(), []);
  });

  it("replaces an asset that is declared replaceable by one that is there already", async () => {
    await bench.publish(v1);
    bench.fake.forget();
    const changed = { ...v1, assets: { ...v1.assets, SHA256SUMS: "new sums" }, replaceable: ["SHA256SUMS"] };
    const release = await bench.publish(changed);
    assert.deepEqual(
      bench.fake.writes().map((line) => line.replace(/slipway-\w+/, "slipway-X")),
      [
        "POST /repos/acme/hello/releases/ID/assets?name=SHA256SUMS.slipway-X 201",
        "DELETE /repos/acme/hello/releases/assets/ID 204",
        "PATCH /repos/acme/hello/releases/assets/ID 200",
      ],
    );
    assert.equal(release.assets.find(({ name }) => name === "SHA256SUMS")?.digest, sha256("new sums"));
    assert.deepEqual(release.assets.map(({ name }) => name).sort(), ["SHA256SUMS", "hello.tar.gz"]);
  });

  it("goes on with a replacement that was interrupted when the old asset was gone", async () => {
    await bench.publish(v1);
    const changed = { ...v1, assets: { ...v1.assets, SHA256SUMS: "new sums" }, replaceable: ["SHA256SUMS"] };
    bench.fake.forget();
    bench.fake.faults.push({ method: "PATCH", path: /\/releases\/assets\//, times: 1, answer: forbidden() });
    await assert.rejects(bench.publish(changed), /renaming SHA256SUMS\.slipway-/);
    bench.fake.forget();
    await bench.publish(changed);
    assert.deepEqual(bench.fake.uploaded(), [], "what is there under the interim name is used");
    const names = bench.repository.published("v1.0.0")?.assets.map(({ name }) => name);
    assert.deepEqual(names?.sort(), ["SHA256SUMS", "hello.tar.gz"]);
  });

  it("says that an immutable release does not change, and still edits its notes", async () => {
    bench.reset({ immutableReleases: true });
    await bench.publish(v1);
    bench.fake.forget();
    const changed = { ...v1, assets: { ...v1.assets, "new.txt": "new" }, replaceable: ["new.txt"] };
    await assert.rejects(
      bench.publish(changed),
      /acme\/hello v1\.0\.0 is an immutable release since .*would change new\.txt\. Publish the change as a new version/,
    );
    assert.deepEqual(bench.fake.writes(), []);
    await bench.publish({ ...v1, notes: "Corrected.\n" });
    assert.deepEqual(bench.fake.writes(), ["PATCH /repos/acme/hello/releases/ID 200"]);
  });

  it("refuses a tag that is on another commit, annotated or not, before anything is made", async () => {
    const target = bench.repository.commit("main");
    const other = bench.repository.commit("main");
    for (const annotated of [false, true]) {
      bench.repository.tag("v1.0.0", other, annotated);
      await assert.rejects(
        bench.publish({ ...v1, target }),
        new RegExp(
          `tag v1\\.0\\.0 of acme/hello is on commit ${other}, and this program releases ${target}\\. A version tag never moves`,
        ),
      );
    }
    assert.deepEqual(bench.fake.writes(), []);
    bench.repository.tag("v1.0.0", target, true);
    await bench.publish({ ...v1, target });
  });

  it("makes the tag on the commit that is declared", async () => {
    const target = bench.repository.commit("main");
    bench.repository.commit("main");
    await bench.publish({ ...v1, target });
    assert.equal(bench.repository.tags.get("v1.0.0")?.commit, target);
  });

  it("hashes an asset itself where the server tells no digest, without taking the token to the storage", async () => {
    bench.reset({ digests: false });
    await bench.publish(v1);
    bench.fake.forget();
    await bench.publish(v1);
    assert.deepEqual(bench.fake.writes(), []);
    const stored = bench.fake.requests.filter(({ server }) => server === "storage");
    assert.equal(stored.length, 2);
    for (const { headers, status } of stored) {
      assert.equal(headers.authorization, undefined);
      assert.equal(status, 200);
    }
    const there = bench.repository.releases[0];
    assert.ok(there?.assets[0]);
    there.assets[0].bytes = Buffer.from("changed");
    await assert.rejects(bench.publish(v1), /is published as sha256/);
  });

  it("notices a file that changes while it is uploaded, and leaves no such asset", async () => {
    const releases = bench.releases();
    await assert.rejects(
      bench.publish({ ...v1, assets: { one: "one" } }, { fileOf: async () => __filename }, releases),
      /changed while it was uploaded: it has the digest sha256/,
    );
    assert.deepEqual(bench.repository.releases[0]?.assets, []);
    assert.equal(bench.repository.releases[0]?.draft, true);
  });

  describe("and the latest release", () => {
    const cases: {
      title: string;
      tag: string;
      makeLatest?: "always" | "never";
      prerelease?: boolean;
      latest: string;
    }[] = [
      { title: "becomes a higher version", tag: "v2.1.0", latest: "v2.1.0" },
      { title: "stays the higher version", tag: "v1.9.1", latest: "v2.0.0" },
      { title: "becomes what is declared so", tag: "v1.9.1", makeLatest: "always", latest: "v1.9.1" },
      { title: "stays where it is declared so", tag: "v2.1.0", makeLatest: "never", latest: "v2.0.0" },
      { title: "is not a pre-release", tag: "v3.0.0-rc.1", prerelease: true, latest: "v2.0.0" },
    ];
    for (const { title, latest, ...release } of cases) {
      it(title, async () => {
        bench.repository.release("v2.0.0");
        await bench.publish({ ...release, assets: {} });
        assert.equal(bench.repository.latest()?.tag, latest);
        bench.fake.forget();
        await bench.publish({ ...release, assets: {} });
        assert.deepEqual(bench.fake.writes(), []);
      });
    }

    for (const [first, tag, latest] of [
      ["cli/v1.2.3", "cli/v1.1.9", "cli/v1.2.3"],
      ["cli/v1.2.3", "cli/v1.3.0", "cli/v1.3.0"],
      ["api/v9.0.0", "cli/v10.0.0", "api/v9.0.0"],
      ["v2.0.0", "cli/v9.0.0", "v2.0.0"],
      ["cli/v9.0.0", "v2.0.0", "v2.0.0"],
      ["@acme/a@1.2.3", "@acme/b@2.0.0", "@acme/a@1.2.3"],
      ["tool-v1.9.0", "tool-v1.10.0", "tool-v1.10.0"],
      ["cli/v1.2.3", "cli/v1.3.0-rc.1", "cli/v1.2.3"],
    ] as const) {
      it(`is ${latest} after ${first} and then ${tag}`, async () => {
        bench.repository.release(first);
        const prerelease = tag.includes("-rc");
        await bench.publish({ tag, prerelease, assets: {} });
        assert.equal(bench.repository.latest()?.tag, latest);
        bench.fake.forget();
        await bench.publish({ tag, prerelease, assets: {} });
        assert.deepEqual(bench.fake.writes(), []);
      });
    }

    it("is put back where somebody chose another", async () => {
      const other = bench.repository.release("v0.9.0");
      await bench.publish(v1);
      bench.repository.makeLatest(other, "true");
      await bench.publish(v1);
      assert.equal(bench.repository.latest()?.tag, "v1.0.0");
    });
  });

  it("opens a discussion with the publication", async () => {
    bench.reset({ discussionCategories: ["Announcements"] });
    const release = await bench.publish({ ...v1, discussionCategory: "Announcements" });
    assert.equal(release.discussion, true);
    assert.equal(bench.repository.releases[0]?.discussion, "Announcements");
  });
});

function forbidden() {
  return failed(403, "Resource not accessible by integration");
}
