import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type * as z from "zod";
import * as resources from "../../resources";
import { definitions } from "../../resources/definitions/definitions";

type ResourceClass = new (
  name: string,
  args: object,
  options?: pulumi.CustomResourceOptions,
) => pulumi.CustomResource;

describe("every definition has a class", () => {
  const made = new Map<string, pulumi.CustomResource>();

  before(async () => {
    const tokens = new Map<string, string>();
    await pulumi.runtime.setMocks({
      newResource: ({ type, name }) => {
        tokens.set(name, type);
        return { id: `${name}-id`, state: {} };
      },
      call: ({ inputs }) => inputs as Record<string, unknown>,
    });
    const classes = Object.entries(resources).filter(([name]) => name !== "Provider");
    const instances = classes.map(
      ([name, made]) => [name, new (made as unknown as ResourceClass)(name, {})] as const,
    );
    await pulumi.runtime.disconnect();
    for (const [name, instance] of instances) made.set(tokens.get(name) ?? "", instance);
  });

  it("and no class is without one", () => {
    assert.deepEqual([...made.keys()].sort(), definitions.map(({ token }) => token).sort());
  });

  for (const { token, outputs } of definitions) {
    it(`${token}, with every output`, () => {
      const resource = made.get(token) as unknown as Record<string, unknown>;
      const missing = Object.keys(outputs.shape).filter((name) => !pulumi.Output.isInstance(resource[name]));
      assert.deepEqual(missing, []);
    });
  }
});

describe("computed inputs", () => {
  for (const { token, computed, inputs } of definitions) {
    it(`of ${token} are those that say so`, () => {
      const told = Object.entries(inputs.shape as Record<string, z.ZodType>)
        .filter(([name, shape]) => name !== "evidenceDigest" && /^Computed: /.test(shape.description ?? ""))
        .map(([name]) => name);
      assert.deepEqual([...computed].sort(), told.sort());
    });
  }
});
