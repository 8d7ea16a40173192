"use strict";
// What the engine runs as this policy pack: the compiled pack (`npm run build`).
require("../lib/machine/node-floor.cjs").requireRecent("The policy pack of Slipway");

const fs = require("node:fs");
const path = require("node:path");
const { endNotCompiled } = require("../lib/machine/not-compiled.cjs");
const { guardServers } = require("../lib/machine/peer-user.cjs");

const compiled = path.join(__dirname, "..", "dist", "policies.js");
if (!fs.existsSync(compiled)) endNotCompiled("The policy pack");
// It makes the SDK load only what a pack uses: that halves the time until the pack answers.
require("../lib/program/register.cjs");
// The SDK's server serves anybody on this machine, and who reaches it can switch policies off.
guardServers(require("node:http2"), (sentence) => console.error(sentence));
require(compiled);
