import assert from "node:assert/strict";
import type { RegistryClientOptions } from "../../../../lib/oci/registry/client";
import type { Repository } from "../../../../lib/oci/repository";
import { refusal, type Behavior } from "../../../support/odd-registries/exchange";
import { startFront, type Front } from "../../../support/odd-registries/front";
import { startCraneRegistry, startDistribution, type TestRegistry } from "../../../support/registries";
import { requireTools } from "../../../support/tools";
import { drain, randomBlob, TestClients } from "./fixtures";

describe("blobs by the POST that opens their upload", function () {
  this.timeout(60_000);
  let taking: TestRegistry;
  let declining: TestRegistry;
  let clients: TestClients;
  let front: Front | undefined;

  before(async function () {
    requireTools(this, "registry", "crane");
    [taking, declining] = await Promise.all([startCraneRegistry(), startDistribution()]);
  });
  after(async () => {
    await taking?.stop();
    await declining?.stop();
  });
  beforeEach(() => {
    clients = new TestClients();
  });
  afterEach(async () => {
    await clients.close();
    await front?.stop();
    front = undefined;
  });

  const open = async (
    registry: TestRegistry,
    behavior: Behavior = ({ pass }) => pass(),
    options: RegistryClientOptions = {},
  ): Promise<{ front: Front; repository: Repository }> => {
    front = await startFront(registry.port, behavior);
    return {
      front,
      repository: clients.open(options).repository({ registry: front.host, path: "acme/app" }),
    };
  };
  const push = async (repository: Repository, size: number) => {
    const blob = randomBlob(size);
    assert.equal(await repository.putBlob(blob, blob.source, { isNew: true }), "uploaded");
    return blob;
  };
  const assertStored = async (repository: Repository, ...blobs: Awaited<ReturnType<typeof push>>[]) => {
    for (const blob of blobs) {
      assert.deepEqual(await drain(await repository.getBlob(blob)), { digest: blob.digest, size: blob.size });
    }
  };
  const sent = ({ requests }: Front) =>
    requests.map(({ method, requestBytes }) => `${method} ${requestBytes}`);

  it("are one request each, after one look whether the registry shows the first", async () => {
    const { front, repository } = await open(taking);
    const blobs = [await push(repository, 100), await push(repository, 500_000)];
    assert.deepEqual(sent(front), ["POST 100", "HEAD 0", "POST 500000"]);
    await assertStored(repository, ...blobs);
  });

  it("are tried once where the registry wants a PUT, with a small one", async () => {
    const { front, repository } = await open(declining);
    const blobs = [await push(repository, 5000), await push(repository, 100), await push(repository, 200)];
    assert.deepEqual(sent(front), ["POST 0", "PUT 5000", "POST 100", "PUT 100", "POST 0", "PUT 200"]);
    await assertStored(repository, ...blobs);
  });

  it("have no byte and are not sent so", async () => {
    const { front, repository } = await open(taking);
    await push(repository, 0);
    assert.deepEqual(sent(front), ["POST 0", "PUT 0"]);
  });

  const oddities: Record<string, Behavior> = {
    "answers 201 and keeps nothing": ({ method, kind, query, pass }) =>
      method === "POST" && kind === "uploads" && query.has("digest") ? { status: 201, headers: {} } : pass(),
    "refuses them": ({ method, kind, query, pass }) =>
      method === "POST" && kind === "uploads" && query.has("digest")
        ? refusal(400, "UNSUPPORTED", "not here")
        : pass(),
    "fails at them": ({ method, kind, query, pass }) =>
      method === "POST" && kind === "uploads" && query.has("digest")
        ? refusal(503, "UNAVAILABLE", "not now")
        : pass(),
    "takes them for the first piece of an upload": async ({ method, kind, body, pass, ask }) => {
      if (method !== "POST" || kind !== "uploads" || body.length === 0) return pass();
      const opened = await ask("POST", "/v2/acme/app/blobs/uploads/");
      const { pathname, search } = new URL(String(opened.headers.location), "http://registry.invalid");
      return ask("PATCH", pathname + search, body, { "content-type": "application/octet-stream" });
    },
  };
  for (const [oddity, behavior] of Object.entries(oddities)) {
    it(`are stored by a registry that ${oddity}`, async () => {
      const { front, repository } = await open(declining, behavior);
      const blobs = [await push(repository, 100), await push(repository, 200)];
      await assertStored(repository, ...blobs);
      assert.equal(front.requests.filter(({ path }) => path.includes("uploads/?digest=")).length, 1);
    });
  }

  it("go the other way where the registry takes none of that size", async () => {
    let refuses = false;
    const { repository } = await open(taking, ({ method, kind, query, pass }) =>
      refuses && method === "POST" && kind === "uploads" && query.has("digest")
        ? refusal(413, "SIZE_INVALID", "too large")
        : pass(),
    );
    const first = await push(repository, 100);
    refuses = true;
    await assertStored(repository, first, await push(repository, 200));
  });

  for (const status of [401, 403, 405, 507]) {
    it(`are tried no other way where the registry answers ${status}`, async () => {
      const { front, repository } = await open(declining, ({ method, pass }) =>
        method === "POST" ? refusal(status, "DENIED", "not you") : pass(),
      );
      const blob = randomBlob(100);
      await assert.rejects(repository.putBlob(blob, blob.source, { isNew: true }), /not you/);
      assert.equal(front.count("POST"), 1);
    });
  }

  it("are refused before the last byte where they are not what they say", async () => {
    const { repository } = await open(taking);
    const blob = randomBlob(100);
    const other = randomBlob(100);
    await assert.rejects(repository.putBlob(blob, other.source, { isNew: true }), {
      name: "DigestMismatchError",
    });
    assert.equal(await repository.blobSize(blob.digest), undefined);
    assert.equal(await repository.blobSize(other.digest), undefined);
  });
});
