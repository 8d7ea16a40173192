import * as assert from "node:assert/strict";
import { movableActions } from "../../tools/commands/action-pins";

const commit = "d23441a48e516b6c34aea4fa41551a30e30af803";

describe("actions of workflows", () => {
  const cases: [line: string, isFound: boolean][] = [
    ["      - uses: actions/checkout@v4", true],
    ["      - uses: actions/checkout@main # v6.1.0", true],
    ['      - uses: "actions/checkout@v6.1.0"', true],
    [`      - uses: actions/checkout@${commit}`, true],
    [`      - uses: actions/checkout@${commit.slice(0, 12)} # v6.1.0`, true],
    ["    uses: acme/workflows/.github/workflows/release.yml@v1", true],
    ["      - uses: docker://alpine:3.20", true],
    [`      - uses: actions/checkout@${commit} # v6.1.0`, false],
    [`    uses: acme/workflows/.github/workflows/release.yml@${commit} # v1.0.0`, false],
    ["      - uses: ./.github/actions/build", false],
    ["the resource uses: a key", false],
  ];
  for (const [line, isFound] of cases) {
    it(`${isFound ? "finds" : "passes"}: ${line.trim()}`, () => {
      const uses = /uses:\s*["']?([^\s"']+)/.exec(line)?.[1];
      assert.deepEqual(movableActions(`jobs:\n${line}\n`), isFound ? [{ line: 2, uses }] : []);
    });
  }
});
