"use strict";
// What pulumi-resource-slipway starts: the compiled provider (`npm run build`).
require("../lib/machine/node-floor.cjs").requireRecent("The provider slipway");

const path = require("node:path");
const { loadWithKeptCode } = require("../lib/machine/kept-code.cjs");
const { settleForShortRun } = require("../lib/machine/v8-settings.cjs");

// What this process does is short: V8's optimizing compiler would take more time for the HTTP
// client's parser, a large WebAssembly function, than it saves. So WebAssembly is not optimized,
// which the compression of layers does not feel. Node takes its own modules out of its cache only
// under its own settings: the largest that every start needs is loaded before.
require("node:http2");
settleForShortRun();

let hasWorked = () => false;
const provider = loadWithKeptCode(path.join(__dirname, "..", "dist", "provider.js"), () => hasWorked());
if (!provider) require("../lib/machine/not-compiled.cjs").endNotCompiled("The provider");
({ hasWorked } = provider.serve());
