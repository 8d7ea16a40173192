import assert from "node:assert/strict";
import { withinStatus } from "../../../provider/base/failure";
import { cleanLine, cleanText, longestLine, longestText } from "../../../lib/text/terminal";

describe("words of others", () => {
  const cases: [what: string, text: string, cleaned: string][] = [
    ["ordinary text", "größe: 日本 👩‍💻 a=<b> {c} 100 %", "größe: 日本 👩‍💻 a=<b> {c} 100 %"],
    ["lines and tabs", "a\n\tb\r\nc\n", "a\n\tb\nc\n"],
    ["colors", "\u001b[1;31mred\u001b[0m", "red"],
    ["erasure and moves", "a\u001b[2J\u001b[H\u001b[10;20Hb\u001b[?25l", "ab"],
    ["a title, ended by a bell", "a\u001b]0;title\u0007b", "ab"],
    ["a link, ended by ST", "a\u001b]8;;https://example.com\u001b\\text\u001b]8;;\u001b\\b", "atextb"],
    ["the clipboard, in C1", "a\u009d52;c;aGVsbG8=\u009cb", "ab"],
    ["a device string", "a\u001bPq#0\u001b\\b", "ab"],
    ["control sequences in C1", "a\u009b31mb\u009b0m", "ab"],
    ["a text that never ends", "said\u001b]0;so (what follows", "said0;so (what follows"],
    ["a sequence that never ends", "a\u001b[31", "a"],
    ["an escape before an escape", "a\u001b\u001b[31mb", "ab"],
    ["character sets and resets", "a\u001b(0b\u001bcd", "abd"],
    ["a carriage return", "failed\rpassed", "failed passed"],
    ["backspaces", "failed\b\b\b\b\b\bpassed", "failed passed"],
    ["bells, zeros and NEL", "a\u0007\u0000\u0085b", "a b"],
    ["separators of lines", "a\u2028b\u2029c", "a b c"],
    ["other directions", "a\u202egpj.exe\u202c\u2066b\u2069\u200e\u061c", "agpj.exeb"],
    ["what does not show", "a\u200b\u2060\ufeff\u{e0041}b", "ab"],
    ["directives of the display", "a<{%fg 1%}>b<{\u200b%c", "a<{ %fg 1%}>b<{ %c"],
    [
      "commands of a build service",
      "a\n ::warning file=b::c\n::add-mask::d",
      "a\n : :warning file=b::c\n: :add-mask::d",
    ],
    ["commands of its first kind", "a ##[group]b", "a # #[group]b"],
    ["commands of Azure Pipelines", "a ##vso[task.prependpath]/b", "a # #vso[task.prependpath]/b"],
    ["commands of TeamCity", "##teamcity[buildStop]", "# #teamcity[buildStop]"],
    ["three marks before one", "###vso[a]b", "## #vso[a]b"],
    ["sections of GitLab's log", "section_start:1:a\rsection_end:1:a", "section _start:1:a section _end:1:a"],
    ["no headings and no words", "## a [b], ##a, section_started", "## a [b], ##a, section_started"],
    ["what only looks like them", "std::vector::size ::1 a::b::c", "std::vector::size ::1 a::b::c"],
  ];
  for (const [what, text, cleaned] of cases) {
    it(`are cleaned of ${what}`, () => {
      assert.equal(cleanText(text), cleaned);
      assert.equal(cleanText(cleaned), cleaned, "a second time changes nothing");
    });
  }

  it("come in one line where one is meant", () => {
    assert.equal(cleanLine(" a\n\tb\u001b[31m\r\n  c \n"), "a b c");
  });

  it("come with no character that a terminal obeys, whatever they are", () => {
    for (let code = 0; code < 0x3000; code++) {
      const cleaned = cleanText(`a${String.fromCodePoint(code)}b`);
      assert.doesNotMatch(cleaned, /(?![\n\t])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/u, code.toString(16));
    }
  });

  it("are bounded, and end with a whole character", () => {
    assert.equal(cleanText("x".repeat(longestText)).length, longestText);
    assert.equal(cleanText("x".repeat(longestText + 1)), `${"x".repeat(longestText - 1)}…`);
    assert.equal(cleanLine("x".repeat(10_000)).length, longestLine);
    assert.equal(cleanText("😀".repeat(10), 4), "😀…");
  });

  for (const [what, text] of [
    ["texts that never end", "\u009d".repeat(1_000_000)],
    ["sequences that never end", "\u001b[".repeat(1_000_000)],
    ["line ends and colons", "\n::a ".repeat(1_000_000)],
  ] as const) {
    it(`are cleaned in a moment: ${what}`, () => {
      const started = performance.now();
      cleanText(text, text.length);
      const took = performance.now() - started;
      assert.ok(took < 5_000, `took ${took.toFixed(0)} ms`);
    });
  }
});

describe("the text of an error", () => {
  it("is not cut where a call can carry it", () => {
    for (const text of ["", "a\nb", "größe 100 %", "x".repeat(48 * 1024)])
      assert.equal(withinStatus(text), text);
  });

  it("is cut, between characters, where no call could carry it", () => {
    for (const text of ["x".repeat(100_000), "%".repeat(60_000), "日".repeat(20_000), "😀".repeat(20_000)]) {
      const cut = withinStatus(text);
      assert.ok(encodeURIComponent(cut).length <= 48 * 1024 + 9);
      assert.ok(cut.endsWith("…") && text.startsWith(cut.slice(0, -1)));
      assert.equal(Buffer.from(cut).toString(), cut);
    }
  });
});
