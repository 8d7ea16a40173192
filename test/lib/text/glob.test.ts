import assert from "node:assert/strict";
import { failingLines } from "../../../lib/dockerfile/failing-lines";
import { IgnoreRules } from "../../../lib/dockerfile/ignore-rules";
import { pathPattern } from "../../../lib/dockerfile/path-pattern";
import { matchesPattern } from "../../../policies/reading/pattern";
import { matchesStars, starGlob, type StarReach } from "../../../lib/text/glob";

/**
 * Longest time that a pattern with many stars may take, in milliseconds: the matcher needs some,
 * and an expression minutes.
 */
const longestMilliseconds = 5_000;

describe("patterns with stars", () => {
  const cases: [pattern: string, text: string, everything: boolean, name: boolean][] = [
    ["hello", "hello", true, true],
    ["hello", "hello2", false, false],
    ["hello", "ahello", false, false],
    ["", "", true, true],
    ["", "a", false, false],
    ["*", "", true, true],
    ["*", "any text\nof two lines", true, true],
    ["*", "a/b", true, false],
    ["*", "a\\b", true, false],
    ["a*b*c", "abc", true, true],
    ["a*b*c", "a-b-b-c", true, true],
    ["a*b*c", "a-b-c-", false, false],
    ["**", "a", true, true],
    ["**", "a/b", true, false],
    ["a.b", "axb", false, false],
    ["a+(b)[c]?$^|", "a+(b)[c]?$^|", true, true],
    ["axon_*_linux.tar.gz", "axon_1.5.0_linux.tar.gz", true, true],
    ["axon_*_linux.tar.gz", "axon_/../../../x/_linux.tar.gz", true, false],
    ["axon_*_linux.tar.gz", "axon_\\..\\x_linux.tar.gz", true, false],
    ["*/hello", "a/hello", true, true],
    ["😀*", "😀x", true, true],
  ];
  for (const [pattern, text, everything, name] of cases) {
    it(`${JSON.stringify(pattern)} and ${JSON.stringify(text)}`, () => {
      assert.equal(matchesStars(pattern, text, "everything"), everything);
      assert.equal(matchesStars(pattern, text, "name"), name);
    });
  }

  it("decide as regular expressions do, for any short pattern and text", () => {
    const letters = ["a", "b", "/", "*"];
    const words = (length: number): string[] =>
      length === 0
        ? [""]
        : words(length - 1).flatMap((word) =>
            word.length < length - 1 ? [word] : [word, ...letters.map((c) => word + c)],
          );
    const patterns = words(5);
    const texts = words(4).filter((word) => !word.includes("*"));
    for (const [reach, star] of [
      ["everything", ".*"],
      ["name", "[^/]*"],
    ] as [StarReach, string][]) {
      for (const pattern of patterns) {
        const glob = starGlob(pattern, reach);
        const expression = new RegExp(`^${pattern.replaceAll("*", star)}$`, "s");
        for (const text of texts) {
          if (glob.matches(text) !== expression.test(text)) assert.fail(`${pattern} ${text}`);
        }
      }
    }
  });

  const stars = `${"*a".repeat(20)}*b`;
  const long = "a".repeat(10_000);
  const uses: [use: string, decide: () => boolean][] = [
    ["of names of release assets", () => matchesStars(stars, long, "name")],
    ["of the policy pack", () => matchesPattern(stars, long)],
    ["of an ignore file", () => new IgnoreRules(stars).ignores(long)],
    [
      "of an ignore file, of folders",
      () => new IgnoreRules(`${"**/a".repeat(20)}/b`).ignores("a/".repeat(5_000)),
    ],
    ["of what a Dockerfile copies", () => pathPattern(`${"a*?".repeat(20)}[b-c]`).matches(long)],
    [
      "of a builder's errors",
      () => failingLines([{ pattern: stars, line: 1, instruction: "" }], long).length > 0,
    ],
  ];
  for (const [use, decide] of uses) {
    it(`with twenty stars end soon on a long text: ${use}`, () => {
      const started = performance.now();
      assert.equal(decide(), false);
      const took = performance.now() - started;
      assert.ok(took < longestMilliseconds, `took ${took.toFixed(0)} ms`);
    });
  }
});

describe("patterns of paths", () => {
  const cases: [pattern: string, matched: string[], others: string[]][] = [
    ["a/*/c", ["a/b/c"], ["a/c", "a/b/b/c"]],
    ["**", ["a", "a/b", ""], []],
    ["**/c", ["c", "a/c", "a/b/c"], ["ac", "c/a"]],
    ["a/**", ["a/", "a/b/c"], ["a", "ab"]],
    ["a/**/c/**/e", ["a/c/e", "a/b/c/d/d/e"], ["a/e", "a/c/de"]],
    ["*/**/x", ["a/x", "a/b/x"], ["x"]],
    ["**/*.go", ["x.go", "a/x.go"], ["x.go/a"]],
    ["?", ["a", "😀"], ["/", "ab", ""]],
    ["[a-c-]", ["a", "b", "-"], ["d"]],
    ["[-a]", ["-", "a"], ["b"]],
    ["[]a]", ["]", "a"], ["b"]],
    ["[^a-c]", ["d", "😀"], ["b"]],
    ["[a\\]", ["a", "\\"], ["b"]],
    ["[!a]", ["!", "a"], ["b"]],
    ["\\*\\?\\[", ["*?["], ["a?["]],
    ["a\\", ["a\\"], ["a"]],
  ];
  for (const [pattern, matched, others] of cases) {
    it(JSON.stringify(pattern), () => {
      const read = pathPattern(pattern);
      for (const path of matched)
        assert.equal(read.matches(path), true, `${JSON.stringify(path)} is matched`);
      for (const path of others) assert.equal(read.matches(path), false, `${JSON.stringify(path)} is not`);
    });
  }

  for (const pattern of ["[a", "[]", "[^]", "[c-a]"]) {
    it(`${JSON.stringify(pattern)} cannot be read`, () => assert.throws(() => pathPattern(pattern)));
  }
});
