"use strict";
// First step of every npm script: `node tools/bootstrap.cjs COMMAND ARGS`. On a fresh clone nothing is installed or
// built yet, so this file needs nothing but Node, and keeps to syntax that an old Node can still read, to be able to
// say that it is too old.

var REQUIRED = [20, 19];
var found = process.versions.node.split(".").map(Number);
if (found[0] < REQUIRED[0] || (found[0] === REQUIRED[0] && found[1] < REQUIRED[1])) {
  console.error(
    "slipway needs Node " +
      REQUIRED.join(".") +
      " or newer; this is Node " +
      process.versions.node +
      " (" +
      process.execPath +
      "). Install a newer one from https://nodejs.org or with your version manager.",
  );
  process.exit(1);
}

// What needs no provider has to work while the provider does not build.
var WITH_PROVIDER = ["start", "pulumi", "test", "bench"];
var only = WITH_PROVIDER.indexOf(process.argv[2]) === -1 ? ["tools/main.ts"] : undefined;

require("./install.cjs")
  .ensureInstalled()
  .then(function () {
    return require("./build.cjs").ensureBuilt({ ifStale: true, only: only });
  })
  .then(function () {
    return require("../dist/tools.js").main(process.argv.slice(2));
  })
  .catch(function (error) {
    var forUsers = error && error.hint !== undefined;
    var told = error && error.errors !== undefined;
    console.error(told ? "slipway: the build failed" : forUsers ? "slipway: " + error.message : error);
    process.exitCode = 1;
  });
