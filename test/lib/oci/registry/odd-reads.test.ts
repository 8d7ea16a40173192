import assert from "node:assert/strict";
import { isNotFound } from "../../../../lib/oci/errors";
import { MediaType } from "../../../../lib/oci/media-types";
import { mirror } from "../../../../lib/oci/mirror";
import { RecentPushes } from "../../../../lib/oci/registry/recent-pushes";
import type { RegistryClientOptions } from "../../../../lib/oci/registry/client";
import { anonymousPullCheck } from "../../../../lib/checks/pull-check";
import { artifactorySignedIn } from "../../../support/odd-registries/artifactory";
import { refusal, type Behavior } from "../../../support/odd-registries/exchange";
import { lateVisibility } from "../../../support/odd-registries/late-visibility";
import { quay } from "../../../support/odd-registries/quay";
import { s3Storage } from "../../../support/odd-registries/s3-storage";
import { startVendor, type OddRegistry, type Vendor } from "../../../support/odd-registries/vendor";
import { htpasswdUser } from "../../../support/registries";
import { requireTools } from "../../../support/tools";
import { artifact, drain, randomBlob, TestClients } from "./fixtures";

const nowhere = `sha256:${"0".repeat(64)}`;

describe("reads that a registry refuses", function () {
  this.timeout(60_000);
  let clients: TestClients;
  let registry: OddRegistry | undefined;
  let told: string[];
  before(function () {
    requireTools(this, "registry", "docker-registry");
  });
  beforeEach(() => {
    clients = new TestClients();
    told = [];
  });
  afterEach(async () => {
    await clients.close();
    await registry?.stop();
    registry = undefined;
  });

  const start = async (vendor: Vendor): Promise<OddRegistry> => (registry = await startVendor(vendor));
  const open = (path = "acme/app", password = htpasswdUser.password, options: RegistryClientOptions = {}) => {
    const host = registry?.host ?? "";
    const credentials = [{ host, username: htpasswdUser.username, password }];
    return clients
      .open({ credentials, onAssumed: (text) => told.push(text), ...options })
      .repository({ registry: host, path });
  };

  describe("because its first push makes the repository", () => {
    beforeEach(() => start(quay));

    it("count as not there, which is told once, and nothing but pulling is asked for", async () => {
      const repository = open();
      assert.equal(await repository.headManifest("v1"), undefined);
      assert.equal(await repository.headManifest(nowhere), undefined);
      assert.equal(await repository.blobSize(nowhere, 5), undefined);
      assert.deepEqual(await repository.listTags(), []);
      assert.deepEqual(await repository.listReferrers(nowhere), []);
      assert.deepEqual(told, [
        `${registry?.host} does not say whether ${registry?.host}/acme/app is there (HTTP 401): it counts as not ` +
          'there, and the push will show it. If it is there, user "alice" has no right to read it.',
      ]);
      assert.ok(
        registry?.requests.every(({ path }) => !/push/.test(path)),
        "a look makes no repository",
      );
    });

    it("are errors where what is read has to be there", async () => {
      await assert.rejects(open().getManifest("v1"), /HTTP 401[^]*were accepted, and do not allow this/);
      await assert.rejects(open().getBlob({ digest: nowhere, size: 5 }), { status: 401 });
    });

    it("do not keep from pushing and reading", async () => {
      const repository = open();
      assert.equal(await repository.headManifest("v1"), undefined);
      const image = await artifact(repository);
      await repository.putManifest(image.bytes, MediaType.ociManifest, { tag: "v1" });
      assert.equal((await repository.headManifest("v1"))?.digest, image.digest);
      assert.deepEqual(await repository.listTags(), ["v1"]);
      assert.equal(await repository.headManifest("v2"), undefined);
    });

    it("do not keep from mirroring into it and out of it", async () => {
      const source = open("acme/source");
      const image = await artifact(source);
      await source.putManifest(image.bytes, MediaType.ociManifest, { tag: "v1" });
      const target = open("acme/target");
      const report = await mirror({ sources: [source], target, digest: image.digest, tags: ["v1"] });
      assert.deepEqual(report.missing, []);
      assert.equal((await open("acme/target").headManifest("v1"))?.digest, image.digest);
    });

    it("are told as wrong credentials where those are wrong", async () => {
      const repository = open("acme/app", "wrong");
      for (const read of [() => repository.headManifest("v1"), () => repository.listTags()]) {
        await assert.rejects(
          read(),
          /HTTP 401 \(UNAUTHORIZED: Invalid Username[^]*The credentials from the configuration/,
        );
      }
      assert.deepEqual(told, []);
    });

    it("are told to those who have not signed in", async () => {
      const repository = clients.open().repository({ registry: registry?.host ?? "", path: "acme/app" });
      await assert.rejects(repository.headManifest("v1"), /HTTP 401[^]*No credentials were found/);
    });
  });

  describe("because what is asked for is not there", () => {
    for (const vendor of [artifactorySignedIn, s3Storage]) {
      it(`count as not there, which is told once: ${vendor.name}`, async () => {
        await start(vendor);
        const repository = open();
        const image = await artifact(repository);
        assert.equal(await repository.headManifest("v1"), undefined);
        await repository.putManifest(image.bytes, MediaType.ociManifest, { tag: "v1" });
        const again = open();
        assert.equal(await again.headManifest("v2"), undefined);
        assert.equal(await again.blobSize(nowhere, 5), undefined);
        assert.equal((await again.headManifest("v1"))?.digest, image.digest);
        for (const read of [() => again.getManifest("v2"), () => again.getManifest(nowhere)]) {
          await assert.rejects(read(), (error) => isNotFound(error));
        }
        const lines = new Set(told);
        assert.deepEqual(
          [...lines],
          [
            `${registry?.host} answers HTTP 403 for what is not in ${registry?.host}/acme/app: it counts as not there`,
          ],
        );
      });

      it(`do not keep from mirroring out of it: ${vendor.name}`, async () => {
        await start(vendor);
        const source = open();
        const image = await artifact(source);
        await source.putManifest(image.bytes, MediaType.ociManifest, { tag: "v1" });
        const report = await mirror({
          sources: [open()],
          target: open("acme/mirrored"),
          digest: image.digest,
          tags: ["v1"],
        });
        assert.deepEqual(report.missing, []);
      });
    }

    it("ask for the list of tags once", async () => {
      const { count } = await start(artifactorySignedIn);
      const repository = open();
      for (const tag of ["v1", "v2", "v3"]) assert.equal(await repository.headManifest(tag), undefined);
      assert.equal(count("GET", /\/tags\/list/), 1);
    });
  });

  describe("to who has not signed in, without asking", () => {
    /** A registry that lets anybody read one repository, and refuses all else. */
    const opened = (status: 401 | 403, root: "basic" | "silent"): Vendor => ({
      ...artifactorySignedIn,
      behave:
        () =>
        async ({ kind, signedIn, pass }) => {
          if (signedIn) return pass();
          if (kind === "base") return root === "basic" ? pass() : { status: 200, headers: {}, body: "{}" };
          return refusal(status, "DENIED", "forbidden");
        },
    });
    for (const [status, root] of [
      [403, "silent"],
      [403, "basic"],
      [401, "silent"],
    ] as const) {
      it(`are asked again with the credentials: HTTP ${status}, and the root is ${root}`, async () => {
        const { count } = await start(opened(status, root));
        const repository = open();
        const pushed = await Promise.all([artifact(repository), artifact(repository)]);
        for (const { bytes } of pushed) await repository.putManifest(bytes, MediaType.ociManifest);
        assert.equal(count("GET", /\/v2\/$/), 1);
        await assert.rejects(open("acme/app", "wrong").headManifest("v1"), /HTTP 401[^]*were refused/);
      });
    }

    it("are asked again as the refusal itself says", async () => {
      const { count } = await start({
        ...artifactorySignedIn,
        behave:
          () =>
          ({ signedIn, pass }) =>
            signedIn ? pass() : refusal(403, "DENIED", "no", { "www-authenticate": 'Basic realm="here"' }),
      });
      await artifact(open());
      assert.equal(count("GET", /\/v2\/$/), 0);
    });

    it("are believed where there are no credentials, or others than for that part", async () => {
      const { requests } = await start(opened(403, "silent"));
      const host = registry?.host ?? "";
      for (const options of [
        { anonymous: true },
        { credentials: [{ host: `${host}/other`, ...htpasswdUser }] },
      ]) {
        const repository = open("acme/app", undefined, options);
        await assert.rejects(repository.headManifest("v1"), { status: 403 });
      }
      assert.ok(requests.every(({ headers }) => headers.authorization === undefined));
    });
  });

  describe("because the account may not read", () => {
    const vendor = (behave: Behavior): Vendor => ({ ...artifactorySignedIn, behave: () => behave });
    const denied = refusal(403, "DENIED", "requested access to the resource is denied");

    it("anything are errors with a hint about rights", async () => {
      await start(vendor(({ kind, signedIn, pass }) => (kind === "base" || !signedIn ? pass() : denied)));
      const repository = open();
      for (const read of [
        () => repository.headManifest("v1"),
        () => repository.headManifest(nowhere),
        () => repository.blobSize(nowhere, 5),
        () => repository.listTags(),
        () => repository.listReferrers(nowhere),
        () => repository.getManifest("v1"),
      ]) {
        await assert.rejects(read(), /HTTP 403[^]*check the account's rights on the repository/);
      }
      assert.deepEqual(told, []);
    });

    it("a tag that the registry lists are errors too", async () => {
      await start(
        vendor(({ kind, reads, byDigest, signedIn, pass }) =>
          kind === "manifests" && reads && !byDigest && signedIn ? denied : pass(),
        ),
      );
      const repository = open();
      const image = await artifact(repository);
      await repository.putManifest(image.bytes, MediaType.ociManifest, { tag: "v1" });
      await assert.rejects(repository.headManifest("v1"), /check the account's rights/);
      assert.equal(await repository.headManifest("v2"), undefined);
    });

    it("are told as wrong credentials where those are wrong", async () => {
      await start(artifactorySignedIn);
      await assert.rejects(open("acme/app", "wrong").headManifest("v1"), /HTTP 401[^]*were refused/);
    });

    it("although something was pushed are errors", async () => {
      await start(
        vendor(({ kind, reads, signedIn, pass }) =>
          reads && kind !== "base" && signedIn ? refusal(401, "UNAUTHORIZED", "no") : pass(),
        ),
      );
      const repository = open();
      assert.equal(await repository.headManifest("v1"), undefined);
      const blob = randomBlob(100);
      await repository.putBlob(blob, blob.source);
      await assert.rejects(repository.headManifest("v1"), { status: 401 });
    });
  });
});

describe("content that a registry shows late", function () {
  this.timeout(60_000);
  let clients: TestClients;
  let registry: OddRegistry;
  let waits: string[];
  before(async function () {
    requireTools(this, "registry");
    registry = await startVendor(lateVisibility);
  });
  after(() => registry?.stop());
  beforeEach(() => {
    clients = new TestClients();
    waits = [];
  });
  afterEach(() => clients.close());

  let serial = 0;
  const patient = { retry: { maxArrivalMs: 10_000 } };
  const open = (options: RegistryClientOptions = patient, path = `acme/app-${serial}`) =>
    clients
      .open({ onWait: (host, ms, reason) => waits.push(`${host} ${ms > 0} ${reason}`), ...options })
      .repository({ registry: registry.host, path });
  const push = async (repository = open({ ...patient }, `acme/app-${++serial}`)) => {
    const image = await artifact(repository);
    await repository.putManifest(image.bytes, MediaType.ociManifest, { tag: "v1" });
    return { repository, image };
  };

  it("is waited for by who has put it, and that is told", async () => {
    const { repository, image } = await push();
    const [byDigest, byTag, read] = await Promise.all([
      repository.headManifest(image.digest),
      repository.headManifest("v1"),
      repository.getManifest(image.digest),
    ]);
    assert.deepEqual([byDigest?.digest, byTag?.digest, read.descriptor.digest], Array(3).fill(image.digest));
    assert.ok(
      waits.includes(
        `${registry.host} true does not show ${registry.host}/acme/app-${serial}:v1 yet, which was just pushed`,
      ),
      waits.join("\n"),
    );
  });

  it("is waited for before an index of it is refused", async () => {
    const { repository, image } = await push();
    const { digest } = image;
    const manifests = [{ mediaType: MediaType.ociManifest, digest, size: image.bytes.length }];
    const index = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: MediaType.ociIndex, manifests }));
    const pushed = await repository.putManifest(index, MediaType.ociIndex, { tag: "all" });
    assert.equal((await repository.headManifest("all"))?.digest, pushed.digest);
  });

  it("is waited for by the check of a pull in the same run", async () => {
    const pushes = new RecentPushes();
    const { repository } = await push(open({ ...patient, pushes }, `acme/app-${++serial}`));
    const outcome = await anonymousPullCheck(`${repository.name}:v1`, [], pushes);
    assert.ok(outcome.passed, outcome.detail);
  });

  it("is waited for where a tag was moved, and what another moves it to is not", async () => {
    const pushes = new RecentPushes();
    const { repository } = await push(open({ ...patient, pushes }, `acme/app-${++serial}`));
    const next = await artifact(repository);
    await repository.putManifest(next.bytes, MediaType.ociManifest, { tag: "v1" });
    // Others see at once what is shown, or not yet.
    assert.notEqual((await open().headManifest("v1"))?.digest, next.digest);
    assert.equal((await repository.headManifest("v1"))?.digest, next.digest);
    assert.equal((await repository.getManifest("v1")).descriptor.digest, next.digest);
    const third = await artifact(repository);
    await repository.putManifest(third.bytes, MediaType.ociManifest);
    const through = registry.registry.host;
    await clients
      .open()
      .repository({ registry: through, path: `acme/app-${serial}` })
      .putManifest(third.bytes, MediaType.ociManifest, { tag: "v1" });
    const started = performance.now();
    assert.equal((await repository.headManifest("v1"))?.digest, third.digest);
    assert.ok(performance.now() - started < 1000);
  });

  it("is believed where a tag was moved back, at once by an observation", async () => {
    const pushes = new RecentPushes();
    for (const observed of [true, false]) {
      const repository = open({ retry: { maxArrivalMs: 600 }, pushes }, `acme/app-${++serial}`);
      const { image } = await push(repository);
      const next = await artifact(repository);
      await repository.putManifest(next.bytes, MediaType.ociManifest, { tag: "v1" });
      const direct = clients
        .open()
        .repository({ registry: registry.registry.host, path: `acme/app-${serial}` });
      await direct.putManifest(image.bytes, MediaType.ociManifest, { tag: "v1" });
      const look = () => repository.headManifest("v1");
      const started = performance.now();
      assert.equal((await (observed ? pushes.observe(look) : look()))?.digest, image.digest);
      assert.equal((await look())?.digest, image.digest);
      const waited = performance.now() - started;
      assert.ok(observed ? waited < 250 : waited > 250 && waited < 1400, String(waited));
    }
  });

  it("is not waited for by others, nor where it is only observed", async () => {
    const pushes = new RecentPushes();
    const { repository } = await push(open({ ...patient, pushes }, `acme/app-${++serial}`));
    const started = performance.now();
    assert.equal(await open().headManifest("v1"), undefined);
    assert.equal(await pushes.observe(() => repository.headManifest("v1")), undefined);
    assert.equal(await repository.headManifest("v2"), undefined);
    // What was observed to be gone is not waited for any more.
    assert.equal(await repository.headManifest("v1"), undefined);
    assert.ok(performance.now() - started < 1000);
  });

  it("is waited for within bounds, and not where it was deleted", async () => {
    const { repository, image } = await push(open({ retry: { maxArrivalMs: 300 } }, `acme/app-${++serial}`));
    const started = performance.now();
    assert.equal(await repository.headManifest("v1"), undefined);
    const waited = performance.now() - started;
    assert.ok(waited > 100 && waited < 1400, String(waited));
    const blob = randomBlob(100);
    await repository.putBlob(blob, blob.source);
    assert.equal((await drain(await repository.getBlob(blob))).digest, blob.digest);
    await repository.deleteManifest(image.digest).catch(() => undefined);
  });
});
