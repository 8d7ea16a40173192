"use strict";

const { homedir } = require("node:os");
const { join } = require("node:path");

exports.cacheDirectory = function cacheDirectory(env = process.env) {
  if (env.SLIPWAY_CACHE) return env.SLIPWAY_CACHE;
  if (env.XDG_CACHE_HOME) return join(env.XDG_CACHE_HOME, "slipway");
  const home = env.HOME ?? homedir();
  return process.platform === "darwin"
    ? join(home, "Library", "Caches", "slipway")
    : join(home, ".cache", "slipway");
};
