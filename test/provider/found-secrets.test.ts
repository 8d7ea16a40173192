import assert from "node:assert/strict";
import { secretPaths } from "../../provider/base/found-secrets";
import { SecretTexts } from "../../lib/text/secret-texts";

describe("secrets among properties that go back", () => {
  it("mark a map whose names repeat a secret", () => {
    const texts = new SecretTexts();
    texts.addText("hunter2");
    const values = { files: { hunter2: "sha256:0" }, other: { a: "b" } };
    const found = secretPaths(values, new Set(), texts);
    assert.deepEqual([...found], [JSON.stringify(["files"])]);
  });
});
