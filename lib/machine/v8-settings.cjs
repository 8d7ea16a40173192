"use strict";
// Settings of V8 for processes that do something short and end: its optimising compilers would take more time than they
// save. V8 says so on standard error for a setting that it does not know, and they come and go with its versions.

const v8 = require("node:v8");

/** Versions of V8 in which the settings were tried: those of Node 20 to 26. */
const tried = { from: 11, to: 14 };

/** Later than usual by a factor of ten. From version 12 on there is a quick compiler before the slow one. */
const optimiseLater = "--interrupt-budget=700000";

const neverOptimiseWasm = ["--no-wasm-tier-up", "--no-wasm-dynamic-tiering"];

/**
 * Settings that make JavaScript be optimised later than usual, and with `wasm: false` WebAssembly not at all.
 *
 * @param version V8's, e.g. `11.3.244.8-node.38`
 */
exports.shortRunSettings = function shortRunSettings(version, { wasm }) {
  const major = Number.parseInt(version, 10);
  if (!(major >= tried.from && major <= tried.to)) return [];
  return [...(major < 12 ? [optimiseLater] : []), ...(wasm ? [] : neverOptimiseWasm)];
};

/** Gives this process the settings of {@link shortRunSettings}. */
exports.settleForShortRun = function settleForShortRun(options) {
  for (const setting of exports.shortRunSettings(process.versions.v8, options))
    v8.setFlagsFromString(setting);
};
