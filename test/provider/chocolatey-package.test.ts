import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { archiveEntries } from "../../lib/archive/entries";
import { writeArchive } from "../../lib/archive/write";
import { packageParts } from "../../lib/channels/chocolatey/package";
import { resolveLayer } from "../../lib/oci/layer/resolve";
import type { Properties } from "../../provider/base/properties";
import { feedKey, NugetFeed } from "../support/nuget-feed";
import { CheckFailed, ProviderProcess, secret, type Held } from "../support/provider-process";
import { startProxy, type Fault, type FaultProxy } from "../support/proxy";

const type = "slipway:chocolatey:Package";

describe("a package in a feed of Chocolatey", () => {
  let root: string;
  let feed: NugetFeed;
  let proxy: FaultProxy;
  let provider: ProviderProcess;

  before(async () => {
    root = await mkdtemp(path.join(tmpdir(), "slipway-chocolatey-test-"));
    for (const version of ["1.0.0", "1.1.0"]) await write("", version);
    await write("other", "1.0.0", "Greets the world in another way.");
  });
  beforeEach(async () => {
    feed = await NugetFeed.start(path.join(root, "feed"));
    proxy = await startProxy(feed.port);
    provider = await ProviderProcess.start(root);
  });
  afterEach(async () => {
    await provider?.stop();
    await proxy?.stop();
    await feed?.stop();
  });
  after(async () => {
    if (root) await rm(root, { recursive: true, force: true, maxRetries: 3 });
  });

  async function write(folder: string, version: string, description = "Greets the world."): Promise<void> {
    const about = {
      id: "hello",
      version,
      authors: "Acme",
      description,
      homepage: "https://acme.example",
      tags: ["hello"],
    };
    const files = Object.entries(packageParts(about, "exit 0\r\n")).map(([name, content]) => ({
      path: name,
      content,
    }));
    const entries = await archiveEntries(files, {}, (declared) =>
      resolveLayer(root, declared, { overBase: false }),
    );
    const file = path.join(root, `${folder}hello.${version}.nupkg`);
    await writeArchive(file, entries, "nupkg");
  }

  const fileOf = (version: string, folder = "") =>
    readFile(path.join(root, `${folder}hello.${version}.nupkg`));
  const hashOf = async (version: string, folder = "") =>
    `sha512:${createHash("sha512")
      .update(await fileOf(version, folder))
      .digest("hex")}`;
  const declared = (version = "1.0.0", more: Properties = {}): Properties => ({
    packageId: "hello",
    version,
    path: `hello.${version}.nupkg`,
    feed: { source: `http://${proxy.host}/nuget/`, push: `http://${proxy.host}/nuget/`, ...feedOf(more) },
    apiKey: secret(feedKey),
    gated: true,
  });
  const feedOf = ({ moderated }: Properties) => (moderated === undefined ? {} : { moderated });
  const moderated = (version = "1.0.0") => declared(version, { moderated: true });

  async function looked(held: Held): Promise<Held> {
    const read = await provider.read(held);
    assert.ok(read);
    return read;
  }

  it("is there after one push; a preview pushes nothing, a second run neither", async () => {
    assert.equal((await provider.create(type, declared(), true)).state.state, "served");
    assert.equal(feed.pushes(), 0);
    const held = await provider.create(type, declared());
    assert.deepEqual([held.state.state, held.state.published], ["served", await hashOf("1.0.0")]);
    assert.deepEqual((await provider.diff(await looked(held), declared())).changes, []);
    assert.equal((await provider.create(type, declared())).state.state, "served");
    assert.equal(feed.pushes(), 1);
    assert.deepEqual(feed.versions[0]?.bytes, await fileOf("1.0.0"));
  });

  it("with other bytes is refused with both digests, at preview, gated or not", async () => {
    await feed.put(await fileOf("1.0.0", "other"));
    const digests = [await hashOf("1.0.0"), await hashOf("1.0.0", "other")];
    await assert.rejects(provider.create(type, declared(), true), (error: Error) => {
      for (const digest of digests) assert.ok(error.message.includes(digest), error.message);
      assert.match(error.message, /a listed version does not change\. Publish a new version/);
      return true;
    });
    assert.equal((await provider.create(type, declared())).state.state, "failed");
    assert.equal(feed.pushes(), 0);
  });

  it("waits for moderators without an error and without drift, whether the feed shows it or not", async () => {
    feed.moderated = true;
    const held = await provider.create(type, moderated());
    assert.equal(held.state.state, "awaiting");
    for (const shows of [false, true]) {
      feed.showsWaiting = shows;
      const read = await looked(held);
      assert.equal(read.state.state, "awaiting");
      assert.deepEqual((await provider.diff(read, moderated())).changes, []);
    }
    feed.showsWaiting = false;
    proxy.inject({ method: "GET", fault: { kind: "respond", status: 400, body: "no" } });
    const unasked = await looked(held);
    assert.equal(unasked.state.state, "unknown");
    proxy.reset();
    const again = await looked(unasked);
    assert.deepEqual([again.state.state, again.state.awaitingSince], ["awaiting", held.state.awaitingSince]);
    feed.approve("1.0.0");
    const approved = await looked(held);
    assert.deepEqual([approved.state.state, approved.state.reason], ["served", undefined]);
    assert.deepEqual((await provider.diff(approved, moderated())).changes, []);
    assert.equal(feed.pushes(), 1);
  });

  it("is put off while an earlier version waits (403), and pushed by the first update after that", async () => {
    feed.moderated = true;
    let held = await looked(await provider.create(type, moderated()));
    for (let tries = 1; tries <= 2; tries++) {
      held = await looked(await provider.update(held, moderated("1.1.0")));
      assert.equal(held.state.state, "awaiting");
      assert.match(String(held.state.reason), /HTTP 403\. An earlier version is in the queue/);
      assert.notDeepEqual((await provider.diff(held, moderated("1.1.0"))).changes, []);
    }
    feed.approve("1.0.0");
    held = await looked(await provider.update(held, moderated("1.1.0")));
    assert.equal(held.state.published, await hashOf("1.1.0"));
    assert.deepEqual((await provider.diff(held, moderated("1.1.0"))).changes, []);
    assert.deepEqual(
      feed.versions.map(({ version }) => version),
      ["1.0.0", "1.1.0"],
    );
  });

  it("that the feed has in its queue already (409) is awaited too", async () => {
    feed.moderated = true;
    await feed.put(await fileOf("1.0.0"));
    const held = await provider.create(type, moderated());
    assert.equal(held.state.state, "awaiting");
    assert.match(
      String(held.state.reason),
      /HTTP 409 \(A package with id 'hello'.* has this version in its queue/,
    );
    assert.deepEqual((await provider.diff(await looked(held), moderated())).changes, []);
  });

  it("that moderators have rejected says so, and is not pushed again", async () => {
    feed.moderated = feed.showsWaiting = true;
    const held = await provider.create(type, moderated());
    feed.reject("1.0.0");
    const read = await looked(held);
    assert.equal(read.state.state, "behind");
    assert.match(String(read.state.reason), /have rejected it: look there why, and publish a new version/);
    assert.deepEqual((await provider.diff(read, moderated())).changes, []);
  });

  for (const [what, fault, pushes] of [
    ["an answer that is lost", { kind: "lose-response" }, 1],
    ["a push that breaks off", { kind: "cut-request", afterBytes: 300 }, 2],
    ["a feed that wants a wait", { kind: "respond", status: 429, headers: { "retry-after": "1" } }, 2],
    ["a feed that is ill for a moment", { kind: "respond", status: 503 }, 2],
  ] as [string, Fault, number][]) {
    it(`survives ${what}, and is not sent twice`, async () => {
      proxy.inject({ method: "PUT", nth: 1, fault });
      const held = await provider.create(type, declared());
      assert.equal(held.state.state, "served");
      assert.equal(proxy.count("PUT"), pushes);
      assert.equal(feed.versions.length, 1);
    });
  }

  it("that somebody has deleted is told, and pushed again", async () => {
    const held = await provider.create(type, declared());
    feed.versions.length = 0;
    const read = await looked(held);
    assert.match(provider.messages.at(-1) ?? "", /hello 1\.0\.0 is gone from .*`pulumi up` pushes it again/);
    assert.equal((await provider.update(read, declared())).state.state, "served");
    assert.equal(feed.versions.length, 1);
  });

  it("that somebody has replaced is told, with both digests", async () => {
    const held = await provider.create(type, declared());
    await feed.put(await fileOf("1.0.0", "other"));
    const read = await looked(held);
    assert.equal(read.state.state, "behind");
    assert.ok((provider.messages.at(-1) ?? "").includes(await hashOf("1.0.0", "other")));
    await assert.rejects(provider.update(read, declared(), true), /a listed version does not change/);
  });

  it("of a feed that cannot be asked, or answers something else, is taken to be as it was", async () => {
    const held = await provider.create(type, declared());
    for (const fault of [
      { kind: "respond", status: 400, body: "no" },
      { kind: "respond", status: 200, body: "<html>sign in</html>" },
    ] as Fault[]) {
      proxy.inject({ method: "GET", fault });
      const read = await looked(held);
      assert.equal(read.state.state, "unknown");
      assert.deepEqual((await provider.diff(read, declared())).changes, []);
      proxy.reset();
    }
    assert.equal((await looked(held)).state.state, "served");
  });

  it("with a key that is not accepted fails with advice, and shows the key nowhere", async () => {
    feed.key = "another";
    const held = await provider.create(type, declared());
    assert.equal(held.state.state, "failed");
    assert.match(String(held.state.reason), /HTTP 403 \(The specified API key is invalid.*not for hello$/);
    assert.ok(!provider.messages.join("\n").includes(feedKey));
    assert.ok(feed.requests.every(({ method, key }) => (key === undefined) === (method !== "PUT")));
    feed.key = feedKey;
    assert.equal((await provider.update(await looked(held), declared())).state.state, "served");
  });

  for (const [what, more, reason] of [
    [
      "a file of another name",
      { path: "hello.1.1.0.nupkg" },
      /path: .*the name hello\.1\.0\.0\.nupkg is expected/,
    ],
    ["a version that is none", { version: "1.0.0-rc.1" }, /"1\.0\.0-rc\.1" is not a version of Chocolatey/],
    ["a key in clear", { apiKey: "in-clear-text" }, /^apiKey: is in clear text/],
    [
      "an address with credentials",
      { feed: { source: "https://u:hidden@x.example/", push: "https://x.example/" } },
      /the address is not one of a feed, without credentials/,
    ],
    [
      "a wire that others read",
      { feed: { source: "http://x.example/", push: "http://x.example/" } },
      /feed\.push: .*would get the key in clear: take https/,
    ],
    ["another digest", { digest: `sha256:${"0".repeat(64)}` }, /has the digest sha256:.*, not the declared/],
  ] as [string, Properties, RegExp][]) {
    it(`is refused with ${what}`, async () => {
      await assert.rejects(provider.create(type, { ...declared(), ...more }, true), (error: Error) => {
        assert.match(error.message, reason);
        assert.doesNotMatch(error.message, /hidden|in-clear-text/);
        // The engine shows the value of a property that it is told of.
        const named = error instanceof CheckFailed ? error.failures.map(({ property }) => property) : [];
        assert.ok(!named.includes("apiKey"));
        return true;
      });
      assert.equal(feed.requests.length, 0);
    });
  }
});
