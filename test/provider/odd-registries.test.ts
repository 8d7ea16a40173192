import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { setTimeout } from "node:timers/promises";
import { Semaphore } from "../../lib/machine/semaphore";
import { referrersTag } from "../../lib/oci/registry/referrers-list";
import type { Properties } from "../../provider/base/properties";
import { crane } from "../support/clients";
import { cosignVerify } from "../support/cosign";
import { writeKeyPair } from "../support/key-pair";
import { startVendor, vendors, type OddRegistry, type Vendor } from "../support/odd-registries";
import { ProviderProcess, secret, type Held } from "../support/provider-process";
import { startDistribution, type TestRegistry } from "../support/registries";
import { requireTools } from "../support/tools";
import { textLayer } from "./workbench";

const password = "correct horse battery staple";
const version = { tag: "v1.0.0", moves: "never" };
const alias = { tag: "latest", moves: "always" };

/** What one run publishes, as the engine would hold it: in the order of the calls. */
type Published = [inputs: Properties, held: Held][];

/** Flows under way at the same time: most of one is waiting. */
const flowsAtOnce = 3;

describe("publishing to registries that differ from the specification", function () {
  this.timeout(180_000);
  const slots = new Semaphore(flowsAtOnce);
  const flows = new Map<string, Promise<void>>();
  let plain: TestRegistry;
  let project: string;

  before(async function () {
    requireTools(this, "registry", "docker-registry", "referrers-registry", "crane", "cosign");
    plain = await startDistribution();
    project = await mkdtemp(path.join(tmpdir(), "slipway-odd-"));
    await writeKeyPair(project, "cosign", password);
    for (const vendor of vendors) {
      const flow = slots.use(() => publishTo(vendor));
      // Its test tells.
      flow.catch(() => undefined);
      flows.set(vendor.name, flow);
    }
  });
  after(async () => {
    await Promise.allSettled(flows.values());
    await plain?.stop();
    await rm(project, { recursive: true, force: true, maxRetries: 3 });
  });

  for (const { name, behavior } of vendors) {
    it(`works with ${name}, which ${behavior}`, () => flows.get(name));
  }

  async function publishTo(vendor: Vendor): Promise<void> {
    const registry = await startVendor(vendor);
    const started: ProviderProcess[] = [];
    const { credentials } = registry;
    const config = { registries: credentials ? [{ host: registry.host, ...credentials }] : [] };
    const run = async () => {
      const provider = await ProviderProcess.start(project, config);
      started.push(provider);
      return provider;
    };
    try {
      await runs(registry, run);
    } finally {
      await Promise.all(started.map((provider) => provider.stop()));
      await registry.stop();
    }
  }

  /** A first run, one that has nothing to do, and one after others changed something. */
  async function runs(registry: OddRegistry, run: () => Promise<ProviderProcess>): Promise<void> {
    const { vendor } = registry;
    const env = await signedInTo(registry);
    const repository = `${registry.host}/acme/app`;
    const behind = `${registry.registry.host}/acme/app`;
    const elsewhere = `${plain.host}/${vendor.name}`;
    const holds = vendor.holdsReferrers !== false;

    const first = await run();
    const published = await publish(first, repository, holds);
    const digest = String(published.find(([, { urn }]) => urn.includes("oci:Index"))?.[1].state.digest);
    if (!holds) await refusesReferrers(first, repository, digest);
    published.push(await copy(first, repository, elsewhere, digest));
    const gone = first.messages.filter((text) => /lists what refers to the image and is gone/.test(text));
    assert.equal(gone.length, vendor.name === "google" ? 1 : 0);
    published.push(await copy(first, elsewhere, `${registry.host}/acme/back`, digest));
    for (const name of [behind, elsewhere, `${registry.registry.host}/acme/back`]) {
      assert.equal(await crane(["digest", `${name}:v1.0.0`], env), digest);
    }

    // A run sees what a late registry shows then; it waits only for what it put itself.
    await setTimeout(vendor.lateMs ?? 0);
    registry.reset();
    await changesNothing(await run(), published);
    assert.deepEqual(writes(registry), []);

    // Somebody moves the alias, and a copying tool puts the image in the place of its list.
    const other = String(published[0]?.[1].state.digest);
    await crane(["tag", `${behind}@${other}`, "latest"], env);
    const hasList = (await crane(["ls", behind], env)).split("\n").includes(referrersTag(digest));
    if (hasList) await crane(["tag", `${behind}@${digest}`, referrersTag(digest)], env);
    const before = await crane(["ls", behind], env);
    await repairs(await run(), published, hasList ? ["Sbom", "Provenance", "Signature", "Tags"] : ["Tags"]);
    assert.equal(await crane(["digest", `${behind}:latest`], env), digest);
    assert.equal(await crane(["ls", behind], env), before);
    if (holds) await cosignVerify(`${behind}@${digest}`, path.join(project, "cosign.pub"), "cosign", [], env);
  }

  /** An image for two platforms, what proves it, and its tags. */
  async function publish(provider: ProviderProcess, repository: string, signed: boolean): Promise<Published> {
    const published: Published = [];
    const create = async (type: string, inputs: Properties) => {
      const held = await provider.create(`slipway:${type}`, inputs);
      published.push([inputs, held]);
      return held;
    };
    const images: Held[] = [];
    for (const platform of ["linux/amd64", "linux/arm64"]) {
      images.push(await create("oci:Image", { repository, platform, layers: [textLayer()] }));
    }
    const manifests = images.map(({ state }) => state.descriptor);
    const { digest } = (await create("oci:Index", { repository, manifests })).state;
    const subjects = [{ digest }];
    const signer = { key: "cosign.key", password: secret(password) };
    if (signed) {
      await create("trust:Sbom", { repository, subjects, formats: ["spdx"] });
      await create("trust:Provenance", {
        repository,
        subjects,
        buildType: "https://example.com/build",
        signer,
      });
    }
    // The older scheme is what is left where nothing can refer to the image.
    await create("trust:Signature", { repository, subjects, signer, ...(signed ? {} : { legacy: true }) });
    await create("trust:Verification", { repository, subjects, verifier: { publicKey: "cosign.pub" } });
    await create("oci:Tags", { repository, digest, tags: [version, alias] });
    return published;
  }

  async function refusesReferrers(provider: ProviderProcess, repository: string, digest: string) {
    const inputs = { repository, subjects: [{ digest }] };
    const signer = { key: "cosign.key", password: secret(password) };
    for (const [type, more] of [
      ["Sbom", { formats: ["spdx"] }],
      ["Signature", { signer, annotations: { other: "one" } }],
    ] as const) {
      await assert.rejects(
        provider.create(`slipway:trust:${type}`, { ...inputs, ...more }),
        /cannot hold what refers to an image.*(GitLab|ECR).*docs\/registries\.md/s,
      );
    }
  }

  async function copy(
    provider: ProviderProcess,
    source: string,
    target: string,
    digest: string,
  ): Promise<Published[number]> {
    const inputs = { source, target, digest, tags: [version] };
    const held = await provider.create("slipway:oci:Mirror", inputs);
    assert.deepEqual(held.state.missing, []);
    return [inputs, held];
  }

  /** A run after one that published: what is there is observed and compared. */
  async function changesNothing(provider: ProviderProcess, published: Published): Promise<void> {
    for (const [at, [inputs, held]] of published.entries()) {
      const observed = await provider.read(held);
      assert.ok(observed, held.urn);
      const { details } = await provider.diff(observed, inputs);
      assert.deepEqual(details, {}, `${held.urn}: ${JSON.stringify(observed.state.missing)}`);
      published[at] = [inputs, observed];
    }
  }

  /** A run that finds differences in these resources, among others, and mends them. */
  async function repairs(provider: ProviderProcess, published: Published, expected: readonly string[]) {
    const repaired: string[] = [];
    for (const [at, [inputs, held]] of published.entries()) {
      const observed = await provider.read(held);
      assert.ok(observed, held.urn);
      const { details } = await provider.diff(observed, inputs);
      if (Object.keys(details).length === 0) continue;
      repaired.push(held.urn);
      const updated = await provider.update(observed, inputs);
      published[at] = [inputs, updated];
      // What was taken off a list is listed again, not made again.
      for (const field of ["documents", "attestations", "signatures"]) {
        assert.deepEqual(updated.state[field], held.state[field]);
      }
    }
    for (const type of expected) {
      assert.ok(
        repaired.some((urn) => urn.includes(`:${type}::`)),
        `${type} is not among ${repaired.join(", ")}`,
      );
    }
  }

  /** The environment in which other clients are signed in to what is behind the front. */
  async function signedInTo({ registry, vendor, credentials }: OddRegistry): Promise<NodeJS.ProcessEnv> {
    const folder = path.join(project, "docker", vendor.name);
    await mkdir(folder, { recursive: true });
    const auth = Buffer.from(`${credentials?.username}:${credentials?.password}`).toString("base64");
    const auths = credentials ? { [registry.host]: { auth } } : {};
    await writeFile(path.join(folder, "config.json"), JSON.stringify({ auths }));
    return { DOCKER_CONFIG: folder };
  }
});

function writes({ requests }: OddRegistry): string[] {
  return requests
    .filter(({ method }) => method !== "GET" && method !== "HEAD")
    .map(({ method, path: target }) => `${method} ${target}`);
}
