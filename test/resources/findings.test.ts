import assert from "node:assert/strict";
import type * as z from "zod";
import { definitions } from "../../resources/definitions/definitions";
import { imageDefinition } from "../../resources/definitions/image";
import { tagDefinition } from "../../resources/definitions/tag";
import { findingsOf } from "../../resources/definitions/input-findings";
import { packageSchema } from "../../resources/definitions/package-schema";

function findings(
  schema: z.ZodType,
  input: unknown,
  isSecret?: (path: readonly PropertyKey[]) => boolean,
): string[] {
  const result = schema.safeParse(input);
  assert.ok(!result.success, "the input was accepted");
  return findingsOf(schema, result.error, input, isSecret).map(
    ({ property, reason }) => `${property}: ${reason}`,
  );
}

describe("findings name the field, the value and a valid example", () => {
  const image = { repository: "ghcr.io/acme/hello", platform: "linux/amd64" };
  const cases: [string, z.ZodType, object, RegExp][] = [
    [
      "upper-case repository",
      imageDefinition.inputs,
      { ...image, repository: "ghcr.io/Acme/hello" },
      /^repository: repository "Acme\/hello" has upper-case letters.*use "acme\/hello"/,
    ],
    [
      "unknown platform",
      imageDefinition.inputs,
      { ...image, platform: "linux/x86_64" },
      /^platform: unknown platform "linux\/x86_64"; did you mean "linux\/amd64"/,
    ],
    [
      "unknown field with a near one",
      imageDefinition.inputs,
      { ...image, platfrom: "x" },
      /^platfrom: unknown field; did you mean "platform"\?; the fields here are repository, platform/,
    ],
    [
      "unknown field far inside",
      imageDefinition.inputs,
      { ...image, config: { healthcheck: { test: "x", interval: 1 } } },
      /^config\.healthcheck\.interval: unknown field; did you mean "intervalSeconds"/,
    ],
    [
      "missing field",
      imageDefinition.inputs,
      { platform: "linux/amd64" },
      /^repository: is missing: .*a valid example: "ghcr\.io\/acme\/hello"/,
    ],
    [
      "relative target",
      imageDefinition.inputs,
      { ...image, layers: [{ files: [{ to: "bin/x", content: "" }] }] },
      /^layers\[0\]\.files\[0\]\.to: "bin\/x" is not valid: an absolute path in the image is expected \(a valid example: "\/usr\/local\/bin\/hello"\)/,
    ],
    [
      "empty layer",
      imageDefinition.inputs,
      { ...image, layers: [{ files: [] }] },
      /^layers\[0\]\.files: \[\] is not valid: at least one file is expected/,
    ],
    [
      "bad mode",
      imageDefinition.inputs,
      { ...image, layers: [{ files: [{ to: "/x", content: "", mode: "rwx" }] }] },
      /mode: "rwx" is not valid: permission bits as octal digits/,
    ],
    [
      "bad tag",
      tagDefinition.inputs,
      { repository: "ghcr.io/a/b", tag: "-x", digest: `sha256:${"0".repeat(64)}`, moves: "never" },
      /^tag: tag "-x" is not valid/,
    ],
    [
      "bad rule",
      tagDefinition.inputs,
      { repository: "ghcr.io/a/b", tag: "x", digest: `sha256:${"0".repeat(64)}`, moves: "sometimes" },
      /^moves: "sometimes" is not valid: .*never/,
    ],
  ];
  for (const [title, schema, input, expected] of cases) {
    it(title, () => assert.match(findings(schema, input).join("\n"), expected));
  }

  it("does not repeat the value of a secret", () => {
    const [finding] = findings(
      imageDefinition.inputs,
      { ...image, created: "hunter2" },
      (path) => path[0] === "created",
    );
    assert.match(finding ?? "", /^created: is not valid/);
    assert.doesNotMatch(finding ?? "", /hunter2/);
  });
});

describe("findings repeat no secret", () => {
  const image = { repository: "ghcr.io/acme/hello", platform: "linux/amd64" };
  const under = (name: string) => (path: readonly PropertyKey[]) => path.includes(name);
  const cases: [string, object, ((path: readonly PropertyKey[]) => boolean) | undefined, RegExp][] = [
    [
      "below a value of the wrong type",
      { ...image, layers: { first: ["hunter2"], second: "shown" } },
      under("first"),
      /^layers: \{"first":"\[secret\]","second":"shown"\} is not valid/,
    ],
    [
      "that is named so, where nobody says what is secret",
      { ...image, layers: { apiToken: "hunter2", second: "shown" } },
      undefined,
      /^layers: \{"apiToken":"\[secret\]","second":"shown"\} is not valid/,
    ],
    [
      "that is a field's name, in what is secret as a whole",
      { ...image, config: { hunter2: "x" } },
      under("config"),
      /^config: has an unknown field; the fields here are /,
    ],
  ];
  for (const [title, input, isSecret, expected] of cases) {
    it(title, () => {
      const text = findings(imageDefinition.inputs, input, isSecret).join("\n");
      assert.match(text, expected);
      assert.doesNotMatch(text, /hunter2/);
    });
  }

  it("and tell a misspelled field in what is secret all the same", () => {
    const [finding] = findings(
      imageDefinition.inputs,
      { ...image, config: { enviroment: 1, uzer: "x" } },
      under("config"),
    );
    assert.match(finding ?? "", /^config(\.\w+)?: .*the fields here are /);
  });
});

describe("the package schema", () => {
  const schema = packageSchema("1.2.3") as {
    resources: Record<
      string,
      {
        inputProperties: Record<string, unknown>;
        requiredInputs: string[];
        properties: Record<string, unknown>;
      }
    >;
    types: Record<string, unknown>;
  };

  it("describes every resource with its inputs and outputs", () => {
    for (const { token, inputs, outputs } of definitions) {
      const described = schema.resources[token] ?? assert.fail(token);
      assert.deepEqual(Object.keys(described.inputProperties), Object.keys(inputs.shape), token);
      for (const name of Object.keys(outputs.shape))
        assert.ok(described.properties[name], `${token}.${name}`);
    }
    const image = schema.resources["slipway:oci:Image"];
    assert.deepEqual(image?.requiredInputs, ["repository", "platform"]);
    assert.ok(image?.properties.digest);
  });

  it("refers only to types that it has", () => {
    const references = JSON.stringify(schema).match(/#\/types\/[^"]+/g) ?? [];
    assert.ok(references.length > 0);
    for (const reference of references) assert.ok(schema.types[reference.replace("#/types/", "")], reference);
  });
});
