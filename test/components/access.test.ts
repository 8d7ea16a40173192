import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import {
  Distribution,
  githubRelease,
  ociRegistry,
  type Registry,
  type DistributionArgs,
  type GateRule,
} from "../../components";

/** A resource as the engine is told of it. */
interface Told {
  type: string;
  name: string;
  provider: string;
  inputs: Record<string, unknown>;
}

const base: DistributionArgs = {
  version: "v1.0.0",
  registries: [ociRegistry({ host: "ghcr.io", namespace: "acme" })],
  platforms: ["linux/amd64"],
  images: { hello: { files: [{ to: "/hello", content: "hello" }] } },
  archives: { hello: { files: [{ path: "README", content: "hello" }] } },
};

/** What is told of a distribution, under Pulumi's mocks. */
async function told(
  args: Partial<DistributionArgs>,
  options: () => pulumi.ComponentResourceOptions = () => ({}),
): Promise<Told[]> {
  const resources: Told[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, provider = "", inputs }) => {
        resources.push({ type, name, provider, inputs: inputs as Record<string, unknown> });
        return { id: `${name}-id`, state: inputs as Record<string, unknown> };
      },
      call: ({ inputs }) => inputs as Record<string, unknown>,
    },
    "hello",
    "dev",
    true,
  );
  new Distribution("hello", { ...base, ...args }, options());
  await pulumi.runtime.disconnect();
  return resources;
}

/** Configuration of the provider that makes a resource; empty for the default one. */
function accessOf(resources: readonly Told[], type: string, name: string): Record<string, unknown> {
  const { provider } = resources.find((one) => one.type === type && one.name === name) ?? assert.fail(name);
  const [urn = ""] = provider.split("::").slice(-2, -1);
  const found = resources.find((one) => one.type.startsWith("pulumi:providers:") && one.name === urn);
  return found?.inputs ?? {};
}

const release = "slipway:github:Release";
const environment = { ...process.env };

describe("access that a program declares", () => {
  before(() => (process.env.GITHUB_TOKEN = "environment"));
  after(() => {
    process.env = environment;
  });

  it("of a release goes with that release only", async () => {
    const enterprise = {
      repository: "corp/hello",
      endpoint: "https://github.corp.example/api/v3",
      token: "t",
    };
    const resources = await told({
      release: [githubRelease({ repository: "acme/hello" }), githubRelease(enterprise)],
    });
    assert.equal(accessOf(resources, release, "hello@acme/hello").github, undefined);
    assert.deepEqual(parsed(accessOf(resources, release, "hello@corp/hello").github), {
      endpoint: enterprise.endpoint,
      token: "t",
    });
  });

  it("of two releases goes to each", async () => {
    const resources = await told({
      release: [
        githubRelease({ repository: "acme/hello", token: "a" }),
        githubRelease({ repository: "corp/hello", token: "b" }),
      ],
    });
    const tokens = ["acme", "corp"].map((owner) =>
      parsed(accessOf(resources, release, `hello@${owner}/hello`).github),
    );
    assert.deepEqual(tokens, [{ token: "a" }, { token: "b" }]);
  });

  it("of the only release is the distribution's", async () => {
    const resources = await told({ release: githubRelease({ repository: "acme/hello", token: "a" }) });
    assert.deepEqual(
      resources.filter(({ type }) => type === "pulumi:providers:slipway").map(({ name }) => name),
      ["hello"],
    );
    assert.deepEqual(parsed(accessOf(resources, release, "hello@acme/hello").github), { token: "a" });
  });

  it("of two namespaces of a host is each for its own; one account is for the whole host", async () => {
    const registryOf = (namespace: string, username: string) =>
      ociRegistry({ host: "ghcr.io", namespace, username, password: `p-${username}` });
    const registriesOf = async (...registries: Registry[]) => {
      const resources = await told({ registries });
      const provider = resources.find(({ type }) => type === "pulumi:providers:slipway");
      return (parsed(provider?.inputs.registries) as Record<string, string>[]).map(
        ({ host, namespace, username }) => [host, namespace, username],
      );
    };
    assert.deepEqual(await registriesOf(registryOf("acme", "a"), registryOf("corp", "b")), [
      ["ghcr.io", "acme", "a"],
      ["ghcr.io", "corp", "b"],
    ]);
    assert.deepEqual(await registriesOf(registryOf("acme", "a")), [["ghcr.io", undefined, "a"]]);
  });

  for (const form of ["a list", "a map"] as const)
    it(`leaves other providers that the caller gives in ${form}`, async () => {
      const registries = [ociRegistry({ host: "ghcr.io", namespace: "acme", username: "u", password: "p" })];
      let given: string | undefined;
      class Foreign extends pulumi.ProviderResource {}
      const resources = await told({ registries, gates: foreignGate }, () => {
        const provider = new Foreign("foreign", "mine");
        given = "mine";
        return { providers: form === "a list" ? [provider] : { foreign: provider } };
      });
      assert.equal(given, "mine");
      assert.match(resources.find(({ name }) => name === "gate")?.provider ?? "", /::mine::/);
    });
});

class Gate extends pulumi.CustomResource {}

/** A gate of another package, which has to be made with the caller's provider. */
const foreignGate: GateRule = (_images, options) => [new Gate("foreign:index:Gate", "gate", {}, options)];

/** Configuration is JSON; a secret is told as an object with its value. */
function parsed(text: unknown): unknown {
  const { value } = text as { value: string };
  return JSON.parse(value);
}
