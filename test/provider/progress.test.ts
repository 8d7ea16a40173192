import assert from "node:assert/strict";
import { mock } from "node:test";
import { displayOf } from "../../provider/base/display";
import { Progress } from "../../provider/base/progress";
import { PushProgress } from "../../provider/images/push-progress";

describe("progress", () => {
  let lines: string[];
  const progress = (place: "terminal" | "log") => {
    const started = Date.now();
    return new Progress(place, (line) => lines.push(`${(Date.now() - started) / 1000} s: ${line}`));
  };
  beforeEach(() => {
    lines = [];
    mock.timers.enable({ apis: ["Date", "setTimeout"], now: 1_000_000 });
  });
  afterEach(() => mock.timers.reset());

  /** Notes a line every half second. */
  function work(seconds: number, noted: Progress): void {
    for (let half = 0; half < seconds * 2; half++) {
      noted.note(`step ${half}`);
      mock.timers.tick(500);
    }
  }

  it("of what is soon done is not shown", () => {
    for (const place of ["terminal", "log"] as const) {
      const noted = progress(place);
      work(1.5, noted);
      noted.end();
      mock.timers.tick(60_000);
      noted.note("afterwards");
      mock.timers.tick(60_000);
    }
    assert.deepEqual(lines, []);
  });

  it("is a line every ten seconds in a log, of what is so by then", () => {
    work(30, progress("log"));
    assert.deepEqual(lines, ["2 s: step 3", "12 s: step 23", "22 s: step 43"]);
  });

  it("is a line a second in a terminal", () => {
    work(5.5, progress("terminal"));
    assert.deepEqual(lines, ["2 s: step 3", "3 s: step 5", "4 s: step 7", "5 s: step 9"]);
  });

  it("is shown where nothing more comes, too, once", () => {
    const noted = progress("log");
    noted.note("long");
    mock.timers.tick(2_000);
    mock.timers.tick(60_000);
    assert.deepEqual(lines, ["2 s: long"]);
    noted.note("last");
    mock.timers.tick(1);
    assert.deepEqual(lines, ["2 s: long", "62.001 s: last"]);
  });

  it("of a push never goes back, where a blob is sent again", () => {
    const blobs = ["a", "b"].map((digest) => ({
      descriptor: { mediaType: "", digest, size: 5_000_000 },
    }));
    const pushed = new PushProgress(blobs, (line) => lines.push(line));
    pushed.sent("a", 4_000_000);
    pushed.sent("a", 0);
    pushed.done("a");
    pushed.done("b");
    assert.deepEqual(lines, [
      "pushing 4.0 of 10.0 MB (40 %), 0 of 2 blobs done",
      "pushing 4.0 of 10.0 MB (40 %), 0 of 2 blobs done",
      "pushing 5.0 of 10.0 MB (50 %), 1 of 2 blobs done",
      "pushing 10.0 of 10.0 MB (100 %), 2 of 2 blobs done",
    ]);
  });
});

describe("where people read what the engine displays", () => {
  it("is a log in CI, and where nobody can tell", () => {
    assert.equal(displayOf(process.pid, { CI: "true" }), "log");
    assert.equal(displayOf(2 ** 30, {}), "log");
  });
});
