import assert from "node:assert/strict";
import fc from "fast-check";
import { parse } from "yaml";
import { Commented, yamlText } from "../../../lib/workflows/yaml-text";

describe("YAML of workflows", () => {
  it("is read by others as the data that it was written from, whatever texts there are", () => {
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom(
        "on",
        "yes",
        "~",
        "null",
        "1e3",
        "v*",
        "a: b",
        "a #b",
        "- a",
        "17 3 * * *",
        "${{ a || 'b' }}",
        " a",
      ),
      fc
        .array(fc.stringMatching(/^[ -~]{0,8}$/), { minLength: 2, maxLength: 4 })
        .map((lines) => `${lines.join("\n")}\n`),
    );
    const key = fc.stringMatching(/^[A-Za-z][\w-]{0,8}$/);
    const { data } = fc.letrec((tie) => ({
      data: fc.oneof(
        { depthSize: "small" },
        text,
        fc.boolean(),
        fc.integer(),
        fc.array(tie("data")),
        tie("map"),
      ),
      map: fc.dictionary(key, tie("data"), { noNullPrototype: true }),
    }));
    fc.assert(
      fc.property(fc.dictionary(key, data, { minKeys: 1, noNullPrototype: true }), (map) => {
        assert.deepEqual(parse(yamlText(map as never)), map);
      }),
      { seed: 20, numRuns: 500 },
    );
  });

  it("a comment stands behind its word, and a text of several lines as it is", () => {
    assert.equal(
      yamlText({
        steps: [{ uses: new Commented("a@1", "v1") }, { run: "one\n  two\n" }],
        none: undefined,
        on: {},
      }),
      "steps:\n  - uses: a@1 # v1\n  - run: |\n      one\n        two\non: {}\n",
    );
  });
});
