"use strict";
// What pulumi-resource-slipway starts: the compiled provider (`npm run build`) with the code that
// V8 compiled for an earlier start, which saves a third of the starting time.
require("../lib/machine/node-floor.cjs").requireRecent("The provider slipway");

const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");
const vm = require("node:vm");
const { settleForShortRun } = require("../lib/machine/v8-settings.cjs");

// What this process does is short: V8's optimizing compiler would take more time for the HTTP
// client's parser, a large WebAssembly function, than it saves. So WebAssembly is not optimized,
// which the compression of layers does not feel. Node takes its own modules out of its cache only
// under its own settings: the largest that every start needs is loaded before.
require("node:http2");
settleForShortRun();

const compiled = path.join(__dirname, "..", "dist", "provider.js");
const stat = fs.statSync(compiled, { throwIfNoEntry: false });
if (!stat) require("../lib/machine/not-compiled.cjs").endNotCompiled("The provider");

// V8 compares no more than the length of the source, so the name has to tell one build from
// another.
const build = [process.version, process.arch, stat.size, Math.floor(stat.mtimeMs)].join("-");
const cache = path.join(path.dirname(compiled), "code", `provider-${build}`);
const cachedData = fs.existsSync(cache) ? fs.readFileSync(cache) : undefined;
const script = new vm.Script(Module.wrap(fs.readFileSync(compiled, "utf8")), {
  filename: compiled,
  cachedData,
  importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
});
if (!cachedData || script.cachedDataRejected) process.once("exit", keepCompiledCode);
const module_ = new Module(compiled);
module_.filename = compiled;
script.runInThisContext()(
  module_.exports,
  Module.createRequire(compiled),
  module_,
  compiled,
  path.dirname(compiled),
);
const { hasWorked } = module_.exports.serve();

/**
 * At the end, when what a run needs has been compiled. A cache that cannot be written costs time,
 * nothing else.
 */
function keepCompiledCode() {
  if (!hasWorked()) return;
  const own = `${cache}.${process.pid}`;
  try {
    fs.rmSync(path.dirname(cache), { recursive: true, force: true });
    fs.mkdirSync(path.dirname(cache), { recursive: true });
    fs.writeFileSync(own, script.createCachedData());
    fs.renameSync(own, cache);
  } catch {
    if (fs.existsSync(own)) fs.rmSync(own);
  }
}
