import assert from "node:assert/strict";
import { nextVersion } from "../../tools/next-version";

describe("the version to try next", () => {
  for (const [text, next] of [
    ["config:\n  hello:version: v0.1.0\n", "v0.1.1"],
    ["config:\n  mlos-core:registry: embedded\n  mlos-core:version: v1.0.9", "v1.0.10"],
    [`config:\n  hello:version: "2.0.0"\n`, "2.0.1"],
    ["config:\n  mlos-distro:coreVersion: v1.0.0\n", undefined],
    ["config:\n  hello:version: v1.0.0-rc.1\n", undefined],
    ["", undefined],
  ] as const) {
    it(`${JSON.stringify(text)} gives ${next}`, () => assert.equal(nextVersion(text), next));
  }
});
