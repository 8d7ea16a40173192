import assert from "node:assert/strict";
import { durationMs, durationText, endOf } from "../../../lib/text/duration";

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

describe("a declared duration", () => {
  it("is days, hours or minutes", () => {
    assert.deepEqual(["7d", "36h", "90m"].map(durationMs), [604_800_000, 129_600_000, 5_400_000]);
    for (const text of ["", "7", "0d", "d", "7 d", "1.5d", "7w", "-1d"]) {
      assert.throws(() => durationMs(text), /days, hours or minutes are expected \(a valid example: "7d"\)/);
    }
  });

  it("ends after it has begun", () => {
    assert.equal(endOf("2026-02-28", "2d").toISOString(), "2026-03-02T00:00:00.000Z");
  });
});
