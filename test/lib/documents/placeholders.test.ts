import assert from "node:assert/strict";
import { fillPlaceholders, placeholdersOf } from "../../../lib/documents/placeholders";

const values = { version: "v1.2.3", "images.hello.digest": "sha256:1" };

describe("placeholders of a document", () => {
  it("are replaced, and braces of others stay", () => {
    const others = '${version} {{ version }} {{version}} { "version": 1 } {} {1} $version {a b}';
    assert.equal(
      fillPlaceholders("a.md", `{version} {images.hello.digest}\n${others} \\{version}`, values),
      `v1.2.3 sha256:1\n${others} {version}`,
    );
  });

  it("have their lines", () => {
    assert.deepEqual(
      [...placeholdersOf("a\n{b} \\{c}\n{b}{d-e}")],
      [
        ["b", 2],
        ["d-e", 3],
      ],
    );
  });

  it("are refused with line and names where nothing takes their place", () => {
    assert.throws(
      () => fillPlaceholders("docs/A.md", "\n\n{versoin}", values),
      /^DocumentError: docs\/A\.md, line 3: nothing takes the place of \{versoin\}; did you mean \{version\}\? the names here are \{version\}, \{images\.hello\.digest\}, and \\\{versoin\} is the word itself$/,
    );
    assert.throws(() => fillPlaceholders("a", "{zzz}", values), /\{zzz\}; the names here are/);
  });
});
