import * as assert from "node:assert/strict";
import { misspellings } from "../../tools/commands/spelling";

describe("the spelling of messages and documentation", () => {
  const cases: [text: string, instead: string | undefined][] = [
    ["every artefact has a digest", "artifact"],
    ["const artefactTable = 1;", "artifact"],
    ["Behaviour of the registry", "behavior"],
    ["the Licence of a package", "license"],
    ["function normaliseScopes() {}", "normalize"],
    ["the serialisation of functions", "serialization"],
    ["an organisation", "organization"],
    ["that which was declared", "what"],
    ["the name is there twice", "is listed twice"],
    ["`${name} is no digest`", "is not a"],
    ["the image says not what it is", "does not say"],
    ["every artifact has a license and a color", undefined],
    ["a precise name of an enterprise, exercised otherwise", undefined],
    ["there is no file of this name", undefined],
    ["`there is no program ${name}`", undefined],
  ];
  for (const [text, instead] of cases) {
    it(`${instead === undefined ? "passes" : "finds"}: ${text}`, () => {
      const found = misspellings(`first\n${text}\n`);
      assert.deepEqual(
        found.map(({ line, instead }) => [line, instead]),
        instead === undefined ? [] : [[2, instead]],
      );
    });
  }
});
