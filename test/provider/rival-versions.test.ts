import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { digestOf } from "../../lib/oci/digest";
import { answer } from "../support/hostile/behaviors";
import { smallImage, type SmallImage } from "../support/hostile/image";
import { startHostileRegistry, type HostileRegistry } from "../support/hostile/registry";
import { startProxy, type FaultProxy } from "../support/proxy";
import { startDebianRegistry, type TestRegistry } from "../support/registries";
import { requireTools } from "../support/tools";
import { pushImage, registryKinds, useProviders } from "./workbench";

const versionPut = { method: "PUT", path: /manifests\/v1\.0\.0$/ };

/** What two runs came to: who succeeded, and what the other was told. */
async function outcomes(runs: readonly Promise<unknown>[]): Promise<{ winners: number[]; told: string[] }> {
  const results = await Promise.allSettled(runs);
  return {
    winners: results.flatMap(({ status }, index) => (status === "fulfilled" ? [index] : [])),
    told: results.flatMap((result) => (result.status === "rejected" ? [String(result.reason)] : [])),
  };
}

async function digestAt(host: string, reference: string): Promise<string> {
  const [repository, tag] = reference.split(":");
  const response = await fetch(`http://${host}/v2/${repository}/manifests/${tag}`, {
    headers: { accept: "application/vnd.oci.image.manifest.v1+json" },
  });
  return digestOf(Buffer.from(await response.arrayBuffer()));
}

const kinds = [
  ...registryKinds.map((kind) => ({ ...kind, tool: "registry" })),
  { name: "CNCF Distribution 2.8", start: () => startDebianRegistry(), tool: "docker-registry" },
];

for (const { name, start, tool } of kinds) {
  describe(`two runs that publish the same version at once to ${name}`, function () {
    this.timeout(60_000);
    let registry: TestRegistry;
    let proxies: FaultProxy[];
    let project: string;
    const startIn = useProviders();

    before(async function () {
      requireTools(this, tool, "crane");
      registry = await start();
      proxies = await Promise.all([startProxy(registry.port), startProxy(registry.port)]);
      project = await mkdtemp(path.join(tmpdir(), "slipway-rivals-"));
    });
    after(async () => {
      await Promise.all((proxies ?? []).map((proxy) => proxy.stop()));
      await registry?.stop();
      await rm(project, { recursive: true, force: true, maxRetries: 3 });
    });

    const types = {
      "slipway:oci:Tag": (digest: string) => ({ tag: "v1.0.0", digest, moves: "never" }),
      "slipway:oci:Tags": (digest: string) => ({
        digest,
        tags: [
          { tag: "v1.0.0", moves: "never" },
          { tag: "latest", moves: "always" },
        ],
      }),
    };
    for (const [type, inputs] of Object.entries(types)) {
      it(`do not both succeed: ${type}`, async () => {
        const repository = `rivals/${type.split(":").at(-1)?.toLowerCase()}`;
        const runs = await Promise.all(
          proxies.map(async (proxy, index) => {
            const provider = await startIn(await mkdtemp(path.join(project, "run-")));
            const digest = await pushImage(provider, `${proxy.host}/${repository}`, `run ${index}`);
            // Both look before either puts.
            proxy.reset();
            proxy.inject({ ...versionPut, fault: { kind: "delay", milliseconds: 300 + 150 * index } });
            const declared = { repository: `${proxy.host}/${repository}`, ...inputs(digest) };
            return { digest, publish: () => provider.create(type, declared) };
          }),
        );
        const { winners, told } = await outcomes(runs.map(({ publish }) => publish()));
        assert.equal(winners.length, 1, told.join("\n"));
        for (const { digest } of runs) assert.ok(told[0]?.includes(digest), told[0]);
        const winner = runs[winners[0] ?? 0]?.digest;
        assert.equal(await digestAt(registry.host, `${repository}:v1.0.0`), winner);
        if (type.endsWith("Tags"))
          assert.equal(await digestAt(registry.host, `${repository}:latest`), winner);
        for (const proxy of proxies) assert.ok(proxy.count("HEAD", versionPut.path) <= 2);
      });
    }
  });
}

describe("a version tag that another run publishes", function () {
  this.timeout(60_000);
  const repository = "acme/app";
  let registry: HostileRegistry;
  let proxy: FaultProxy;
  let project: string;
  let rival: SmallImage;
  const startIn = useProviders();

  before(async () => {
    rival = await smallImage(Buffer.alloc(1024));
    project = await mkdtemp(path.join(tmpdir(), "slipway-rivals-"));
  });
  after(() => rm(project, { recursive: true, force: true, maxRetries: 3 }));
  beforeEach(async () => {
    registry = await startHostileRegistry();
    proxy = await startProxy(registry.port);
    registry.hold(rival.manifest);
  });
  afterEach(async () => {
    await proxy.stop();
    await registry.stop();
  });

  const publish = async () => {
    const { digest } = registry.image.manifest.descriptor;
    const provider = await startIn(project);
    const inputs = { repository: `${proxy.host}/${repository}`, tag: "v1.0.0", digest, moves: "never" };
    return provider.create("slipway:oci:Tag", inputs);
  };
  const bothDigests = ({ message }: Error) =>
    [rival, registry.image].every(({ manifest }) => message.includes(manifest.descriptor.digest)) &&
    message.includes("another run published");

  it("is not replaced where the registry heeds the condition, however late the put is", async () => {
    proxy.inject({ ...versionPut, fault: { kind: "delay", milliseconds: 500 } });
    const publishing = publish();
    while (proxy.count("PUT") === 0) await sleep(5);
    registry.hold(rival.manifest, "v1.0.0");
    await assert.rejects(publishing, bothDigests);
    assert.equal(await digestAt(registry.host, `${repository}:v1.0.0`), rival.manifest.descriptor.digest);
  });

  it("is named with both digests where the registry lets no tag be replaced", async () => {
    registry.fail("publish", (exchange) => {
      registry.hold(rival.manifest, "v1.0.0");
      const errors = [{ code: "TAG_INVALID", message: "the tag exists already" }];
      return answer(400, JSON.stringify({ errors }))(exchange);
    });
    await assert.rejects(publish(), bothDigests);
  });

  it("is no rival with the same digest", async () => {
    registry.fail("publish", (exchange) => {
      registry.hold(registry.image.manifest, "v1.0.0");
      return answer(412)(exchange);
    });
    await publish();
  });

  it("leaves the registry's own words where there is no other tag", async () => {
    registry.fail("publish", answer(403, '{"errors":[{"code":"DENIED","message":"read only"}]}'));
    await assert.rejects(publish(), /DENIED: read only/);
  });
});
