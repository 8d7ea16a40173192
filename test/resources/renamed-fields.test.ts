import assert from "node:assert/strict";
import type * as z from "zod";
import { withPresentNames } from "../../provider/base/former-names";
import { unknown } from "../../provider/base/unknown";
import { archiveDefinition } from "../../resources/definitions/archive";
import { buildContextDefinition } from "../../resources/definitions/build-context";
import { checkDefinition } from "../../resources/definitions/check";
import { checksumsDefinition } from "../../resources/definitions/checksums";
import { commandDefinition } from "../../resources/definitions/command";
import type { ResourceDefinition } from "../../resources/definitions/definition";
import { gitHubReleaseDefinition } from "../../resources/definitions/github-release";
import { imageDefinition } from "../../resources/definitions/image";
import { findingsOf } from "../../resources/definitions/input-findings";
import { manifestDefinition } from "../../resources/definitions/manifest";
import { mirrorDefinition } from "../../resources/definitions/mirror";
import { provenanceDefinition } from "../../resources/definitions/provenance";
import { releaseAssetDefinition } from "../../resources/definitions/release-asset";
import { releaseDirectoryDefinition } from "../../resources/definitions/release-directory";

/** Inputs as they were declared, and the same by today's names. */
const inputs: [definition: ResourceDefinition, former: object, present: object, said: string[]][] = [
  [
    archiveDefinition,
    { path: "a.zip", sums: "S", aliases: ["b.zip"] },
    { path: "a.zip", checksums: "S", alsoPaths: ["b.zip"] },
    ["sums: checksums", "aliases: alsoPaths"],
  ],
  [
    buildContextDefinition,
    { target: "build", copies: [{ image: "a:v1", path: "/a", target: "/b" }] },
    { stage: "build", copies: [{ image: "a:v1", from: "/a", to: "/b" }] },
    ["target: stage", "copies[0].path: from", "copies[0].target: to"],
  ],
  [
    checkDefinition,
    { command: { command: "make", environment: { environment: "a" } } },
    { command: { command: "make", env: { environment: "a" } } },
    ["command.environment: env"],
  ],
  [
    checksumsDefinition,
    { artefacts: [{ name: "a", path: "b", digest: "c" }] },
    { artifacts: [{ name: "a", path: "b", digest: "c" }] },
    ["artefacts: artifacts"],
  ],
  [
    commandDefinition,
    { command: "make", environment: { target: "a" }, expect: { maximumSize: 1 } },
    { command: "make", env: { target: "a" }, expect: { maximumBytes: 1 } },
    ["environment: env", "expect.maximumSize: maximumBytes"],
  ],
  [
    gitHubReleaseDefinition,
    { repository: "acme/hello", target: "main" },
    { repository: "acme/hello", commit: "main" },
    ["target: commit"],
  ],
  [
    imageDefinition,
    { layers: [{ files: [{ target: "/a", content: "a" }] }, { files: [{ target: "/b", content: "b" }] }] },
    { layers: [{ files: [{ to: "/a", content: "a" }] }, { files: [{ to: "/b", content: "b" }] }] },
    ["layers[0].files[0].target: to", "layers[1].files[0].target: to"],
  ],
  [
    manifestDefinition,
    { budget: { maximum: 1, layers: 2 } },
    { budget: { maximumBytes: 1, layers: 2 } },
    ["budget.maximum: maximumBytes"],
  ],
  [releaseAssetDefinition, { tag: "v1", sums: "S" }, { tag: "v1", checksums: "S" }, ["sums: checksums"]],
  [
    releaseDirectoryDefinition,
    { directory: "a", repository: "acme/hello" },
    { directory: "a", name: "acme/hello" },
    ["repository: name"],
  ],
];

const plain = (values: object) => ({ values: values as Record<string, unknown>, secrets: new Set<string>() });

describe("renamed inputs", () => {
  for (const [{ token, inputs: schema }, former, , said] of inputs) {
    it(`of ${token} are refused with their present names`, () => {
      const result = (schema as z.ZodType).safeParse(former);
      assert.ok(!result.success);
      const found = findingsOf(schema, result.error, former).map(
        ({ property, reason }) => `${property}: ${reason}`,
      );
      const expected = said.map((line) => {
        const [property = "", present] = line.split(": ");
        return `${property}: \`${property.split(".").at(-1)}\` is now called \`${present}\``;
      });
      const renamed = found.filter((line) => line.includes("is now called"));
      assert.deepEqual(renamed.sort(), expected.sort());
      // That the field of the present name is missing is not said beside it.
      const missing = said.map((line) => line.replace(/\w+: (\w+)$/, "$1: "));
      assert.ok(!found.some((line) => missing.some((start) => line.startsWith(start))), found.join("\n"));
    });
  }
});

describe("a state under former names", () => {
  for (const [definition, former, present] of inputs) {
    it(`of ${definition.token} is read under the present ones`, () => {
      assert.deepEqual(withPresentNames(definition, plain(former)).values, present);
      assert.deepEqual(withPresentNames(definition, plain(present)).values, present);
    });
  }

  it("has outputs too", () => {
    const old = { digest: "a", artefacts: [{ name: "a" }], sums: "S" };
    const expected = { digest: "a", artifacts: [{ name: "a" }], checksums: "S" };
    assert.deepEqual(withPresentNames(archiveDefinition, plain(old)).values, expected);
    const sums = withPresentNames(checksumsDefinition, plain({ artefact: { name: "a" } }));
    assert.deepEqual(sums.values, { artifact: { name: "a" } });
  });

  it("of a provenance has the declaration of the image", () => {
    const former = {
      image: { target: "a", files: [{ target: "/a" }], budget: { maximum: 1 }, labels: { target: "a" } },
      binaries: { target: { targets: ["b"], overrides: { c: { environment: { target: "d" } } } } },
    };
    const present = {
      image: { stage: "a", files: [{ to: "/a" }], budget: { maximumBytes: 1 }, labels: { target: "a" } },
      binaries: { target: { platforms: ["b"], overrides: { c: { env: { target: "d" } } } } },
    };
    const { values } = withPresentNames(provenanceDefinition, plain({ parameters: former }));
    assert.deepEqual(values, { parameters: present });
  });

  it("keeps secret what was", () => {
    const secrets = new Set(['["environment","TOKEN"]', '["command","0"]', '["files","target","path"]']);
    const { secrets: kept } = withPresentNames(commandDefinition, { values: {}, secrets });
    assert.deepEqual([...kept], ['["env","TOKEN"]', '["command","0"]', '["files","target","path"]']);
  });

  it("may have values that are not known yet, and names that are those of objects", () => {
    const old = JSON.parse('{"environment": {"__proto__": "a", "constructor": "b"}}') as object;
    const { values } = withPresentNames(commandDefinition, plain({ ...old, expect: unknown }));
    assert.deepEqual(Object.keys(values.env as object), ["__proto__", "constructor"]);
    assert.equal(values.expect, unknown);
  });

  it("is as it is where nothing was renamed: a mirror has a target", () => {
    const values = { source: "a", target: "b" };
    assert.equal(withPresentNames(mirrorDefinition, plain(values)).values, values);
  });
});
