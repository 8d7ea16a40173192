"use strict";
// Reports like mocha's "spec", and says of every test that was not executed why. Closes with one line of counts.

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
    const { color, consoleLog: print } = reporters.Base;
    const pending = [];
    let passed = 0;
    let depth = 0;
    const indent = () => "  ".repeat(depth);

    runner.on(EVENT_SUITE_BEGIN, (suite) => {
      if (suite.root) return;
      if (depth === 0) print();
      depth++;
      print(color("suite", `${indent()}${suite.title}`));
    });
    runner.on(EVENT_SUITE_END, (suite) => {
      if (!suite.root) depth--;
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
      const failed = this.failures.length;
      if (failed > 0) {
        print();
        reporters.Base.list(this.failures);
      }
      if (pending.length > 0) {
        print();
        print(`not executed (${pending.length}):`);
        for (const test of pending) print(`  ${test.fullTitle()}: ${reasonOf(test)}`);
        if (process.env.CI === "true") {
          runner.failures += pending.length;
          print("CI=true: a test that is not executed is an error.");
        }
      }
      print();
      print(`${passed} passed, ${failed} failed, ${pending.length} skipped`);
    });
  }
}

/** The reason that `requirement` left on the test or on a suite around it. */
function reasonOf(test) {
  for (let node = test; node; node = node.parent) {
    if (node.notExecuted) return node.notExecuted;
  }
  return "marked as skipped in its source, without a reason";
}

module.exports = Reporter;
