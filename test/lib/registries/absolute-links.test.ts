import assert from "node:assert/strict";
import { absoluteLinks, RelativeLinkError } from "../../../lib/registries/absolute-links";

const base = "https://github.com/acme/hello/blob/HEAD/docs";
const root = "https://github.com/acme/hello/blob/HEAD";
const raw = "https://github.com/acme/hello/raw/HEAD";

describe("relative links on a page elsewhere", () => {
  const cases: [name: string, text: string, expected: string][] = [
    ["a link", "see [the guide](guide.md#start)", `see [the guide](${base}/guide.md#start)`],
    ["a link with a title", '[a](b.md "B")', `[a](${base}/b.md "B")`],
    ["a link above the folder", "[a](../LICENSE)", `[a](${root}/LICENSE)`],
    ["a link from the root", "[a](/LICENSE)", `[a](${root}/LICENSE)`],
    ["a picture", "![logo](img/logo.png)", `![logo](${raw}/docs/img/logo.png)`],
    [
      "a picture in a link",
      "[![logo](logo.png)](guide.md)",
      `[![logo](${raw}/docs/logo.png)](${base}/guide.md)`,
    ],
    ["a target in angles", "[a](<b.md>)", `[a](<${base}/b.md>)`],
    ["a named target", "[guide]: guide.md", `[guide]: ${base}/guide.md`],
    [
      "HTML",
      '<a href="a.md"><img width=3 src="a.png"></a>',
      `<a href="${base}/a.md"><img width=3 src="${raw}/docs/a.png"></a>`,
    ],
    ["several in a line", "[a](b) and [c](d)", `[a](${base}/b) and [c](${base}/d)`],
    ["text in brackets", "- [x] done (see [a [b]](c))", `- [x] done (see [a [b]](${base}/c))`],
  ];
  for (const [name, text, expected] of cases) {
    it(`makes ${name} absolute`, () => {
      assert.equal(absoluteLinks(text, base), expected);
      assert.equal(absoluteLinks(expected, base), expected);
    });
  }

  it("leaves what leads somewhere already, headings and code as they are", () => {
    const text = [
      "[a](https://acme.example/b) [b](#usage) [c](mailto:a@acme.example) [d](//acme.example)",
      "`[a](b)` and ``[a](b) ` [c](d)``",
      "```md",
      "[a](b)",
      "```",
      "~~~~",
      "~~~",
      "[a](b)",
      "~~~~",
    ].join("\n");
    assert.equal(absoluteLinks(text, base), text);
    assert.equal(absoluteLinks(text, undefined), text);
  });

  it("refuses a link that leads nowhere: without a base, or out of the repository", () => {
    assert.throws(
      () => absoluteLinks("[a](b.md)", undefined),
      (error: Error) => {
        assert.match(error.message, /"b\.md" is relative.*valid example/);
        return error instanceof RelativeLinkError;
      },
    );
    assert.throws(
      () => absoluteLinks("[a](../../b.md)", base),
      /leads out of https:\/\/github\.com\/acme\/hello\/blob\/HEAD\//,
    );
  });

  it("takes pictures of other forges from where their bytes are", () => {
    assert.equal(
      absoluteLinks("![a](b.png)", "https://gitlab.com/acme/hello/-/blob/HEAD"),
      "![a](https://gitlab.com/acme/hello/-/raw/HEAD/b.png)",
    );
  });
});
