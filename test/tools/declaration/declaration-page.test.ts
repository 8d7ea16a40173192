import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import * as path from "node:path";
import { distributionShape } from "../../../components/declaration/declaration";
import { declarationPage } from "../../../tools/declaration/declaration-page";
import { fieldComments } from "../../../tools/declaration/field-comments";
import { repository } from "../../support/engine";

describe("doc comments of fields", function () {
  this.timeout(60_000);

  it("are read by path, through lists, maps and alternatives, and not from libraries", () => {
    const found = fieldComments(repository, "test/tools/declaration/sample.ts", "Sample");
    const texts = Object.fromEntries([...found].map(([field, { text }]) => [field, text]));
    assert.deepEqual(texts, {
      name: "A name.",
      undocumented: "",
      parts: "Parts, each with a size: in bytes.",
      "parts[].size": "Bytes.",
      named: "By name, a part or a list of parts.",
      "named.NAME.path": "Where it is.",
      "named.NAME[].count": "How many.",
      stream: "Not the project's own.",
    });
    assert.equal(found.get("undocumented")?.type, "number");
    assert.equal(found.get("stream")?.type, "Readable");
  });

  it("are refused for a type that is not there", () => {
    assert.throws(
      () => fieldComments(repository, "test/tools/declaration/sample.ts", "Other"),
      /sample\.ts exports no type Other/,
    );
  });
});

describe("docs/declaration.md", function () {
  this.timeout(60_000);
  let page: string;

  before(async () => {
    page = await readFile(path.join(repository, "docs", "declaration.md"), "utf8");
  });

  it("is what the doc comments make (npm run format writes it), and each field has one", () => {
    assert.equal(`${declarationPage(repository)}\n`, page);
  });

  it("has a row for each field, and a section for each link", () => {
    for (const name of Object.keys(distributionShape.shape))
      assert.match(page, new RegExp(`^\\| \`${name}\`( \\(required\\))? \\| .+ \\| .+ \\|$`, "m"));
    const anchors = [...page.matchAll(/^## (.*)$/gm)].map(([, heading = ""]) =>
      heading.toLowerCase().replaceAll(/[^a-z]/g, ""),
    );
    const links = [...page.matchAll(/\(#(\w+)\)/g)].map(([, link]) => link);
    assert.ok(links.length > 10);
    assert.deepEqual(
      links.filter((link) => link === undefined || !anchors.includes(link)),
      [],
    );
  });
});
