import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { branchTags, Distribution, goBinary, ociRegistry, type DistributionArgs } from "../../components";

type Inputs = Record<string, unknown>;

/** What a resource would have made: an image, a program, or what was in a download. */
function made(name: string): Inputs {
  const file = { path: name, digest: `sha256:${name}` };
  return { ...file, file, files: { [name]: file, tool: file, hello: file }, evidence: [] };
}

/** What the SBOMs of a distribution are told of its programs, by image. */
async function programsOf(facts: Partial<DistributionArgs>): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs: given }) => {
        const inputs = given as Inputs;
        if (type === "slipway:trust:Sbom") found[name] = inputs.programs;
        return { id: name, state: { ...inputs, ...made(name) } };
      },
      call: ({ inputs }) => inputs as Inputs,
    },
    "hello",
    "dev",
    false,
  );
  new Distribution("hello", {
    registries: [ociRegistry({ host: "ghcr.io", namespace: "acme" })],
    platforms: ["linux/amd64"],
    binaries: { hello: goBinary() },
    downloads: {
      tool: { from: "https://github.com/acme/tool", tag: "v1.0.0", asset: "tool.tar.gz", file: "tool" },
    },
    images: {
      hello: {
        files: [
          { to: "/usr/local/bin/hello", binary: "hello" },
          { to: "/usr/local/bin/tool", binary: "tool" },
          { to: "/README", content: "hello" },
        ],
      },
      plain: { files: [{ to: "/README", content: "hello" }] },
    },
    trust: { provenance: false },
    ...facts,
  });
  await pulumi.runtime.disconnect();
  return found;
}

describe("programs of a distribution", () => {
  it("are described to its SBOMs with its version and license; downloads are not its own", async () => {
    const facts = { version: "v1.2.3", licenses: "MIT", source: "https://github.com/acme/hello" };
    assert.deepEqual(await programsOf(facts), {
      hello: { ...facts, files: [{ path: "/usr/local/bin/hello", name: "hello" }] },
      plain: facts,
    });
  });

  it("are not described where neither is declared", async () => {
    assert.deepEqual(await programsOf({ branch: "main", tags: branchTags() }), {
      hello: undefined,
      plain: undefined,
    });
  });
});
