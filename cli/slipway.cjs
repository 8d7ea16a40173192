#!/usr/bin/env node
"use strict";
// What `npx slipway` runs: the compiled command (`npm run build`).
require("../lib/machine/node-floor.cjs").requireRecent("slipway");

const fs = require("node:fs");
const path = require("node:path");
const { endNotCompiled } = require("../lib/machine/not-compiled.cjs");

const compiled = path.join(__dirname, "..", "dist", "cli.js");
if (!fs.existsSync(compiled)) endNotCompiled("The command slipway");
require(compiled)
  .main(process.argv.slice(2))
  .then((code) => (process.exitCode = code));
