import assert from "node:assert/strict";
import { renderNotes } from "../../../lib/release/notes";
import { renderVersions } from "../../../lib/release/version-matrix";
import { markdownText } from "../../../lib/text/markdown";

describe("words of others in Markdown", () => {
  for (const text of [
    "hello_1.0.0_linux_amd64.tar.gz",
    "SHA256SUMS",
    "v1.2.3-rc.1+build.5",
    "./hello --version prints (v1) in < 2 s, 100 % & more",
    "someone@example.com, ~/bin, a-b, C:\\Users",
    "größe 日本",
  ]) {
    it(`${JSON.stringify(text)} stays as it is`, () => assert.equal(markdownText(text), text));
  }

  const cases: [text: string, escaped: string][] = [
    ["a | b", "a \\| b"],
    ["*a* __b__ ~~c~~ `d`", "\\*a\\* \\_\\_b\\_\\_ \\~\\~c\\~\\~ \\`d\\`"],
    ["[text](https://example.com)", "\\[text\\](https://example.com)"],
    ["![image](x)", "!\\[image\\](x)"],
    ["<script>alert(1)</script>", "\\<script>alert(1)\\</script>"],
    ["<!-- hidden", "\\<!-- hidden"],
    ["<https://example.com>", "\\<https://example.com>"],
    ["&lt;b&gt; &#60;", "\\&lt;b\\&gt; \\&#60;"],
    ["\\| a \\<b>", "\\\\\\| a \\\\\\<b>"],
    ["# heading", "\\# heading"],
    ["a\nb\r\n\n| c |", "a b \\| c \\|"],
    ["@octocat and @scope/name", "@<!-- -->octocat and @<!-- -->scope/name"],
    ["\u001b[31mred\u202e", "red"],
  ];
  for (const [text, escaped] of cases) {
    it(`${JSON.stringify(text)} is only text`, () => assert.equal(markdownText(text), escaped));
  }

  const hostile = "x | y |\n\n# <img src=x> [z](w)";
  const shown = "x \\| y \\| # \\<img src=x> \\[z\\](w)";

  it("are one cell of the tables of release notes", () => {
    const digest = `sha256:${"0".repeat(64)}`;
    const tests = [{ program: hostile, platform: hostile, check: hostile, result: "passed" }] as const;
    const artifacts = [{ name: hostile, digest }];
    const notes = renderNotes("{artifacts}\n{tests}", { version: "1.0.0", tag: "v1.0.0", artifacts, tests });
    assert.deepEqual(notes.split("\n").slice(2), [
      `| ${shown} | \`${"0".repeat(64)}\` |`,
      "| Program | Platform | Check | Result |",
      "| --- | --- | --- | --- |",
      `| ${shown} | ${shown} | ${shown} | passed |`,
    ]);
  });

  it("are one cell of a version matrix", () => {
    const components = { [hostile]: "v1.0.0" };
    const rows = [{ version: "v1.0.0", components, status: "Planned" }] as const;
    const text = renderVersions(hostile, rows, []);
    assert.ok(text.startsWith(`# Versions of ${shown}\n`), text);
    assert.ok(text.includes(`\n| Version | ${shown} | Status | Compatibility test |\n`), text);
    assert.ok(text.includes(`(${shown} v1.0.0)`), text);
  });
});
