import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { type LockHolder, withLock } from "../../lib/machine/lock.cjs";
import { identityOf, startTime } from "../../lib/machine/process-identity.cjs";
import { runSource } from "./source-process";
import { temporaryDirectory } from "./temporary-directory";

describe("lock between processes", () => {
  const directory = temporaryDirectory();
  const file = () => join(directory(), "below", "lock");

  function leaveLock(holder: Partial<LockHolder>): void {
    mkdirSync(join(directory(), "below"));
    const whole = { ...identityOf(process.pid), since: "2026-01-01T00:00:00.000Z", ...holder };
    writeFileSync(file(), JSON.stringify(whole));
  }

  /** The id of a process that has ended. */
  function endedPid(): number {
    return spawnSync(process.execPath, ["-e", ""]).pid;
  }

  it("lets one process at a time in", async () => {
    const log = join(directory(), "log");
    const code = `
      const { withLock } = require("./lib/machine/lock.cjs");
      const { appendFileSync } = require("node:fs");
      const log = ${JSON.stringify(log)};
      (async () => {
        for (let i = 0; i < 10; i++) {
          await withLock(${JSON.stringify(file())}, { pollMs: 1 }, async () => {
            appendFileSync(log, "in\\n");
            await new Promise((resolve) => setTimeout(resolve, 3));
            appendFileSync(log, "out\\n");
          });
        }
      })();`;
    const results = await Promise.all([runSource(code), runSource(code), runSource(code)]);
    assert.deepEqual(
      results.map((result) => result.code),
      [0, 0, 0],
      results.map((result) => result.stderr).join(""),
    );
    assert.equal(readFileSync(log, "utf8"), "in\nout\n".repeat(30));
  });

  it("is gone after the work, and after work that fails", async () => {
    assert.equal(await withLock(file(), {}, () => 7), 7);
    await assert.rejects(
      withLock(file(), {}, () => {
        throw new Error("work failed");
      }),
      /work failed/,
    );
    assert.equal(existsSync(file()), false);
  });

  it("breaks the lock of a process that has ended", async () => {
    leaveLock({ pid: endedPid(), started: null });
    assert.equal(await withLock(file(), {}, () => "in"), "in");
  });

  // Only Linux tells when a process started.
  if (startTime(process.pid) !== null) {
    it("breaks the lock of a process whose id was given to another one", async () => {
      leaveLock({ pid: process.pid, started: "1" });
      assert.equal(await withLock(file(), {}, () => "in"), "in");
    });
  }

  it("breaks a stale lock once, though many want it", async () => {
    leaveLock({ pid: endedPid(), started: null });
    const log = join(directory(), "log");
    const enter = () =>
      withLock(file(), { pollMs: 1 }, async () => {
        appendFileSync(log, "in\n");
        await sleep(2);
        appendFileSync(log, "out\n");
      });
    await Promise.all(Array.from({ length: 20 }, enter));
    assert.equal(readFileSync(log, "utf8"), "in\nout\n".repeat(20));
  });

  it("gets past a guard that a killed process left while it broke a lock", async () => {
    leaveLock({ pid: endedPid(), started: null });
    mkdirSync(`${file()}.breaking`);
    utimesSync(`${file()}.breaking`, new Date(0), new Date(0));
    assert.equal(await withLock(file(), { pollMs: 1 }, () => "in"), "in");
  });

  for (const [title, holder] of [
    ["a running process", {}],
    ["a process on another host", { host: `not-${hostname()}`, pid: 1 }],
  ] as const) {
    it(`waits for ${title}, and says so once`, async () => {
      leaveLock(holder);
      const told: LockHolder[] = [];
      let entered = false;
      const waiting = withLock(file(), { pollMs: 5, onWait: (by) => told.push(by) }, () => {
        entered = true;
      });
      await sleep(100);
      assert.equal(entered, false);
      assert.equal(told.length, 1);
      assert.equal(told[0]?.host, "host" in holder ? holder.host : hostname());
      rmSync(file());
      await waiting;
      assert.equal(entered, true);
    });
  }

  it("names a lock file that cannot be read", async () => {
    mkdirSync(join(directory(), "below"));
    writeFileSync(file(), "{");
    await assert.rejects(
      withLock(file(), {}, () => undefined),
      (error: Error) => error.message.includes(file()) && /remove it/.test(error.message),
    );
  });
});
