import assert from "node:assert/strict";
import { repeatedKey } from "../../../lib/oci/repeated-keys";

describe("keys that an object of JSON has twice", () => {
  for (const [text, key] of [
    ['{"a":1,"a":2}', "a"],
    ['{"a":1, "b" : [], \n "a":2}', "a"],
    ['{"a":1,"\\u0061":2}', "a"],
    ['[{"b":{"a":{},"c":"","a":[]}}]', "a"],
    ['{"b":[{"x":1},{"y":1,"y":1}]}', "y"],
    ['{"a\\"":1,"a\\"":2}', 'a"'],
    ['{"":1,"":2}', ""],
    ['{"__proto__":1,"__proto__":2}', "__proto__"],
    ['{"é":1,"\\u00e9":2}', "é"],
    ['{"a":{"a":{"a":1}},"b":["a","a"],"c":"a\\\\","d":"\\"a\\""}', undefined],
    ['[{"a":1},{"a":1},"a","a"]', undefined],
    ['{"a":"{\\"b\\":1,\\"b\\":2}","b":[1,2,{"a":1}],"A":1}', undefined],
    ['"a"', undefined],
    ["{}", undefined],
    ["null", undefined],
  ] as const) {
    it(`${text}: ${key === undefined ? "none" : JSON.stringify(key)}`, () => {
      JSON.parse(text);
      assert.equal(repeatedKey(Buffer.from(text)), key);
    });
  }
});
