import assert from "node:assert/strict";
import * as fc from "fast-check";
import { parseAllDocuments } from "yaml";
import { renderYaml } from "../../../lib/yaml/render";

/** What a reader of a version has of a text. */
const read = (text: string, version: "1.1" | "1.2"): unknown[] =>
  parseAllDocuments(text, { version }).map((document) => {
    assert.deepEqual(document.errors, []);
    return document.toJS() as unknown;
  });

describe("YAML that is rendered", () => {
  it("has its fields in order, long lines in one, and quotes where a text could be taken for something else", () => {
    const words = Array.from({ length: 40 }, () => "word").join(" ");
    const value = {
      b: 1,
      a: "yes",
      ports: ["22:22", "8080:80"],
      date: "2026-01-31",
      octal: "0o17",
      words,
      none: "",
    };
    assert.equal(
      renderYaml([value, { c: true, d: null }]),
      [
        "b: 1",
        'a: "yes"',
        "ports:",
        '  - "22:22"',
        "  - 8080:80",
        'date: "2026-01-31"',
        'octal: "0o17"',
        `words: ${words}`,
        'none: ""',
        "---",
        "c: true",
        "d: null",
        "",
      ].join("\n"),
    );
  });

  it("is for readers of YAML 1.1 and 1.2 what it is made of", () => {
    const sign = fc.constantFrom(..."yno0123456789:-_.eExob~#'\"&*!|>%@`{}[], \n\t".split(""));
    const text = fc.oneof(
      fc.array(sign, { maxLength: 8 }).map((signs) => signs.join("")),
      fc.string({ maxLength: 8 }),
    );
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        text,
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie("value"), { maxLength: 3 }),
        // A field `<<` would be merged.
        fc.dictionary(
          text.filter((name) => name !== "__proto__" && name !== "<<"),
          tie("value"),
          { maxKeys: 3 },
        ),
      ),
    }));
    const file = fc.array(fc.dictionary(fc.constantFrom("a", "b"), value, { noNullPrototype: true }), {
      minLength: 1,
      maxLength: 3,
    });
    fc.assert(
      fc.property(file, (values) => {
        const plain = JSON.parse(JSON.stringify(values)) as unknown;
        for (const version of ["1.1", "1.2"] as const) {
          assert.deepEqual(JSON.parse(JSON.stringify(read(renderYaml(values), version))), plain);
        }
      }),
      { numRuns: 500 },
    );
  });
});
