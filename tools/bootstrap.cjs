"use strict";
// First step of every npm script: `node tools/bootstrap.cjs COMMAND ARGS`. On a fresh clone nothing
// is installed or built yet, so this file needs nothing but Node, and keeps to syntax that an old
// Node can still read, to be able to say that it is too old.

var floor = require("../lib/machine/node-floor.cjs");

/** The oldest Node that can install the packages and fetch a newer one. */
var OLDEST_TO_FETCH = 18;

if (Number(process.versions.node.split(".")[0]) < OLDEST_TO_FETCH) {
  console.error(
    floor.tooOld(
      "slipway",
      "Install a newer one from https://nodejs.org or with your version manager; with Node " +
        OLDEST_TO_FETCH +
        " or newer, slipway fetches one by itself.",
    ),
  );
  process.exit(1);
}

// npm runs in the Node that it came with, so packages are installed before another one takes over.
require("./install.cjs")
  .ensureInstalled()
  .then(function () {
    return require("./node.cjs").recentNode();
  })
  .then(function (folder) {
    return folder === undefined ? runHere() : runIn(folder);
  })
  .catch(function (error) {
    var forUsers = error && error.hint !== undefined;
    var told = error && error.errors !== undefined;
    console.error(told ? "slipway: the build failed" : forUsers ? "slipway: " + error.message : error);
    process.exitCode = 1;
  });

function runHere() {
  // What needs no provider has to work while the provider does not build.
  var withProvider = ["start", "pulumi", "slipway", "test", "bench"];
  var only = withProvider.indexOf(process.argv[2]) === -1 ? ["tools/main.ts"] : undefined;
  return require("./build.cjs")
    .ensureBuilt({ ifStale: true, only: only })
    .then(function () {
      return require("../dist/tools.js").main(process.argv.slice(2));
    });
}

/** The same again, in a newer Node, which is also `node` for all that it starts. */
function runIn(folder) {
  var child = require("../lib/machine/child.cjs");
  var args = [__filename].concat(process.argv.slice(2));
  var env = require("./node.cjs").withNode(folder);
  return child.runChild(require("node:path").join(folder, "node"), args, { env: env }).then(child.exitAs);
}
