import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { definitions } from "../../resources/definitions/definitions";
import { referencePage } from "../../resources/definitions/reference-page";

describe("docs/reference.md", () => {
  const page = referencePage();

  it("is what the definitions make (npm run format writes it)", () => {
    const file = path.resolve(__dirname, "..", "..", "docs", "reference.md");
    assert.equal(readFileSync(file, "utf8"), `${page}\n`);
  });

  it("has every input and output of every resource type, with a description of each", () => {
    for (const { token, inputs, outputs } of definitions) {
      const start = page.indexOf(`## ${token}\n`);
      assert.ok(start > 0, token);
      const section = page.slice(start, page.indexOf("\n## ", start + 1));
      for (const name of [...Object.keys(inputs.shape), ...Object.keys(outputs.shape)]) {
        assert.match(section, new RegExp(`\\| \`${name}\`[^|]*\\|[^|]+\\| \\S`), `${token}.${name}`);
      }
    }
  });

  it("links only to types that it describes", () => {
    for (const [, anchor] of page.matchAll(/\]\(#([a-z]+)\)/g)) {
      assert.match(page, new RegExp(`^### ${anchor}$`, "im"));
    }
  });
});
