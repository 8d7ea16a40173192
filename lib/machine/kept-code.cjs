"use strict";
const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");
const vm = require("node:vm");

/**
 * Loads a compiled file of one module with the code that V8 compiled for an earlier start, which
 * saves a third of the starting time or more.
 *
 * @param {string} compiled absolute path
 * @param {(exported: unknown) => boolean} hasWorked whether this process has done what later starts will do, so that what
 * it has compiled is worth keeping; asked at its end
 * @returns {unknown} what the module exports; undefined where there is no such file
 */
function loadWithKeptCode(compiled, hasWorked) {
  const stat = fs.statSync(compiled, { throwIfNoEntry: false });
  if (!stat) return undefined;
  // V8 compares no more than the length of the source, so the name has to tell one build from
  // another.
  const build = [process.version, process.arch, stat.size, Math.floor(stat.mtimeMs)].join("-");
  const folder = path.join(path.dirname(compiled), "code", path.basename(compiled, ".js"));
  const cache = path.join(folder, build);
  const cachedData = fs.existsSync(cache) ? fs.readFileSync(cache) : undefined;
  const script = new vm.Script(Module.wrap(fs.readFileSync(compiled, "utf8")), {
    filename: compiled,
    cachedData,
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  const loaded = new Module(compiled);
  loaded.filename = compiled;
  if (!cachedData || script.cachedDataRejected) {
    // At the end, when what a run needs has been compiled.
    process.once("exit", () => hasWorked(loaded.exports) && keep(script, cache));
  }
  script.runInThisContext()(
    loaded.exports,
    Module.createRequire(compiled),
    loaded,
    compiled,
    path.dirname(compiled),
  );
  return loaded.exports;
}

/** A cache that cannot be written costs time, nothing else. */
function keep(script, cache) {
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

module.exports = { loadWithKeptCode };
