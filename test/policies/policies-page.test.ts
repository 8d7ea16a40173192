import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { policiesPage } from "../../policies/pack/policies-page";
import { rules } from "../../policies/rules";

describe("docs/policies.md", () => {
  const page = policiesPage();

  it("is what the rules make (npm run format writes it)", () => {
    const file = path.resolve(__dirname, "..", "..", "docs", "policies.md");
    assert.equal(readFileSync(file, "utf8"), `${page}\n`);
  });

  it("has every rule with its remedy, its level and each setting", () => {
    for (const { name, remedy, level, config } of rules) {
      const start = page.indexOf(`### ${name}\n`);
      assert.ok(start > 0, name);
      const end = page.indexOf("\n### ", start + 1);
      const section = page.slice(start, end < 0 ? undefined : end);
      assert.ok(section.includes(remedy), name);
      assert.ok(section.includes(`Default level: ${level}.`), name);
      for (const setting of Object.keys(config ?? {})) {
        assert.match(
          section,
          new RegExp(`\\| \`${setting}\`[^|]*\\|[^|]+\\|[^|]*\\| \\S`),
          `${name}.${setting}`,
        );
      }
    }
  });
});
