import assert from "node:assert/strict";
import { expand } from "../../../lib/dockerfile/expansion";

describe("variables in FROM", () => {
  const variables = new Map<string, string | undefined>([
    ["VERSION", "1.22.3"],
    ["TAG", "v1.22.3-alpine"],
    ["NAME", "acme_app_web"],
    ["EMPTY", ""],
    ["UNSET", undefined],
    ["PATTERN", "2*"],
    ["A", "a"],
    ["NONE", undefined],
  ]);
  for (const [text, expected] of [
    ["x", "x"],
    ["$A", "a"],
    ["${A}b", "ab"],
    ["$AB", undefined],
    ["${NONE}", undefined],
    ["${EMPTY:-d}", "d"],
    ["${EMPTY-d}", ""],
    ["${NONE-$A}", "a"],
    ["${A:+y}", "y"],
    ["${NONE:+y}", ""],
    ["${NONE:-${A}}", "a"],
    ["${A", undefined],
    ["node:$VERSION-alpine", "node:1.22.3-alpine"],
    ["node:${VERSION}", "node:1.22.3"],
    ["node:${UNSET:-20}", "node:20"],
    ["node:${EMPTY:-20}", "node:20"],
    ["node:${EMPTY-20}", "node:"],
    ["node:${VERSION:+is}${UNSET+not}", "node:is"],
    ["node:${UNSET:-${VERSION%.*}}", "node:1.22"],
    // Required.
    ["node:${VERSION:?set it}", "node:1.22.3"],
    ["node:${EMPTY?set it}", "node:"],
    ["node:${EMPTY:?set it}", undefined],
    ["node:${UNSET?}", undefined],
    // Without an end.
    ["node:${VERSION%.*}", "node:1.22"],
    ["node:${VERSION%%.*}", "node:1"],
    ["node:${VERSION%.?}", "node:1.22"],
    ["node:${VERSION%x}", "node:1.22.3"],
    ["node:${VERSION%}", "node:1.22.3"],
    ["node:${VERSION%$PATTERN}", "node:1.2"],
    ["node:${VERSION%%$PATTERN}", "node:1."],
    // Without a beginning.
    ["node:${TAG#v}", "node:1.22.3-alpine"],
    ["node:${TAG#*.}", "node:22.3-alpine"],
    ["node:${TAG##*.}", "node:3-alpine"],
    ["node:${TAG##*-}", "node:alpine"],
    ["node:${TAG#1}", "node:v1.22.3-alpine"],
    // Replaced.
    ["${NAME/_/-}", "acme-app_web"],
    ["${NAME//_/-}", "acme-app-web"],
    ["${NAME/_*/}", "acme"],
    ["${NAME/a?p/x}", "acme_x_web"],
    ["${NAME//p/}", "acme_a_web"],
    ["${NAME/x/y}", "acme_app_web"],
    ["${NAME/_/\\/}", "acme\\/app_web"],
    ["${NAME/_}", undefined],
    ["${UNSET/_/-}", undefined],
    // What the builder refuses, or leaves to others.
    ["node:${VERSION", undefined],
    ["node:${VERSION!x}", undefined],
    ["node:${VERSION%[0-9]\\a}", undefined],
    ["node:${BUILDARCH}", undefined],
  ] as const) {
    it(`${text} is ${expected ?? "not known"}`, () => assert.equal(expand(text, variables), expected));
  }

  it("are not looked for in what is longer than anybody writes", () => {
    const long = new Map([["X", "a".repeat(257)]]);
    assert.equal(expand("${X%a}", long), undefined);
    assert.equal(expand(`\${X%${"*".repeat(257)}}`, new Map([["X", "a"]])), undefined);
  });
});
