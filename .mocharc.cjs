"use strict";

// A run of single files names them; mocha would add them to the ones named here.
const named = process.argv.slice(2).some((argument) => argument.endsWith(".ts"));

module.exports = {
  spec: named ? [] : ["test/**/*.test.ts"],
  require: ["./lib/machine/typescript.cjs"],
  reporter: "test/support/reporter.cjs",
  timeout: 120_000,
};
