import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { DeclarationError } from "../../components";
import { configured, configuredList, configuredMirror, configuredMode } from "../../components/configured";

const variable = "SLIPWAY_TEST_VARIABLE";

/** Runs with a configuration and a value of the variable. */
function read<T>(
  config: Record<string, string>,
  value: string | undefined,
  body: (c: pulumi.Config) => T,
): T {
  const prefixed = Object.entries(config).map(([key, text]) => [`configured:${key}`, text]);
  pulumi.runtime.setAllConfig(Object.fromEntries(prefixed) as Record<string, string>);
  if (value !== undefined) process.env[variable] = value;
  try {
    return body(new pulumi.Config("configured"));
  } finally {
    delete process.env[variable];
    pulumi.runtime.setAllConfig({});
  }
}

describe("what a variable of the environment says over the configuration, for one run", () => {
  const platforms = JSON.stringify(["linux/amd64"]);
  for (const [title, config, value, expected] of [
    ["neither", {}, undefined, undefined],
    ["the configuration", { platforms }, undefined, ["linux/amd64"]],
    ["the variable, with commas", {}, "linux/amd64,linux/arm64", ["linux/amd64", "linux/arm64"]],
    ["the variable, with spaces", {}, " linux/amd64  linux/arm/v7 ", ["linux/amd64", "linux/arm/v7"]],
    ["both", { platforms }, "linux/arm64", ["linux/arm64"]],
    ["an empty variable", { platforms }, "", ["linux/amd64"]],
  ] as const) {
    it(`a list: ${title}`, () => {
      assert.deepEqual(
        read(config, value, (from) => configuredList(from, "platforms", variable)),
        expected,
      );
    });
  }

  for (const [mode, value, expected] of [
    [undefined, undefined, undefined],
    ["load", undefined, "load"],
    ["load", "", "load"],
    ["load", "true", "publish"],
    ["load", "false", "load"],
    [undefined, "true", "publish"],
    [undefined, "false", "build"],
    ["publish", "false", "build"],
  ] as const) {
    it(`MESH-06: mode ${mode} and ${value === undefined ? "no variable" : `"${value}"`} is ${expected}`, () => {
      const config: Record<string, string> = mode === undefined ? {} : { mode };
      assert.equal(
        read(config, value, (from) => configuredMode(from, variable)),
        expected,
      );
    });
  }

  it("a variable that is neither true nor false is refused, with its name", () => {
    assert.throws(
      () => read({}, "yes", (config) => configuredMode(config, variable)),
      /SLIPWAY_TEST_VARIABLE: "yes" must be "true" or "false"/,
    );
  });

  it("a mode that is none is refused", () => {
    assert.throws(
      () => read({ mode: "push" }, undefined, (config) => configuredMode(config, variable)),
      /mode/,
    );
  });
});

describe("further registries under a key of the configuration", () => {
  const repositories = (value?: string) =>
    read(value === undefined ? {} : { mirrors: value }, undefined, (config) =>
      configuredMirror(config, "mirrors").map((registry) => registry.repository("bleu-os")),
    );

  for (const [title, value, expected] of [
    ["none", undefined, []],
    ["a host", "harbor.example.com:8443", ["harbor.example.com:8443/bleu-os"]],
    ["a host and its namespace", "quay.io/bleuos/stable", ["quay.io/bleuos/stable/bleu-os"]],
    [
      "a list",
      `["docker.io/bleuos", "bleuos.azurecr.io"]`,
      ["docker.io/bleuos/bleu-os", "bleuos.azurecr.io/bleu-os"],
    ],
    ["an empty list", "[]", []],
  ] as const) {
    it(title, () => assert.deepEqual(repositories(value), expected));
  }

  it("PROD-10: a name that is not a registry is refused", () => {
    assert.throws(() => repositories(`["quay.io/bleuos", "quay.io/Bleuos"]`), DeclarationError);
  });
});

describe("what a run is told about what it builds", () => {
  const nothing = {
    version: undefined,
    commit: undefined,
    branch: undefined,
    pullRequest: undefined,
    rebuilt: undefined,
    environment: undefined,
    builder: undefined,
  };

  it("is read under the names of the fields; what is absent is undefined", () => {
    assert.deepEqual(read({}, undefined, configured), nothing);
    const values = { version: "v1.0.0", commit: "a".repeat(40), rebuilt: "20260131", builder: "embedded" };
    const config = { ...values, pullRequest: "12", environment: "test" };
    const expected = { ...nothing, ...values, pullRequest: 12, environment: "test" };
    assert.deepEqual(read(config, undefined, configured), expected);
  });

  it("is refused where a value is not of the field's type", () => {
    assert.throws(() => read({ pullRequest: "twelve" }, undefined, configured), /pullRequest/);
    assert.throws(() => read({ environment: "staging" }, undefined, configured), /"production","test"/);
  });
});
