import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { digestOf } from "../../../../lib/oci/digest";
import { RegistryError } from "../../../../lib/oci/errors";
import { MediaType } from "../../../../lib/oci/media-types";
import { referrerFacts } from "../../../../lib/oci/registry/referrer-facts";
import { referrersTag } from "../../../../lib/oci/registry/referrers-list";
import type { Repository } from "../../../../lib/oci/repository";
import type { Index } from "../../../../lib/oci/types";
import { startProxy, type FaultProxy } from "../../../support/proxy";
import {
  startCraneRegistry,
  startDistribution,
  startReferrersRegistry,
  type TestRegistry,
} from "../../../support/registries";
import { requireTools } from "../../../support/tools";
import { artifact, TestClients, type TestManifest } from "./fixtures";

describe("the facts of a referrer", () => {
  const descriptor = { mediaType: MediaType.ociManifest, digest: digestOf("x"), size: 1 };
  const subject = { mediaType: MediaType.ociManifest, digest: digestOf("y"), size: 1 };
  const cases: [name: string, manifest: unknown, expected: object][] = [
    ["no subject", { config: { mediaType: "c" } }, { entry: { ...descriptor, artifactType: "c" } }],
    [
      "an artifact type",
      { subject, artifactType: "a", config: { mediaType: "c" } },
      { subject, entry: { ...descriptor, artifactType: "a" } },
    ],
    [
      "an empty artifact type",
      { subject, artifactType: "", config: { mediaType: "c" } },
      { subject, entry: { ...descriptor, artifactType: "c" } },
    ],
    [
      "an index",
      { subject, manifests: [], annotations: { k: "v" } },
      { subject, entry: { ...descriptor, annotations: { k: "v" } } },
    ],
    ["null", null, { entry: descriptor }],
  ];
  for (const [name, manifest, expected] of cases) {
    it(`are read from ${name}`, () => {
      assert.deepEqual(referrerFacts(descriptor, Buffer.from(JSON.stringify(manifest))), expected);
    });
  }
  it("are none in what is not JSON", () => {
    assert.deepEqual(referrerFacts(descriptor, Buffer.from("{")), { entry: descriptor });
  });
});

describe("referrers without the API", function () {
  this.timeout(60_000);
  let registry: TestRegistry;
  let proxy: FaultProxy;
  let clients: TestClients;
  let repository: Repository;
  let image: TestManifest;
  let path: string;

  before(async function () {
    requireTools(this, "registry");
    registry = await startDistribution();
    proxy = await startProxy(registry.port);
  });
  after(async () => {
    await proxy?.stop();
    await registry?.stop();
  });
  beforeEach(async () => {
    proxy.reset();
    clients = new TestClients();
    path = `acme/app-${randomBytes(4).toString("hex")}`;
    repository = open();
    image = await artifact(repository);
    await repository.putManifest(image.bytes, MediaType.ociManifest, { tag: "v1" });
  });
  afterEach(() => clients.close());

  const open = () => clients.open().repository({ registry: proxy.host, path });
  const attach = async (through = repository, change = {}) => {
    const referrer = await artifact(through, {
      subject: image.descriptor,
      artifactType: "application/vnd.example.a",
      ...change,
    });
    await through.putManifest(referrer.bytes, MediaType.ociManifest);
    return referrer;
  };
  it("lists what is attached beside one that somebody deleted", async () => {
    const [kept, deleted] = [await attach(), await attach()];
    // As a client that does not know of the list deletes it.
    const url = `http://${registry.host}/v2/${path}/manifests/${deleted.digest}`;
    assert.equal((await fetch(url, { method: "DELETE" })).status, 202);
    const added = await attach(open());
    const listed = (await index()).manifests.map(({ digest }) => digest);
    assert.deepEqual(listed, [kept.digest, added.digest]);
  });

  const index = async () =>
    JSON.parse((await repository.getManifest(referrersTag(image.digest))).bytes.toString()) as Index;

  it("are kept in an index under the subject's tag", async () => {
    const referrer = await attach(repository, { annotations: { "org.example.k": "v" } });
    const { schemaVersion, mediaType, manifests } = await index();
    assert.deepEqual({ schemaVersion, mediaType }, { schemaVersion: 2, mediaType: MediaType.ociIndex });
    assert.equal(manifests.length, 1);
    assert.equal(manifests[0]?.annotations?.["org.example.k"], "v");
    assert.deepEqual(
      manifests.map(({ mediaType, digest, size, artifactType }) => ({
        mediaType,
        digest,
        size,
        artifactType,
      })),
      [{ ...referrer.descriptor, artifactType: "application/vnd.example.a" }],
    );
  });

  it("keep the entries of others, whatever they hold", async () => {
    const foreign = {
      ...(await artifact(repository)).descriptor,
      mediaType: "application/vnd.example.unknown",
      data: "e30=",
    };
    const others: Index = { schemaVersion: 2, mediaType: MediaType.ociIndex, manifests: [foreign] };
    // The registry checks that known children exist; this one is of a type that it does not know.
    await repository
      .putManifest(Buffer.from(JSON.stringify(others)), MediaType.ociIndex, {
        tag: referrersTag(image.digest),
      })
      .catch((error: unknown) => {
        if (!(error instanceof RegistryError)) throw error;
        foreign.mediaType = MediaType.ociManifest;
        Object.assign(foreign, image.descriptor);
        return repository.putManifest(Buffer.from(JSON.stringify(others)), MediaType.ociIndex, {
          tag: referrersTag(image.digest),
        });
      });
    const referrer = await attach();
    assert.deepEqual(
      (await index()).manifests.map(({ digest, data }) => [digest, data]),
      [
        [foreign.digest, "e30="],
        [referrer.digest, undefined],
      ],
    );
  });

  it("are all listed after pushes at the same time", async () => {
    const pushed = await Promise.all(Array.from({ length: 5 }, () => attach()));
    const listed = (await repository.listReferrers(image.digest)).map(({ digest }) => digest);
    assert.deepEqual(listed.sort(), pushed.map(({ digest }) => digest).sort());
  });

  it("are listed by one change for all that are attached while the list is being changed", async () => {
    const tag = new RegExp(referrersTag(image.digest));
    proxy.inject({ method: "GET", path: tag, nth: 1, fault: { kind: "delay", milliseconds: 300 } });
    await Promise.all(Array.from({ length: 6 }, () => attach()));
    assert.equal((await index()).manifests.length, 6);
    // The one that was under way, and one for the others; each is looked at afterwards.
    const puts = proxy.count("PUT", tag);
    assert.ok(puts <= 2, `${puts} changes of the list`);
  });

  it("all fail where the change that lists them does, and are listed the next time", async () => {
    const tag = new RegExp(referrersTag(image.digest));
    proxy.inject({ method: "PUT", path: tag, nth: 1, fault: { kind: "respond", status: 403 } });
    const tried = await Promise.allSettled(Array.from({ length: 3 }, () => attach()));
    assert.ok(tried.some(({ status }) => status === "rejected"));
    const added = await Promise.all([attach(), attach()]);
    const listed = (await index()).manifests.map(({ digest }) => digest);
    for (const { digest } of added) assert.ok(listed.includes(digest), digest);
  });

  it("are written again where somebody else wrote in between", async () => {
    const first = await attach();
    const racer = await artifact(repository, { subject: image.descriptor });
    let raced = false;
    const tag = referrersTag(image.digest);
    // The second index is overwritten, right after it was written, by one that does not know of it.
    const original = (await index()).manifests;
    const other = clients.open().repository({ registry: registry.host, path });
    proxy.inject({ method: "PUT", path: new RegExp(tag), nth: 1, fault: { kind: "delay", milliseconds: 1 } });
    const watch = setInterval(() => {
      const put = proxy.requests.some(
        ({ method, path: seen, status }) => method === "PUT" && seen.includes(tag) && status === 201,
      );
      if (!put || raced) return;
      raced = true;
      const manifests: Index = { schemaVersion: 2, mediaType: MediaType.ociIndex, manifests: original };
      void other.putManifest(Buffer.from(JSON.stringify(manifests)), MediaType.ociIndex, { tag });
    }, 0);
    proxy.requests.length = 0;
    proxy.inject({
      method: "GET",
      path: new RegExp(tag),
      nth: 2,
      fault: { kind: "delay", milliseconds: 150 },
    });
    try {
      await repository.putManifest(racer.bytes, MediaType.ociManifest);
    } finally {
      clearInterval(watch);
    }
    assert.ok(raced);
    assert.deepEqual(
      (await index()).manifests.map(({ digest }) => digest),
      [first.digest, racer.digest],
    );
  });

  it("are written with If-Match where the registry gives an entity tag, and again after a 412", async () => {
    await attach();
    proxy.reset();
    const tag = new RegExp(referrersTag(image.digest));
    proxy.inject({ method: "PUT", path: tag, nth: 1, fault: { kind: "respond", status: 412 } });
    proxy.inject({ method: "GET", path: tag, fault: { kind: "headers", response: { etag: '"one"' } } });
    await attach();
    const puts = proxy.requests.filter((seen) => seen.method === "PUT" && tag.test(seen.path));
    assert.deepEqual(
      puts.map(({ headers, status }) => [headers["if-match"], status]),
      [
        ['"one"', 412],
        ['"one"', 201],
      ],
    );
    assert.equal((await index()).manifests.length, 2);
  });

  it("give up where others never stop writing", async () => {
    await attach();
    proxy.inject({
      method: "PUT",
      path: new RegExp(referrersTag(image.digest)),
      fault: { kind: "respond", status: 412 },
    });
    await assert.rejects(attach(), /updating the referrers list .*try again/s);
  });

  it("are asked for by API once only", async () => {
    for (let i = 0; i < 3; i++) await attach();
    assert.equal(proxy.count("GET", /\/referrers\//), 1);
  });

  it("are added to a list with one that somebody deleted without taking it off", async () => {
    const [gone, kept] = [await attach(), await attach()];
    const target = `http://${registry.host}/v2/${path}/manifests/${gone.digest}`;
    assert.equal((await fetch(target, { method: "DELETE" })).status, 202);
    const added = await attach();
    assert.deepEqual(
      (await index()).manifests.map(({ digest }) => digest),
      [kept.digest, added.digest],
    );
  });

  it("leave the list when they are deleted", async () => {
    const [first, second] = [await attach(), await attach()];
    await repository.deleteManifest(first.digest);
    assert.deepEqual(
      (await index()).manifests.map(({ digest }) => digest),
      [second.digest],
    );
  });

  it("are none of a manifest without any", async () => {
    assert.deepEqual(await repository.listReferrers(digestOf("nothing")), []);
  });
});

describe("referrers by API", function () {
  this.timeout(60_000);
  let registry: TestRegistry;
  let proxy: FaultProxy;
  let clients: TestClients;
  let repository: Repository;

  before(async function () {
    requireTools(this, "crane");
    registry = await startCraneRegistry();
    proxy = await startProxy(registry.port);
  });
  after(async () => {
    await proxy?.stop();
    await registry?.stop();
  });
  beforeEach(() => {
    proxy.reset();
    clients = new TestClients();
    repository = clients.open({ pageSize: 2 }).repository({ registry: proxy.host, path: "acme/app" });
  });
  afterEach(() => clients.close());

  const subject = digestOf("the subject");
  const entry = (name: string, artifactType = "a") => ({
    mediaType: MediaType.ociManifest,
    digest: digestOf(name),
    size: 1,
    artifactType,
  });
  const page = (entries: object[], headers = {}) =>
    ({
      kind: "respond",
      status: 200,
      headers: { "content-type": MediaType.ociIndex, ...headers },
      body: JSON.stringify({ schemaVersion: 2, mediaType: MediaType.ociIndex, manifests: entries }),
    }) as const;

  it("follow the pages, with the page size", async () => {
    proxy.inject({ path: /next=2/, fault: page([entry("3")]) });
    proxy.inject({
      fault: page([entry("1"), entry("2")], {
        link: `</v2/acme/app/referrers/${subject}?n=2&next=2>; rel="next"`,
      }),
    });
    const listed = await repository.listReferrers(subject);
    assert.deepEqual(
      listed.map(({ digest }) => digest),
      ["1", "2", "3"].map(digestOf),
    );
    assert.match(proxy.requests[0]?.path ?? "", /\?n=2$/);
  });

  it("end a circle of pages", async () => {
    proxy.inject({
      fault: page([entry("1")], { link: `</v2/acme/app/referrers/${subject}?n=2>; rel="next"` }),
    });
    await assert.rejects(repository.listReferrers(subject), /does not end/);
  });

  it("are filtered here where the registry did not, and also where it did", async () => {
    for (const headers of [{}, { "oci-filters-applied": "artifactType" }]) {
      proxy.reset();
      proxy.inject({ fault: page([entry("1", "a"), entry("2", "b")], headers) });
      const listed = await repository.listReferrers(subject, "b");
      assert.deepEqual(
        listed.map(({ digest }) => digest),
        [digestOf("2")],
      );
      assert.match(proxy.requests[0]?.path ?? "", /artifactType=b&n=2$/);
    }
  });

  it("come from the tag where the API answers something else", async () => {
    proxy.inject({
      path: /\/referrers\//,
      fault: { kind: "respond", status: 200, body: "<html>welcome</html>" },
    });
    proxy.inject({ path: new RegExp(referrersTag(subject)), fault: page([entry("1")]) });
    assert.deepEqual(
      (await repository.listReferrers(subject)).map(({ digest }) => digest),
      [digestOf("1")],
    );
  });

  it("fail where the registry fails, rather than look absent", async () => {
    // Who may read what is asked about, or is told that it is not there, lacks no rights.
    for (const [status, path] of [
      [403, /\/(referrers|manifests)\//],
      [500, /\/referrers\//],
    ] as const) {
      proxy.reset();
      proxy.inject({ path, fault: { kind: "respond", status } });
      await assert.rejects(repository.listReferrers(subject), { status });
    }
  });

  it("need no tag", async function () {
    requireTools(this, "referrers-registry");
    const real = await startReferrersRegistry();
    const front = await startProxy(real.port);
    try {
      repository = clients.open().repository({ registry: front.host, path: "acme/app" });
      const image = await artifact(repository);
      await repository.putManifest(image.bytes, MediaType.ociManifest, { tag: "v1" });
      const referrer = await artifact(repository, { subject: image.descriptor });
      await repository.putManifest(referrer.bytes, MediaType.ociManifest);
      assert.deepEqual(await repository.listTags(), ["v1"]);
      assert.equal((await repository.listReferrers(image.digest)).length, 1);
      await repository.deleteManifest(referrer.digest);
      assert.equal((await repository.listReferrers(image.digest)).length, 0);
      assert.equal(front.count("GET", /sha256-/), 0);
    } finally {
      await front.stop();
      await real.stop();
    }
  });

  describe("that are looked at for one piece of work", () => {
    let real: TestRegistry;
    let front: FaultProxy;
    const looks = () => front.count("GET", /\/referrers\//);

    before(async function () {
      requireTools(this, "referrers-registry");
      real = await startReferrersRegistry();
      front = await startProxy(real.port);
    });
    after(async () => {
      await front?.stop();
      await real?.stop();
    });
    beforeEach(() => front.reset());

    const open = (name: string) => clients.open().repository({ registry: front.host, path: `acme/${name}` });
    const pushed = async (to: Repository, options: Parameters<typeof artifact>[1] = {}) => {
      const made = await artifact(to, options);
      await to.putManifest(made.bytes, MediaType.ociManifest);
      return made;
    };
    const listed = async (of: Repository, subject: string, type?: string, since?: number) =>
      (await of.listReferrers(subject, type, { since })).map(({ digest }) => digest);

    it("are asked for once, with what this process has added since", async () => {
      const repository = open("once");
      const image = await pushed(repository);
      const since = performance.now();
      const both = [
        listed(repository, image.digest, "a", since),
        listed(repository, image.digest, "a", since),
      ];
      assert.deepEqual(await Promise.all(both), [[], []]);
      assert.equal(looks(), 1);
      const own = await pushed(repository, { subject: image.descriptor, artifactType: "a" });
      await pushed(repository, { subject: image.descriptor, artifactType: "b" });
      front.reset();
      assert.deepEqual(await listed(repository, image.digest, "a", since), [own.digest]);
      assert.equal(front.requests.length, 0);
    });

    it("are asked for again by the next one, which finds what others have added", async () => {
      const repository = open("again");
      const image = await pushed(repository);
      const since = performance.now();
      await listed(repository, image.digest, "a", since);
      const foreign = await pushed(open("again"), { subject: image.descriptor, artifactType: "a" });
      assert.deepEqual(await listed(repository, image.digest, "a", performance.now()), [foreign.digest]);
      assert.deepEqual(await listed(repository, image.digest, "a"), [foreign.digest]);
    });

    it("are asked for again where the look has failed", async () => {
      const repository = open("failed");
      const image = await pushed(repository);
      const since = performance.now();
      front.inject({ path: /\/referrers\//, nth: 1, fault: { kind: "respond", status: 403 } });
      front.inject({ method: "HEAD", nth: 1, fault: { kind: "respond", status: 403 } });
      await assert.rejects(listed(repository, image.digest, "a", since), { status: 403 });
      assert.deepEqual(await listed(repository, image.digest, "a", since), []);
    });

    it("are not read to learn what they state, where this process has pushed or read them", async () => {
      const repository = open("stated");
      const image = await pushed(repository);
      const own = await pushed(repository, { subject: image.descriptor, artifactType: "a" });
      const reads = () => front.count("GET", new RegExp(`/manifests/${own.digest}`));
      assert.deepEqual(await listed(repository, image.digest, "a"), [own.digest]);
      assert.equal(reads(), 0);
      const stranger = open("stated");
      for (const _ of [1, 2]) assert.deepEqual(await listed(stranger, image.digest, "a"), [own.digest]);
      assert.equal(reads(), 1);
    });
  });
});
