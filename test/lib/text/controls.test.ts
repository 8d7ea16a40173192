import assert from "node:assert/strict";
import { controlProblem, visibleControls, withVisibleControls } from "../../../lib/text/controls";

describe("control characters in a text that stays as it is", () => {
  const found: [what: string, text: string, named: RegExp, visible: string][] = [
    ["an escape", "a\nb\u001b[2J", /U\+001B in line 2/, "a\nb<U+001B>[2J"],
    ["a carriage return alone", "no\ryes", /U\+000D in line 1/, "no<U+000D>yes"],
    ["one before that of the end of a line", "no\r\r\n", /U\+000D in line 1/, "no<U+000D>\r\n"],
    ["a control of C1", "\n\n\u009b31m", /U\+009B in line 3/, "\n\n<U+009B>31m"],
    ["a turned direction", "a\u202eb", /U\+202E in line 1/, "a<U+202E>b"],
    ["an isolate and a mark", "\u2066a\u200f", /U\+2066 in line 1/, "<U+2066>a<U+200F>"],
    ["a zero", "\u0000", /U\+0000 in line 1/, "<U+0000>"],
  ];
  for (const [what, text, named, visible] of found) {
    it(`are found and shown: ${what}`, () => {
      assert.match(controlProblem(text) ?? "", named);
      assert.equal(visibleControls(text), visible);
      assert.equal(controlProblem(visible), undefined);
    });
  }

  it("are counted from the line that the text begins in", () =>
    assert.match(controlProblem("a\n\u0007", 10) ?? "", /in line 11,/));

  for (const text of ["a\tb\r\nc\n", "größe 日本 👩‍💻 🏴󠁧󠁢󠁥󠁮󠁧󠁿 שלום", ""]) {
    it(`are not in ${JSON.stringify(text)}`, () => {
      assert.equal(controlProblem(text), undefined);
      assert.equal(visibleControls(text), text);
    });
  }

  it("are shown at any depth, in names too", () => {
    const value = { "a\u0007": [1, null, { b: "\u001b" }, true], c: undefined };
    assert.deepEqual(withVisibleControls(value), {
      "a<U+0007>": [1, null, { b: "<U+001B>" }, true],
      c: undefined,
    });
  });
});
