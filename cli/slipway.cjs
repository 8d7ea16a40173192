#!/usr/bin/env node
"use strict";
// What `npx slipway` runs: the compiled command (`npm run build`).
require("../lib/machine/node-floor.cjs").requireRecent("slipway");

const path = require("node:path");
const { loadWithKeptCode } = require("../lib/machine/kept-code.cjs");

// A command that has failed has not shown what others need.
const hasWorked = () => !process.exitCode;
const command = loadWithKeptCode(path.join(__dirname, "..", "dist", "cli.js"), hasWorked);
if (!command) require("../lib/machine/not-compiled.cjs").endNotCompiled("The command slipway");
command.main(process.argv.slice(2)).then((code) => (process.exitCode = code));
