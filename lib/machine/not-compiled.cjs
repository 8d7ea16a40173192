"use strict";
const fs = require("node:fs");
const path = require("node:path");

/**
 * Ends the process where a compiled file is missing, and says what to do: a checkout compiles it, a
 * package has it.
 *
 * @param {string} what what is not compiled, e.g. "The provider"
 */
function endNotCompiled(what) {
  const isCheckout = fs.existsSync(path.join(__dirname, "..", "..", "tools", "build.cjs"));
  const remedy = isCheckout
    ? "run `npm run build` in the folder of Slipway"
    : "the package `slipway` is not complete, so install it again (`npm install slipway --force`)";
  console.error(`${what} is not compiled: ${remedy}.`);
  process.exit(1);
}

module.exports = { endNotCompiled };
