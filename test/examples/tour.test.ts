import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { exampleNames } from "../../tools/examples";
import { repository } from "../support/engine";

describe("docs/examples.md", () => {
  const read = (file: string) => readFileSync(path.join(repository, file), "utf8");
  const page = read("docs/examples.md");
  const withoutIndent = (text: string) => text.replaceAll(/^\s+/gm, "");

  it("shows the program as it is", () => {
    const program = withoutIndent(read("examples/mlos-core/index.ts"));
    const blocks = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, block = ""]) => withoutIndent(block));
    assert.equal(blocks.length, 5);
    for (const block of blocks) assert.ok(program.includes(block), block);
  });

  it("tells of every example to start from", () => {
    for (const name of exampleNames().filter((one) => !["axon", "bases"].includes(one)))
      assert.ok(page.includes(`[\`${name}\`](../examples/${name})`), name);
  });
});
