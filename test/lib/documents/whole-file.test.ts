import assert from "node:assert/strict";
import { applyEdits, checkEdit } from "../../../lib/documents/edits";
import { hasMark, withMark } from "../../../lib/documents/whole-file";

const whole = (file: string, text: string, present?: string, mark?: boolean) =>
  applyEdits(file, present, [{ whole: { text, mark } }]).text;

describe("whole files", () => {
  for (const [file, text, expected] of [
    [
      "VERSIONS.md",
      "# Versions\n",
      "<!-- Written by Slipway. Edit the declaration, not this file. -->\n\n# Versions\n",
    ],
    [
      "page.md",
      "---\ntitle: A\n---\n\n# A\n",
      "---\ntitle: A\n---\n<!-- Written by Slipway. Edit the declaration, not this file. -->\n\n\n# A\n",
    ],
    [
      "start.sh",
      "#!/bin/sh\nset -e\n",
      "#!/bin/sh\n# Written by Slipway. Edit the declaration, not this file.\nset -e\n",
    ],
    [
      "Dockerfile",
      "# syntax=docker/dockerfile:1\nFROM a\n",
      "# syntax=docker/dockerfile:1\n# Written by Slipway. Edit the declaration, not this file.\nFROM a\n",
    ],
    [
      "a.xml",
      '<?xml version="1.0"?>\n<a/>\n',
      '<?xml version="1.0"?>\n<!-- Written by Slipway. Edit the declaration, not this file. -->\n<a/>\n',
    ],
    ["package.json", "{}\n", "{}\n"],
    ["empty.yml", "", "# Written by Slipway. Edit the declaration, not this file.\n"],
  ] as const) {
    it(`say who writes them, where a comment can stand: ${file}`, () => {
      assert.equal(withMark(file, text), expected);
      assert.equal(hasMark(file, expected.replaceAll("\n", "\r\n")), file !== "package.json");
      assert.equal(whole(file, text, undefined, false), text);
    });
  }

  it("keep the line ends of what is there", () => {
    assert.equal(whole("a.json", "a\nb\n", "x\r\ny"), "a\r\nb\r\n");
    assert.equal(whole("a.json", "a\nb", "x\ny\r\n"), "a\nb");
  });

  it("take no place of what others have written", () => {
    const edit = { whole: { text: "x" } };
    const refused =
      /VERSIONS\.md is there, and Slipway has not written it: move it away, or replace it with takeOver: true/;
    assert.throws(() => checkEdit("VERSIONS.md", "by hand", edit, false), refused);
    checkEdit("VERSIONS.md", "by hand", edit, true);
    checkEdit("VERSIONS.md", undefined, edit, false);
    checkEdit("VERSIONS.md", withMark("VERSIONS.md", "of another version"), edit, false);
  });

  it("have regions of their own", () => {
    const text = "# slipway:begin a\n# slipway:end a\n";
    const { text: made, owned } = applyEdits("a.yml", "old", [
      { whole: { text, mark: false } },
      { region: { name: "a", text: "b" } },
    ]);
    assert.equal(made, "# slipway:begin a\nb\n# slipway:end a\n");
    assert.deepEqual(owned, { file: text, a: "b" });
  });
});
