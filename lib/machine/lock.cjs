"use strict";
// A lock between processes: one file, linked into place with its content, so that it is never seen
// half written.

const fs = require("node:fs");
const path = require("node:path");
const { setTimeout: sleep } = require("node:timers/promises");
const { identityOf, isSameProcessAlive } = require("./process-identity.cjs");

/**
 * A guard that outlived its process by this much is taken away: breaking a lock takes microseconds.
 */
const GUARD_TIMEOUT_MS = 10_000;
const POLL_MS = 100;

/**
 * Runs `work` while this process alone holds the lock `file`. The lock of a process that has ended
 * is broken. `onWait(holder)` is called once if another process holds it.
 */
async function withLock(file, options, work) {
  const onWait = options.onWait || (() => undefined);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  let told = false;
  while (!acquire(file)) {
    const holder = readHolder(file);
    if (holder !== null && !isSameProcessAlive(holder)) {
      breakStale(file);
      continue;
    }
    if (holder !== null && !told) {
      told = true;
      onWait(holder);
    }
    await sleep(options.pollMs || POLL_MS);
  }
  try {
    return await work();
  } finally {
    fs.rmSync(file, { force: true });
  }
}

function acquire(file) {
  const own = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(own, JSON.stringify({ ...identityOf(process.pid), since: new Date().toISOString() }));
  try {
    fs.linkSync(own, file);
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  } finally {
    fs.rmSync(own, { force: true });
  }
}

function readHolder(file) {
  try {
    return JSON.parse(fs.readFileSync(file, "utf8"));
  } catch (error) {
    if (error.code === "ENOENT") return null;
    throw new Error(`the lock ${file} cannot be read. If no other run is active, remove it.`, {
      cause: error,
    });
  }
}

/**
 * Takes away a lock whose process has ended. A guard directory lets one process at a time do so:
 * otherwise two could see the same stale lock, and the slower one would take away the lock that the
 * faster one has just acquired.
 */
function breakStale(file) {
  const guard = `${file}.breaking`;
  try {
    fs.mkdirSync(guard);
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    const stat = fs.statSync(guard, { throwIfNoEntry: false });
    if (stat !== undefined && Date.now() - stat.mtimeMs > GUARD_TIMEOUT_MS) {
      fs.rmSync(guard, { recursive: true, force: true });
    }
    return;
  }
  try {
    const holder = readHolder(file);
    if (holder !== null && !isSameProcessAlive(holder)) fs.rmSync(file, { force: true });
  } finally {
    fs.rmSync(guard, { recursive: true, force: true });
  }
}

module.exports = { withLock };
