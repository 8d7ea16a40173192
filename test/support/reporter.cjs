"use strict";
// Reports like mocha's "spec", says of every test that was not executed why, and ends with the
// seconds of each file and one line of counts. Where SLIPWAY_TEST_REPORT names a file, the run is
// one of several: a suite is printed when it has ended, in one piece, and what stands at the end
// goes to the file, as JSON (tools/test-shards.ts).

const { readFileSync, writeFileSync } = require("node:fs");
const { relative } = require("node:path");
const { performance } = require("node:perf_hooks");
const { format } = require("node:util");
const { reporters, Runner } = require("mocha");

const {
  EVENT_RUN_END,
  EVENT_SUITE_BEGIN,
  EVENT_SUITE_END,
  EVENT_TEST_FAIL,
  EVENT_TEST_PASS,
  EVENT_TEST_PENDING,
} = Runner.constants;

class Reporter extends reporters.Base {
  constructor(runner, options) {
    super(runner, options);
    const { color } = reporters.Base;
    const reportFile = process.env.SLIPWAY_TEST_REPORT;
    const pending = [];
    const seconds = {};
    const processorSeconds = {};
    let lines = [];
    let passed = 0;
    let depth = 0;
    let started = 0;
    let startedWith = 0;
    const indent = () => "  ".repeat(depth);
    const print = (...parts) => {
      if (reportFile === undefined) process.stdout.write(`${format(...parts)}\n`);
      else lines.push(format(...parts));
    };

    runner.on(EVENT_SUITE_BEGIN, (suite) => {
      if (suite.root) return;
      if (depth === 0) {
        started = performance.now();
        startedWith = processorTime();
        print();
      }
      depth++;
      print(color("suite", `${indent()}${suite.title}`));
    });
    runner.on(EVENT_SUITE_END, (suite) => {
      if (suite.root) return;
      depth--;
      if (depth > 0) return;
      const file = relative(process.cwd(), suite.file ?? "");
      // Hooks count: most of the time of many a file is that of what its tests share.
      seconds[file] = (seconds[file] ?? 0) + (performance.now() - started) / 1000;
      processorSeconds[file] = (processorSeconds[file] ?? 0) + processorTime() - startedWith;
      if (lines.length > 0) process.stdout.write(`${lines.join("\n")}\n`);
      lines = [];
    });
    runner.on(EVENT_TEST_PASS, (test) => {
      passed++;
      const slow = test.speed === "fast" ? "" : color(test.speed, ` (${test.duration} ms)`);
      print(`${indent()}  ${color("checkmark", "✓")} ${color("pass", test.title)}${slow}`);
    });
    runner.on(EVENT_TEST_FAIL, (test) => {
      print(color("fail", `${indent()}  ✗ ${test.title}`));
    });
    runner.on(EVENT_TEST_PENDING, (test) => {
      pending.push(test);
      print(color("pending", `${indent()}  - ${test.title}`));
    });
    // Before mocha's own listener, which takes the number of failures as the exit code.
    runner.on(EVENT_RUN_END, () => {
      const report = {
        passed,
        failed: this.failures.length,
        failures: this.failures.length === 0 ? "" : listed(this.failures),
        failedFiles: [...new Set(this.failures.map(fileOf))],
        notExecuted: pending.map((test) => `${test.fullTitle()}: ${reasonOf(test)}`),
        seconds,
        processorSeconds,
      };
      if (process.env.CI === "true") runner.failures += pending.length;
      if (reportFile === undefined) process.stdout.write(summary(report));
      else writeFileSync(reportFile, JSON.stringify(report));
    });
  }
}

/**
 * Seconds that processors have worked for this process and for the children that it has waited for,
 * and those for theirs; 0 where the system does not tell (proc_pid_stat(5), fields 14 to 17, in
 * hundredths on every Linux).
 */
function processorTime() {
  try {
    const fields = readFileSync("/proc/self/stat", "utf8").split(") ")[1].split(" ");
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
  } catch {
    return 0;
  }
}

/** What mocha prints of failures. */
function listed(failures) {
  const { Base } = reporters;
  const print = Base.consoleLog;
  const lines = [];
  Base.consoleLog = (...parts) => lines.push(format(...parts));
  try {
    Base.list(failures);
  } finally {
    Base.consoleLog = print;
  }
  return lines.join("\n");
}

/** The reason that `requirement` left on the test or on a suite around it. */
function reasonOf(test) {
  for (let node = test; node; node = node.parent) {
    if (node.notExecuted) return node.notExecuted;
  }
  return "marked as skipped in its source, without a reason";
}

/** The test file, relative to the working directory, of a test or a hook. */
function fileOf(test) {
  return relative(process.cwd(), test.file ?? test.parent?.file ?? "");
}

/**
 * What stands at the end of a run: tests not executed, seconds by file from the slowest on, and
 * last, where whoever has only the end of a log finds it, what failed, and the counts.
 */
function summary({ passed, failed, failures, flaky, notExecuted, seconds, processorSeconds }) {
  const lines = [];
  if (notExecuted.length > 0) {
    lines.push("", `not executed (${notExecuted.length}):`, ...notExecuted.map((line) => `  ${line}`));
    if (process.env.CI === "true") lines.push("CI=true: a test that is not executed is an error.");
  }
  const slowest = Object.entries(seconds).sort(([, one], [, other]) => other - one);
  if (slowest.length > 1) {
    // The second figure hardly depends on what else the machine does.
    lines.push("", "seconds by file, hooks included, and seconds of processors:");
    for (const [file, time] of slowest) {
      const [all, worked] = [time, processorSeconds[file] ?? 0].map((one) => one.toFixed(1).padStart(8));
      lines.push(`${all} ${worked}  ${file}`);
    }
  }
  if (flaky) lines.push("", "flaky, these failed beside other tests and passed alone:", flaky);
  if (failures) lines.push("", failures);
  lines.push("", `${passed} passed, ${failed} failed, ${notExecuted.length} skipped`, "");
  return lines.join("\n");
}

module.exports = Reporter;
module.exports.summary = summary;
