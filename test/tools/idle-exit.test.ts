import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { embeddedFolder } from "../../lib/embedded/home";
import { idleExitMs, idleExitProcess } from "../../lib/embedded/idle-exit";
import { ensureRunning, registryStart, status, stop } from "../../lib/embedded/registry";
import { isBeingEnded, lastUse, noteUse, usersOf, whileUnused } from "../../lib/embedded/uses";
import { ensureBuilt } from "../../tools/build.cjs";
import { requireTools } from "../support/tools";
import { temporaryDirectory } from "./temporary-directory";

const repository = resolve(__dirname, "..", "..");

/** Waits until something is so. */
async function until(condition: () => boolean, seconds = 10): Promise<boolean> {
  const deadline = Date.now() + seconds * 1000;
  while (!condition() && Date.now() < deadline) await sleep(50);
  return condition();
}

describe("what nobody uses", () => {
  const directory = temporaryDirectory(stop);

  const times: [text: string | undefined, ms: number | undefined | RegExp][] = [
    [undefined, 30 * 60_000],
    ["", 30 * 60_000],
    ["5", 5 * 60_000],
    ["0.5", 30_000],
    ["0", undefined],
    ["-1", /SLIPWAY_IDLE_EXIT is "-1", which is no number of minutes[^]*e\.g\. 30; 0 for never/],
    ["soon", /SLIPWAY_IDLE_EXIT is "soon"/],
  ];
  for (const [text, ms] of times) {
    it(`ends after ${ms instanceof RegExp ? "no such time" : ms === undefined ? "no time" : `${ms / 1000} s`} where SLIPWAY_IDLE_EXIT is ${JSON.stringify(text)}`, () => {
      const env = text === undefined ? {} : { SLIPWAY_IDLE_EXIT: text };
      if (ms instanceof RegExp) assert.throws(() => idleExitMs(env), ms);
      else assert.equal(idleExitMs(env), ms);
    });
  }

  it("is what no living process has noted a use of", () => {
    noteUse(directory());
    assert.deepEqual(
      usersOf(directory()).map(({ pid }) => pid),
      [process.pid],
    );
    const folder = join(embeddedFolder(directory()), "uses");
    // Of a process that has ended, of one that got its id later, and what is no such note.
    writeFileSync(join(folder, "4194303"), JSON.stringify({ pid: 4194303, host: hostname(), started: "1" }));
    writeFileSync(join(folder, "1"), JSON.stringify({ pid: 1, host: hostname(), started: "never" }));
    writeFileSync(join(folder, "77"), "{");
    assert.deepEqual(
      usersOf(directory()).map(({ pid }) => pid),
      [process.pid],
    );
    assert.deepEqual(readdirSync(folder).sort(), [String(process.pid), "last"].sort());
    assert.ok(Date.now() - lastUse(directory()) < 1000);
  });

  it("is not ended while it is used, and whoever begins to use it meanwhile sees that it is", async () => {
    mkdirSync(embeddedFolder(directory()), { recursive: true, mode: 0o700 });
    assert.equal(
      await whileUnused(directory(), async () => {
        await Promise.resolve();
        assert.ok(isBeingEnded(directory()));
      }),
      true,
    );
    assert.ok(!isBeingEnded(directory()));
    noteUse(directory());
    assert.equal(await whileUnused(directory(), () => Promise.reject(new Error("is used"))), false);
    assert.ok(!isBeingEnded(directory()));
  });

  it("ends by itself: a registry that a process has used to its end, and not before", async function () {
    this.timeout(60_000);
    requireTools(this, "registry");
    await ensureBuilt({ ifStale: true, only: ["lib/embedded/idle-watch.ts"] });
    const code = `require("./lib/embedded/registry").ensureRunning(${JSON.stringify(directory())})
      .then(() => setTimeout(() => undefined, 2500))`;
    const child = spawn(process.execPath, ["-r", "./lib/machine/typescript.cjs", "-e", code], {
      cwd: repository,
      stdio: "inherit",
      env: { ...process.env, SLIPWAY_IDLE_EXIT: "0.01" },
    });
    const ended = new Promise((done) => child.once("close", done));
    assert.ok(await until(() => idleExitProcess(directory()) !== undefined));
    await sleep(1500);
    assert.equal((await status(directory())).running, true, "it is used");
    await ended;
    assert.ok(await until(() => registryStart(directory()) === undefined), "nobody uses it");
    assert.ok(await until(() => idleExitProcess(directory()) === undefined), "what ended it ends, too");
    // Where it published, it is again.
    const { host } = await status(directory());
    assert.equal(await ensureRunning(directory()), host);
    assert.ok(idleExitProcess(directory()));
    await stop(directory());
    assert.equal(idleExitProcess(directory()), undefined);
  });
});
