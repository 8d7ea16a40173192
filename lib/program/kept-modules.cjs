"use strict";
// The modules of a program as an earlier run had them: where each was found, its text, and the code
// that V8 made of it. A program loads some 250 files of the SDK, and finding, reading and compiling
// them takes more than half of its start.

const { createHash } = require("node:crypto");
const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");
const vm = require("node:vm");
const { emptyStore, readStore, writeStore } = require("./kept-modules-store.cjs");

/** What package managers write into a folder of packages whenever they change something in it. */
const installRecords = [".package-lock.json", ".modules.yaml", ".yarn-state.yml", ".yarn-integrity"];

// Node gives its own functions no wrapper; stacks have to name the same columns.
const columnOffset = -Module.wrapper[0].length;

/**
 * Keeps the CommonJS modules of packages that this process loads from now on, and takes from an
 * earlier process what is as it was.
 *
 * @param {object} options
 * @param {string} options.folder where they are kept, for all programs of a user; nothing is where
 * it cannot be written
 * @param {string} options.root a package whose modules are kept wherever it is
 * @param {() => boolean} options.mayKeep asked at the end: whether V8 still has the settings that
 * the process began with
 */
exports.keepModules = function keepModules({ folder, root, mayKeep }) {
  const file = storeOf(folder, root);
  const kept = readStore(file, stampOf) ?? emptyStore();
  /** By file: what this run compiled, and the stamp that the file had before it was read. */
  const compiled = new Map();
  const stamps = new Map();
  let isNew = false;

  const stampNow = (filename) => {
    if (!stamps.has(filename)) stamps.set(filename, stampOf(filename));
    return stamps.get(filename);
  };
  const isAsKept = (filename) =>
    kept.modules.has(filename) && kept.modules.get(filename).stamp === stampNow(filename);
  const isToBeKept = (filename) => filename.startsWith(root + path.sep) || installOf(filename) !== undefined;

  const resolve = Module._resolveFilename;
  Module._resolveFilename = function (request, parent, isMain, options) {
    const from = parent?.filename;
    if (options !== undefined || typeof from !== "string" || Module.isBuiltin(request))
      return resolve.call(this, request, parent, isMain, options);
    const key = `${path.dirname(from)}\0${request}`;
    const found = kept.resolved.get(key);
    if (found !== undefined && isAsKept(found)) return found;
    const filename = resolve.call(this, request, parent, isMain);
    const installs = [installOf(from), installOf(filename)];
    if (found !== filename && installs.every((install) => install !== undefined)) {
      for (const install of installs) kept.installs.set(install, stampOf(install));
      kept.resolved.set(key, filename);
      isNew = true;
    }
    return filename;
  };

  const load = Module._extensions[".js"];
  Module._extensions[".js"] = function (module, filename) {
    if (isAsKept(filename)) return module._compile(kept.modules.get(filename).source, filename);
    return load.call(this, module, filename);
  };

  const compile = Module.prototype._compile;
  Module.prototype._compile = function (source, filename, ...rest) {
    if (!isToBeKept(filename)) return compile.call(this, source, filename, ...rest);
    const earlier = kept.modules.get(filename);
    const cachedData = earlier?.source === source ? earlier.code : undefined;
    const script = compileScript(source, filename, cachedData);
    // A module of another kind, or an error that Node shows better.
    if (!script) return compile.call(this, source, filename, ...rest);
    if (!cachedData || script.cachedDataRejected || earlier.stamp !== stampNow(filename)) {
      compiled.set(filename, { stamp: stampNow(filename), source, script });
      isNew = true;
    }
    const run = script.runInThisContext();
    return run.call(this.exports, this.exports, requireOf(this), this, filename, path.dirname(filename));
  };

  process.once("exit", () => {
    if (!isNew || !mayKeep()) return;
    for (const [filename, { stamp, source, script }] of compiled)
      kept.modules.set(filename, { stamp, source, code: script.createCachedData() });
    writeStore(file, kept);
  });
};

/**
 * V8 takes code only under the settings that it was made under, and a store has that of one
 * package.
 */
function storeOf(folder, root) {
  const settings = [root, process.version, process.arch, process.execArgv, process.env.NODE_OPTIONS];
  return path.join(folder, createHash("sha256").update(JSON.stringify(settings)).digest("hex").slice(0, 32));
}

function compileScript(source, filename, cachedData) {
  if (source.startsWith("#!")) return undefined;
  try {
    return new vm.Script(Module.wrap(source), {
      filename,
      cachedData,
      columnOffset,
      importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    });
  } catch {
    return undefined;
  }
}

/** The `require` of a module. */
function requireOf(module) {
  const require = (request) => module.require(request);
  require.resolve = (request, options) => Module._resolveFilename(request, module, false, options);
  require.resolve.paths = (request) => Module._resolveLookupPaths(request, module);
  require.main = process.mainModule;
  require.extensions = Module._extensions;
  require.cache = Module._cache;
  return require;
}

/**
 * What changes with a file. Packages are unpacked with a fixed time of modification, so that alone
 * says nothing.
 */
function stampOf(file) {
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  return stat && [stat.size, stat.mtimeMs, stat.ctimeMs, stat.ino].join(" ");
}

const installs = new Map();

/**
 * The record of the installation that a file belongs to: as long as it is unchanged, the same
 * packages are there.
 */
function installOf(file) {
  const end = file.indexOf(`${path.sep}node_modules${path.sep}`);
  if (end < 0) return undefined;
  const folder = path.join(file.slice(0, end), "node_modules");
  if (!installs.has(folder)) {
    const records = installRecords.map((name) => path.join(folder, name));
    installs.set(
      folder,
      records.find((record) => fs.existsSync(record)),
    );
  }
  return installs.get(folder);
}
