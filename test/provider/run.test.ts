import assert from "node:assert/strict";
import { ofRun, Run } from "../../provider/run/run";

describe("what resources share in a run", () => {
  it("is asked once a run, and again in the next", async () => {
    let asked = 0;
    const answer = (run: Run) => run.once("builder: a", async () => (asked += 1));
    const first = new Run();
    assert.deepEqual(await Promise.all([answer(first), answer(first)]), [1, 1]);
    assert.equal(await answer(first), 1);
    assert.equal(await answer(new Run()), 2);
    assert.equal(await first.once("builder: b", async () => "another"), "another");
  });

  it("is asked again once it has failed, which all who waited are told", async () => {
    const run = new Run();
    const failing = () => run.once("key", () => Promise.reject(new Error("no answer")));
    const waiting = await Promise.allSettled([failing(), failing()]);
    assert.deepEqual(
      waiting.map(({ status }) => status),
      ["rejected", "rejected"],
    );
    assert.equal(await run.once("key", async () => "now"), "now");
  });

  it("is done in turn for one key, also after a failure", async () => {
    const run = new Run();
    const done: string[] = [];
    const work = (name: string) => async () => {
      done.push(`${name} begins`);
      await new Promise((resolve) => setImmediate(resolve));
      done.push(`${name} ends`);
      if (name === "a") throw new Error("a fails");
    };
    await Promise.allSettled([run.inTurn("file", work("a")), run.inTurn("file", work("b"))]);
    assert.deepEqual(done, ["a begins", "a ends", "b begins", "b ends"]);
    await Promise.all([run.inTurn("file", work("c")), run.inTurn("other", work("d"))]);
    assert.deepEqual(done.slice(4), ["c begins", "d begins", "c ends", "d ends"]);
  });

  it("is kept for the run alone", () => {
    const namesOf = ofRun(() => new Set<string>());
    const run = new Run();
    namesOf(run).add("a");
    assert.deepEqual([...namesOf(run)], ["a"]);
    assert.deepEqual([...namesOf(new Run())], []);
  });
});
