import assert from "node:assert/strict";
import { childrenProcessorTime } from "../../bench/processor-time";
import { runClient } from "../support/clients";
import { requirement } from "../support/requirement";

describe("processor time of the processes of a side", () => {
  it("has what processes took that have ended, and those that they started", async function () {
    requirement(this, process.platform === "linux", "needs the times in /proc, which Linux has");
    // Half a second of a processor, however long that takes, in a process that a shell starts.
    const work = "const start = process.cpuUsage(); while (process.cpuUsage(start).user < 500_000);";
    const before = await childrenProcessorTime();
    await runClient("sh", ["-c", '"$0" -e "$1"; exit 0', process.execPath, work]);
    const taken = (await childrenProcessorTime()) - before;
    assert.ok(taken >= 0.5, `${taken} s`);
  });
});
