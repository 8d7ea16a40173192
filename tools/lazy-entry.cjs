"use strict";
// An entry of the package whose modules are evaluated when what they export is first taken: a
// program uses a few of the channels, documents and hosts, and would start all of them in every run.

const fs = require("node:fs");
const path = require("node:path");

/**
 * Makes an entry that only re-exports lazy.
 *
 * @param {string} root the repository
 * @param {string} entry the entry, relative to it
 * @returns esbuild's plugin, the names for the bundle's footer, and the files read on the way,
 * relative to the repository
 */
exports.lazyEntry = function lazyEntry(root, entry) {
  const read = new Set();
  const sources = exportsOf(path.join(root, entry), read);
  const getters = [...sources].map(
    ([name, { file, imported }]) => `get ${name}() { return require(${JSON.stringify(file)}).${imported}; },`,
  );
  const contents = `module.exports = {\n${getters.join("\n")}\n};\n`;
  return {
    plugin: {
      name: "lazy-entry",
      setup: ({ onLoad }) =>
        onLoad({ filter: pathFilter(path.join(root, entry)) }, () => ({
          contents,
          loader: "js",
          resolveDir: path.dirname(path.join(root, entry)),
        })),
    },
    names: [...sources.keys()],
    inputs: [...read].map((file) => path.relative(root, file)),
  };
};

/**
 * What a module exports, by name: the file that has it, and its name there. Modules that only hand
 * on are looked through.
 */
function exportsOf(file, read) {
  // esbuild leaves out the exports of types.
  const { code } = require("esbuild").transformSync(fs.readFileSync(file, "utf8"), {
    loader: "ts",
    format: "esm",
  });
  read.add(file);
  const imported = new Map();
  for (const [, names, from] of code.matchAll(/^import \{([^}]*)\} from "([^"]+)";$/gm))
    for (const [name, local] of pairs(names)) imported.set(local, { from: resolve(file, from), name });
  const found = new Map();
  for (const [, names] of code.matchAll(/^export \{([^}]*)\};$/gm))
    for (const [local, name] of pairs(names)) {
      const source = imported.get(local);
      found.set(name, source ? { file: source.from, imported: source.name } : { file, imported: local });
    }
  for (const [, from] of code.matchAll(/^export \* from "([^"]+)";$/gm))
    for (const [name, source] of exportsOf(resolve(file, from), read))
      if (!found.has(name)) found.set(name, source);
  return found;
}

/** `a, b as c` as pairs. */
function pairs(names) {
  return names
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "")
    .map((name) => {
      const [from, to = from] = name.split(/\s+as\s+/);
      return [from, to];
    });
}

function resolve(from, request) {
  const base = path.resolve(path.dirname(from), request);
  return [`${base}.ts`, path.join(base, "index.ts")].find((file) => fs.existsSync(file)) ?? base;
}

function pathFilter(file) {
  return new RegExp(`^${file.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`);
}
