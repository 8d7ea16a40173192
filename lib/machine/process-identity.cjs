"use strict";
// Which process is meant by a process id, told apart from a later one that was given the same id.

const { readFileSync } = require("node:fs");
const { hostname } = require("node:os");

/**
 * The start time of a process, in clock ticks since boot (proc(5), field 22 of /proc/PID/stat).
 * Null where the kernel does not offer it (macOS) or the process is gone.
 */
function startTime(pid) {
  const fields = statFields(pid);
  return fields === null ? null : fields[19];
}

/**
 * True while a process with this id runs; a zombie counts as ended, because it holds nothing any
 * more.
 */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error.code === "EPERM";
  }
  const fields = statFields(pid);
  return fields === null || fields[0] !== "Z";
}

/** Who this process is: what `isSameProcessAlive` needs to recognize it later. */
function identityOf(pid) {
  return { pid, host: hostname(), started: startTime(pid) };
}

/**
 * False only if it is certain that the process has ended: another host's processes cannot be seen
 * from here, so they count as alive.
 */
function isSameProcessAlive(identity) {
  if (identity.host !== hostname()) return true;
  if (!isAlive(identity.pid)) return false;
  const started = startTime(identity.pid);
  return started === null || !identity.started || started === identity.started;
}

/**
 * The fields of /proc/PID/stat after the command name, which may itself hold blanks and brackets.
 */
function statFields(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return null;
  }
}

module.exports = { identityOf, isAlive, isSameProcessAlive, startTime };
