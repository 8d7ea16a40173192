"use strict";
// Runs a child process in the foreground: its exit code is ours, signals reach it, and it does not
// outlive us.

const { spawn } = require("node:child_process");

const FORWARDED = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Runs a command and resolves with {code, signal} when it has ended. Rejects if it cannot be
 * started.
 *
 * A terminal sends SIGINT to the whole foreground process group, so the child has it already;
 * passing it on would be a second Ctrl-C, which makes the Pulumi CLI drop what it is doing. Without
 * a terminal the signal is for us alone, and is passed on.
 */
function runChild(command, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: "inherit", ...options });
    const forward = (signal) => {
      if (signal === "SIGINT" && process.stdin.isTTY) return;
      child.kill(signal);
    };
    const end = () => child.kill("SIGTERM");
    for (const signal of FORWARDED) process.on(signal, forward);
    process.on("exit", end);
    const settle = (action) => {
      for (const signal of FORWARDED) process.removeListener(signal, forward);
      process.removeListener("exit", end);
      action();
    };
    child.on("error", (error) => settle(() => reject(error)));
    child.on("close", (code, signal) => settle(() => resolve({ code, signal })));
    if (options && options.onStart) options.onStart(child);
  });
}

/** Ends this process as the child ended: with its exit code, or by the signal that ended it. */
function exitAs(result) {
  if (result.signal) {
    process.kill(process.pid, result.signal);
    setTimeout(() => process.exit(1), 1000);
    return;
  }
  process.exitCode = result.code === null ? 1 : result.code;
}

module.exports = { exitAs, runChild };
