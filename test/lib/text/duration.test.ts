import assert from "node:assert/strict";
import { durationText } from "../../../lib/text/duration";

describe("a duration in words", () => {
  const cases: [milliseconds: number, text: string][] = [
    [1, "1 s"],
    [90_000, "90 s"],
    [119_500, "120 s"],
    [120_000, "2 min"],
    [3_600_000, "60 min"],
    [7_200_000, "2 h"],
    [36 * 3_600_000, "36 h"],
    [10 * 86_400_000, "10 days"],
    [Infinity, "years"],
  ];
  for (const [milliseconds, text] of cases) {
    it(`of ${milliseconds} ms is ${text}`, () => assert.equal(durationText(milliseconds), text));
  }
});
