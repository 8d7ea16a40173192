import * as assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { REPOSITORY } from "../../lib/machine/repository";

describe("the page on security", () => {
  const page = readFileSync(join(REPOSITORY, "docs/security.md"), "utf8");

  it("names tests that exist", () => {
    const named = [...new Set(page.match(/test\/[\w/.-]+/g))];
    assert.ok(named.length > 20, `only ${named.length} tests are named`);
    assert.deepEqual(
      named.filter((file) => !existsSync(join(REPOSITORY, file))),
      [],
    );
  });

  it("has a test in every row of what an adversary could try", () => {
    const rows = page.split("\n").filter((line) => /^\| (?!what it could try|---)/.test(line));
    const without = rows.filter((row) => {
      const [, , holds = ""] = row.split(" | ");
      return holds.trim() !== "" && !row.includes("test/");
    });
    assert.ok(rows.length > 20);
    assert.deepEqual(
      without.map((row) => row.split(" | ")[0]?.slice(2)),
      [],
    );
  });
});
