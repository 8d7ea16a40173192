import assert from "node:assert/strict";
import { fastestRun } from "../../../lib/command/fastest-run";

describe("the fastest run of a program", () => {
  const cases: { title: string; first: number; more: number[]; seconds: number; runs: number }[] = [
    { title: "is the first where that is within the limit", first: 0.1, more: [], seconds: 0.1, runs: 1 },
    { title: "is looked for until one is within it", first: 0.4, more: [0.3, 0.05], seconds: 0.05, runs: 3 },
    {
      title: "is the fastest of ten where none is",
      first: 0.4,
      more: [0.3, 0.2, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.5],
      seconds: 0.2,
      runs: 10,
    },
  ];
  for (const { title, first, more, seconds, runs } of cases) {
    it(title, async () => {
      const rest = [...more];
      const next = () => Promise.resolve(rest.shift() ?? assert.fail("it is run again"));
      assert.deepEqual(await fastestRun(first, 0.1, next), { seconds, runs });
      assert.deepEqual(rest, []);
    });
  }
});
