import assert from "node:assert/strict";
import { SecretTexts } from "../../provider/secret-texts";

describe("secret texts", () => {
  function textsOf(value: unknown): SecretTexts {
    const texts = new SecretTexts();
    texts.add({
      values: { plain: "visible", hidden: value },
      secrets: new Set([JSON.stringify(["hidden"])]),
    });
    return texts;
  }

  const cases: [string, unknown, string, string][] = [
    ["a text", "hunter2", "password hunter2 refused", "password [secret] refused"],
    ["every occurrence", "hunter2", "hunter2 hunter2", "[secret] [secret]"],
    ["as JSON quotes it", `a"b\nc`, `given: "a\\"b\\nc"`, `given: "[secret]"`],
    ["deep inside", { a: [{ b: "hunter2" }] }, "is hunter2", "is [secret]"],
    ["a line of a key", "-----BEGIN-----\nAAAABBBBCCCC\n", "read AAAABBBBCCCC", "read [secret]"],
    ["the longest first", ["hunter2", "hunter2-long"], "is hunter2-long", "is [secret]"],
    ["no text that words are made of", "a", "a banana", "a banana"],
    ["no short line of a key", "some\nlines here\n", "some of it", "some of it"],
    ["nothing of what is no text", 8080, "port 8080", "port 8080"],
    ["nothing else", "hunter2", "visible", "visible"],
  ];
  for (const [what, value, text, expected] of cases) {
    it(`blots out ${what}`, () => assert.equal(textsOf(value).blot(text), expected));
  }
});
