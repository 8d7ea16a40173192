import assert from "node:assert/strict";
import { licenseExpression } from "../../../lib/sbom/license";

const valid: [words: string, expression: string, references: string[]][] = [
  ["MIT", "MIT", []],
  ["  MIT  OR Apache-2.0 ", "MIT OR Apache-2.0", []],
  ["(MIT OR Apache-2.0) AND ISC", "(MIT OR Apache-2.0) AND ISC", []],
  ["GPL-2.0-only WITH Classpath-exception-2.0", "GPL-2.0-only WITH Classpath-exception-2.0", []],
  [
    "GPL-2.0-only WITH Qt-GPL-exception-1.0 OR EUPL-1.0",
    "GPL-2.0-only WITH Qt-GPL-exception-1.0 OR EUPL-1.0",
    [],
  ],
  ["Apache-2.0+ OR MIT", "Apache-2.0+ OR MIT", []],
];

describe("licenses", () => {
  for (const [words, expression, references] of valid) {
    it(`${words} is an expression`, () => {
      const found = licenseExpression(words);
      assert.equal(found.expression, expression);
      assert.deepEqual(found.references, references);
    });
  }

  for (const words of [
    "BSD",
    "A license of our own",
    "MIT,Apache",
    "MIT OR",
    "OR MIT",
    "(MIT",
    "MIT)",
    "()",
    "",
    "MIT MIT",
    "MIT or Apache-2.0",
    "(".repeat(4000),
    "MIT AND ".repeat(600) + "MIT",
    "(MIT) WITH Classpath-exception-2.0",
    "GPL-2.0-only WITH Unknown-exception",
    "https://opensource.org/licenses/MIT",
  ]) {
    it(`${JSON.stringify(words.slice(0, 40))} is referred to as a whole`, () => {
      const { expression, references, identifier } = licenseExpression(words);
      assert.deepEqual(
        references.map(({ id }) => id),
        [expression],
      );
      assert.deepEqual(
        references.map((one) => one.words),
        [words],
      );
      assert.match(expression, /^LicenseRef-[A-Za-z0-9.-]+$/);
      assert.equal(identifier, undefined);
    });
  }

  it("a name that is not on the list is referred to where it stands", () => {
    const { expression, references } = licenseExpression("MIT AND Acme-1.0");
    assert.match(expression, /^MIT AND LicenseRef-Acme-1\.0-[0-9a-f]{12}$/);
    assert.deepEqual(
      references.map(({ words }) => words),
      ["Acme-1.0"],
    );
  });
});
