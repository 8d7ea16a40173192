import assert from "node:assert/strict";
import { commentStyle } from "../../../lib/documents/comments";
import { DocumentError } from "../../../lib/documents/document-error";
import { applyEdits } from "../../../lib/documents/edits";
import { regionsOf } from "../../../lib/documents/regions";

const region = (name: string, text: string) => ({ region: { name, text } });
const edited = (file: string, present: string, text: string) =>
  applyEdits(file, present, [region("install", text)]).text;

describe("regions of a file", () => {
  const readme = [
    "# Hello",
    "",
    "  By hand.\t",
    "<!-- slipway:begin install -->",
    "old",
    "<!-- slipway:end install -->",
    "",
    "<!-- a comment -->",
    "End",
  ];
  const wanted = [...readme.slice(0, 4), "", "```sh", "brew install hello", "```", "", ...readme.slice(5)];

  for (const [what, end, last] of [
    ["lines of Unix", "\n", "\n"],
    ["lines of Windows", "\r\n", "\r\n"],
    ["no line end at the end", "\n", ""],
    ["lines of Windows and no line end at the end", "\r\n", ""],
    ["a carriage return alone", "\r", "\r"],
  ] as const) {
    it(`change, and nothing outside of them, in a file with ${what}`, () => {
      const text = edited("README.md", readme.join(end) + last, "```sh\nbrew install hello\n```\n");
      assert.equal(text, wanted.join(end) + last);
      assert.equal(edited("README.md", text, "\n```sh\r\nbrew install hello\r\n```"), text);
    });
  }

  it("begin after a byte order mark, end with the file, and are empty", () => {
    const text = "\uFEFF<!-- slipway:begin install -->\n<!-- slipway:end install -->";
    const full = edited("README.md", text, "x");
    assert.equal(full, "\uFEFF<!-- slipway:begin install -->\n\nx\n\n<!-- slipway:end install -->");
    assert.equal(edited("README.md", full, ""), text);
  });

  for (const [file, begin, end] of [
    ["compose.yaml", "  # slipway:begin install", "  # slipway:end install"],
    ["src/version.ts", "  // slipway:begin install", "  // slipway:end install"],
    ["build/Dockerfile", "  # slipway:begin install", "  # slipway:end install"],
    ["app.Dockerfile", "  #slipway:begin install", "  #slipway:end install"],
    [".gitignore", "  # slipway:begin install", "  # slipway:end install"],
    ["site.css", "  /* slipway:begin install */", "  /* slipway:end install */"],
    ["page.html", "  <!--slipway:begin install-->", "  <!--  slipway:end   install  -->"],
    ["schema.sql", "  -- slipway:begin install", "  -- slipway:end install"],
  ] as const) {
    it(`are between comments as ${file} has them, indented as they are`, () => {
      assert.equal(
        edited(file, `a\n${begin}\n${end}\nb\n`, "one:\n\n  two"),
        `a\n${begin}\n  one:\n\n    two\n${end}\nb\n`,
      );
    });
  }

  it("are in no file that has no comments", () => {
    assert.equal(commentStyle("package.json"), undefined);
    assert.throws(
      () => edited("package.json", "{}", "x"),
      /^DocumentError: package\.json can have no regions/,
    );
  });

  it("are not what stands in a fence of code in Markdown", () => {
    const shown = [
      "````md",
      "<!-- slipway:begin install -->",
      "```",
      "<!-- slipway:end other -->",
      "````",
      "",
    ];
    const text = [...shown, "<!-- slipway:begin install -->", "<!-- slipway:end install -->", ""].join("\n");
    assert.match(edited("README.md", text, "x"), /begin install -->\n\nx\n\n<!-- slipway:end install -->\n$/);
    assert.throws(() => edited("README.yaml", "# slipway:end other", "x"), /line 1/);
  });

  it("end where their marker is, whatever somebody has left open in them", () => {
    const text =
      "<!-- slipway:begin install -->\n```sh\nhalf\n<!-- slipway:end install -->\n\n```\ncode\n```\n";
    assert.match(
      edited("README.md", text, "x"),
      /^<!-- slipway:begin install -->\n\nx\n\n<!-- slipway:end install -->\n\n```\ncode/,
    );
  });

  it("stay where they are, with the empty lines that a formatter has put", () => {
    const text = "# slipway:begin install\n\n\nx\n\n# slipway:end install\n";
    assert.equal(edited("a.yml", text, "x"), text);
  });

  const begin = (name: string) => `<!-- slipway:begin ${name} -->`;
  const end = (name: string) => `<!-- slipway:end ${name} -->`;
  for (const [what, lines, message] of [
    [
      "missing",
      ["text"],
      /^README\.md has no region "install"\. Put these two lines where it is to stand: <!-- slipway:begin install --> and <!-- slipway:end install -->$/,
    ],
    [
      "misspelled",
      ["", begin("instal"), end("instal")],
      /has no region "install"; did you mean "instal", in line 2\?/,
    ],
    [
      "doubled",
      [begin("install"), end("install"), begin("install"), end("install")],
      /^README\.md, line 3: region "install" begins twice: in line 1 too$/,
    ],
    [
      "unclosed",
      ["", begin("install"), "text"],
      /^README\.md, line 2: region "install" begins, and does not end: put the line <!-- slipway:end install --> where it does$/,
    ],
    ["not begun", ["", "", end("install")], /^README\.md, line 3: region "install" ends, and has not begun$/],
    [
      "crossed",
      [begin("install"), begin("other"), end("install"), end("other")],
      /^README\.md, line 2: region "other" begins within "install", which begins in line 1$/,
    ],
    [
      "ended by another",
      [begin("install"), end("other")],
      /^README\.md, line 2: region "other" ends within "install"/,
    ],
    [
      "without a name",
      [begin("")],
      /^README\.md, line 1: "<!-- slipway:begin {2}-->" is no marker: it has one name/,
    ],
    ["of two names", [begin("a b")], /line 1: .* is no marker/],
  ] as const) {
    it(`are refused with their line: a marker that is ${what}`, () => {
      assert.throws(
        () => edited("README.md", lines.join("\n"), "x"),
        (error: Error) =>
          (error instanceof DocumentError && message.test(error.message)) || assert.fail(error.message),
      );
    });
  }

  it("have no text with a marker, which would end them", () => {
    assert.throws(
      () => edited("README.md", `${begin("install")}\n${end("install")}\n`, `a\n  ${end("install")}`),
      /has a marker of its own: <!-- slipway:end install -->/,
    );
  });

  it("are found by name, with their lines", () => {
    const text = [begin("a"), end("a"), "", begin("b"), "x", end("b")].join("\n");
    assert.deepEqual(
      [...regionsOf("README.md", text)].map(([name, { line }]) => [name, line]),
      [
        ["a", 1],
        ["b", 4],
      ],
    );
  });
});
