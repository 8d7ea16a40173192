import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { registryKinds } from "../../lib/registry-kinds/kinds";
import { crane } from "../support/clients";
import { cosignVerify } from "../support/cosign";
import { writeKeyPair } from "../support/key-pair";
import type { Front } from "../support/odd-registries/front";
import {
  nameOf,
  servicePassword,
  services,
  startService,
  type Service,
} from "../support/odd-registries/services";
import { ProviderProcess, secret } from "../support/provider-process";
import { startDistribution, startReferrersRegistry, type TestRegistry } from "../support/registries";
import { requireTools } from "../support/tools";
import { textLayer } from "./workbench";

describe("publishing to each kind of registry (CAP-02, BLEU-03)", function () {
  this.timeout(180_000);
  const registries = new Map<Service["registry"], TestRegistry>();
  const fronts = new Map<Service, Front>();
  let project: string;
  let provider: ProviderProcess;

  before(async function () {
    requireTools(this, "registry", "referrers-registry", "crane", "cosign");
    project = await mkdtemp(path.join(tmpdir(), "slipway-kinds-"));
    await writeKeyPair(project, "cosign", servicePassword);
    registries.set("distribution", await startDistribution());
    registries.set("referrers", await startReferrersRegistry());
    for (const service of services) fronts.set(service, await startService(service, behind(service).port));
    provider = await ProviderProcess.start(project, {
      registries: services.map((service) => ({
        host: front(service).host,
        username: service.username,
        password: servicePassword,
      })),
    });
  });
  after(async () => {
    await provider?.stop();
    await Promise.all([...fronts.values()].map((one) => one.stop()));
    await Promise.all([...registries.values()].map((one) => one.stop()));
    await rm(project, { recursive: true, force: true, maxRetries: 3 });
  });

  it("has a stand-in for each of them", () => {
    assert.deepEqual(services.map(({ kind }) => kind).sort(), Object.keys(registryKinds).sort());
  });

  for (const service of services) {
    it(`works at ${nameOf(service)}, signature and tags included`, async () => {
      const repository = `${front(service).host}/${service.repository}`;
      const { state } = await image(repository);
      const subjects = [{ digest: state.digest }];
      const signer = { key: "cosign.key", password: secret(servicePassword) };
      const sign = (more: object) =>
        provider.create("slipway:trust:Signature", { repository, subjects, signer, ...more });
      if (service.holdsReferrers === false) {
        // Refused with what to do; and what is to be done works.
        await assert.rejects(sign({}), /cannot hold what refers to an image.*cosign's older scheme alone/s);
        await sign({ legacy: true });
      } else {
        await sign({});
      }
      await provider.create("slipway:trust:Verification", {
        repository,
        subjects,
        verifier: { publicKey: "cosign.pub" },
      });
      const tags = ["v1.0.0", "v1.0", "v1", "latest"];
      await provider.create("slipway:oci:Tags", {
        repository,
        digest: state.digest,
        tags: tags.map((tag, index) => ({
          tag,
          ...(index === 0 ? { moves: "never" } : { moves: "highest", version: "v1.0.0" }),
        })),
      });
      const real = `${behind(service).host}/${service.repository}`;
      for (const tag of tags) assert.equal(await crane(["digest", `${real}:${tag}`]), state.digest, tag);
      await cosignVerify(`${real}@${String(state.digest)}`, path.join(project, "cosign.pub"));
    });

    for (const { what, repository, answer, says } of service.refusals) {
      it(`is refused by ${nameOf(service)} for ${what}, with what to do next`, async () => {
        const place = `${front(service).host}/${repository}`;
        await assert.rejects(image(place), (error: Error) => {
          assert.match(error.message, says);
          const [said] = (
            JSON.parse(String(answer.body ?? '{"errors":[]}')) as { errors: { message: string }[] }
          ).errors;
          assert.ok(error.message.includes(said?.message ?? `HTTP ${answer.status}`), error.message);
          assert.ok(error.message.includes(place), error.message);
          assert.ok(!error.message.includes(servicePassword));
          return true;
        });
      });
    }
  }

  it("keeps what a service asks to wait, and goes on", () => {
    const hub = services.find(({ kind }) => kind === "docker-hub");
    assert.ok(hub);
    const limited = front(hub).requests.filter(({ status }) => status === 429);
    assert.ok(limited.length > 0);
  });

  function image(repository: string) {
    return provider.create("slipway:oci:Image", {
      repository,
      platform: "linux/amd64",
      layers: [textLayer()],
    });
  }

  function front(service: Service): Front {
    const found = fronts.get(service);
    assert.ok(found);
    return found;
  }

  function behind({ registry }: Service): TestRegistry {
    const found = registries.get(registry);
    assert.ok(found);
    return found;
  }
});
