import assert from "node:assert/strict";
import type { Configuration, ProdStack } from "./prod-stack";

/** A way to make the prod stack of an example bad: one change, and the rule that has to refuse it. */
export interface BadStack {
  rule: string;
  /** It shows before `up` only where the images are there already: their proofs are known then. */
  onceBuilt?: true;
  /** What is wrong with it. */
  title: string;
  /** Configuration instead of the stack's. */
  config?: (host: string) => Configuration;
  /** What is written in the program, and what stands there instead. */
  program?: readonly [string | RegExp, string];
}

/** One bad stack a test: exactly its rule refuses it, at preview, and what is published stays as it was. */
export function refuse(prod: () => ProdStack, { rule, title, config, program }: BadStack): void {
  it(`${rule}: ${title}`, async () => {
    const { project, host } = prod();
    const before = await prod().published();
    const good = await project.read("index.ts");
    const stack = await project.read("Pulumi.prod.yaml");
    if (program) {
      assert.notEqual(good.replace(...program), good, "the program has no such text any more");
      await project.edit("index.ts", good.replace(...program));
    }
    try {
      const { code, text } = await prod().run(["preview"], config?.(host));
      assert.notEqual(code, 0, text);
      const refused = [...text.matchAll(/^\s+- \[mandatory\](?: \[severity: \w+\])?\s+(\S+)/gm)];
      assert.deepEqual([...new Set(refused.map(([, name]) => name))], [rule], text);
    } finally {
      await project.write({ "index.ts": good, "Pulumi.prod.yaml": stack });
    }
    assert.deepEqual(await prod().published(), before);
  });
}
