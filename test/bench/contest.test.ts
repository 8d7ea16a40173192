import assert from "node:assert/strict";
import { compete, type Contest, type Contestant } from "../../bench/contest";

/** A side that takes what the list says, in seconds, round by round; undefined is a failure. */
function side(name: string, ...rounds: (number | undefined)[]): Contestant {
  return {
    name,
    run: async (round) => {
      const seconds = rounds[round];
      if (seconds === undefined) throw new Error("another digest");
      return seconds;
    },
  };
}

function contest(values: Partial<Contest>): Contest & { closed: number } {
  const made = {
    runs: 2,
    ours: side("ours", 9, 2, 4),
    peers: [side("peer", 9, 4, 4)],
    closed: 0,
    close: async () => void (made.closed += 1),
    ...values,
  };
  return made;
}

const run = (prepared: Contest | Contest[]) =>
  compete({ name: "job", description: "", prepare: async () => prepared }, undefined, () => undefined);

describe("contest", () => {
  it("takes the median of the counted rounds, and of the ratios pair by pair", async () => {
    const [result] = await run(contest({}));
    assert.equal(result?.name, "job");
    assert.deepEqual([result.ours, result.peer, result.ratio], [3, 4, 0.75]);
    assert.deepEqual(result.spread, [0.5, 1]);
    assert.deepEqual([result.failed, result.attempts], [{ ours: 0, peer: 0 }, 3]);
  });

  it("gives a failed run no time and counts it, the first round too", async () => {
    const [result] = await run(contest({ peers: [side("peer", undefined, undefined, 8)] }));
    assert.deepEqual([result?.peer, result?.ratio, result?.failed.peer], [8, 0.5, 2]);
  });

  it("has no ratio where a side never succeeds", async () => {
    const [result] = await run(contest({ peers: [side("peer")] }));
    assert.ok(result && Number.isNaN(result.peer) && Number.isNaN(result.ratio));
    assert.equal(result.failed.peer, 3);
  });

  it("reports what runs beside in the notes, before the notes of the job", async () => {
    const beside = [side("whole", 1, undefined, 6)];
    const [result, ...others] = await run(contest({ beside, notes: async () => ["note"] }));
    assert.deepEqual(result?.notes, ["whole: 6.00 s; succeeded 2 of 3", "note"]);
    assert.equal(others.length, 0);
  });

  it("names variants, and closes all of them when the last has ended", async () => {
    const contests = [contest({ variant: "first" }), contest({ variant: "second" })];
    const results = await run(contests);
    assert.deepEqual(
      results.map(({ name }) => name),
      ["job, first", "job, second"],
    );
    assert.deepEqual(
      contests.map(({ closed }) => closed),
      [1, 1],
    );
  });

  it("closes where the notes fail", async () => {
    const failing = contest({ notes: () => Promise.reject(new Error("too much memory")) });
    await assert.rejects(run(failing), /too much memory/);
    assert.equal(failing.closed, 1);
  });
});
