"use strict";
// Settings of V8 for processes that do something short and end. V8 says so on standard error for a
// setting that it does not know, and they come and go with its versions.

const v8 = require("node:v8");

/** Versions of V8 in which the settings were tried: those of Node 22 to 26. */
const tried = { from: 12, to: 14 };

/**
 * Settings that keep WebAssembly from being optimized, which takes more time than a short process
 * can save.
 *
 * @param version V8's, e.g. `13.6.233.10-node.27`
 */
exports.shortRunSettings = function shortRunSettings(version) {
  const major = Number.parseInt(version, 10);
  return major >= tried.from && major <= tried.to ? ["--no-wasm-tier-up", "--no-wasm-dynamic-tiering"] : [];
};

/** Gives this process the settings of {@link shortRunSettings}. */
exports.settleForShortRun = function settleForShortRun() {
  for (const setting of exports.shortRunSettings(process.versions.v8)) v8.setFlagsFromString(setting);
};
