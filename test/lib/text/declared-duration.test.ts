import assert from "node:assert/strict";
import { checkDay } from "../../../lib/text/day";
import { checkAge, checkDuration, dayBefore, endOf } from "../../../lib/text/declared-duration";

describe("a declared duration", () => {
  for (const [duration, end] of [
    ["90m", "2026-01-31T01:30:00.000Z"],
    ["36h", "2026-02-01T12:00:00.000Z"],
    ["2d", "2026-02-02T00:00:00.000Z"],
    ["2w", "2026-02-14T00:00:00.000Z"],
    ["1mo", "2026-02-28T00:00:00.000Z"],
    ["3mo", "2026-04-30T00:00:00.000Z"],
    ["2y", "2028-01-31T00:00:00.000Z"],
  ] as const) {
    it(`of ${duration} ends after it has begun`, () => {
      assert.equal(checkDuration(duration), duration);
      assert.equal(endOf("2026-01-31", duration).toISOString(), end);
    });
  }

  for (const text of ["", "7", "0d", "d", "7 d", "1.5d", "-1d", "7M", "7constructor", "7s", "100000d"]) {
    it(`is not ${JSON.stringify(text)}`, () => {
      assert.throws(
        () => checkDuration(text),
        /months \(mo\) or years \(y\) are expected \(a valid example: "7d"\)/,
      );
      assert.throws(() => endOf("2026-01-31", text), /are expected/);
    });
  }
});

describe("a declared age", () => {
  for (const [day, age, expected] of [
    ["2026-11-30", "2y", "2024-11-30"],
    ["2024-02-29", "1y", "2023-02-28"],
    ["2026-03-31", "1mo", "2026-02-28"],
    ["2026-01-15", "2mo", "2025-11-15"],
    ["2026-11-30", "24mo", "2024-11-30"],
    ["2026-03-01", "1d", "2026-02-28"],
    ["2026-03-01", "2w", "2026-02-15"],
  ] as const) {
    it(`of ${age} before ${day} is ${expected}`, () => assert.equal(dayBefore(day, age), expected));
  }

  for (const text of ["", "2", "2 years", "0d", "-1d", "2Y", "36h"]) {
    it(`is not ${JSON.stringify(text)}`, () => {
      assert.throws(() => checkAge(text), /a valid example: "30d", "6mo" or "2y"/);
    });
  }

  it("of minutes is refused with how months are written, for no word has two meanings", () => {
    assert.throws(() => checkAge("24m"), /"24m" is minutes, and months are "24mo"/);
  });
});

describe("a day of the calendar", () => {
  for (const text of ["", "2026-02-30", "2026-2-3", "tomorrow", "2026-01-31T00:00:00Z"]) {
    it(`is not ${JSON.stringify(text)}`, () => {
      assert.throws(() => checkDay(text), /a valid example: "2026-01-31"/);
    });
  }
});
