import assert from "node:assert/strict";
import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { EventLog } from "../../../lib/display/event-log";

describe("the engine's log of events", () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(path.join(tmpdir(), "slipway-event-log-"))));
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("is read while it is written, in whole lines, and anew where the update begins after the plan", async () => {
    const file = path.join(folder, "events.jsonl");
    const seen: string[] = [];
    const log = new EventLog(
      file,
      ({ diagnosticEvent }) => seen.push(diagnosticEvent?.message ?? ""),
      () => seen.push("begun"),
    );
    const line = (message: string, at: number) =>
      `${JSON.stringify({ sequence: 0, timestamp: at, diagnosticEvent: { message, severity: "info" } })}\n`;
    await log.read();
    await writeFile(file, line("ä", 1) + line("two", 1).slice(0, 30));
    await log.read();
    await log.read();
    await appendFile(file, line("two", 1).slice(30));
    await log.read();
    // Longer at once than what has been read: its size does not tell that it is another.
    await writeFile(file, line("three", 2) + line("four", 2) + line("five", 2));
    await log.read();
    assert.deepEqual(seen, ["ä", "two", "begun", "three", "four", "five"]);
  });
});
