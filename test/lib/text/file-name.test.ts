import assert from "node:assert/strict";
import { checkFileName, longestFileName } from "../../../lib/text/file-name";

describe("names of files", () => {
  for (const name of [
    "hello.tar.gz",
    "hello_*_linux_amd64.tar.gz",
    ".hidden",
    "a b (1) + ~@.txt",
    "größe.txt",
    "..a",
    "a".repeat(longestFileName),
  ]) {
    it(`${JSON.stringify(name).slice(0, 40)} is one`, () => checkFileName(name));
  }

  const refused: [name: string, reason: RegExp][] = [
    ["", /is empty/],
    [".", /is a folder/],
    ["..", /is a folder/],
    ["a/b", /has folders/],
    ["/etc/hello", /has folders/],
    ["../hello", /has folders/],
    ["..\\hello", /has folders/],
    ["C:\\hello", /has folders/],
    ["-rf", /starts with "-"/],
    ["a\nb", /does not show/],
    ["a\rb", /does not show/],
    ["a\0b", /does not show/],
    ["a\u001b[2Jb", /does not show/],
    ["a\u009b2Jb", /does not show/],
    ["hello\u202egz.exe", /does not show/],
    ["a\u200bb", /does not show/],
    ["a\u2028b", /does not show/],
    ["a\ud800b", /does not show/],
    ["ä".repeat(longestFileName / 2 + 1), /more than 255 bytes/],
  ];
  for (const [name, reason] of refused) {
    it(`${JSON.stringify(name).slice(0, 40)} is none`, () =>
      assert.throws(
        () => checkFileName(name),
        (error: Error) => {
          assert.match(error.message, reason);
          assert.match(error.message, /a valid example: "hello\.tar\.gz"/);
          return true;
        },
      ));
  }
});
