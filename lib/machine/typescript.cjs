"use strict";
// Preloaded by what runs from this repository's sources (tests, benchmarks, their child processes):
// TypeScript without the TypeScript compiler, whose own start takes longer than most of them.
// esbuild takes the types away, file by file, and the result is kept by content. Types are checked
// by `npm run lint`.

const { createHash } = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");

const repository = path.resolve(__dirname, "..", "..");
const kept = path.join(repository, "node_modules", ".cache", "slipway-typescript");

/** As in tsconfig.json: its other settings do not change what is written. */
const options = {
  loader: "ts",
  format: "cjs",
  target: "node22",
  platform: "node",
  sourcemap: "inline",
  sourcesContent: false,
  tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } },
};
const settings = JSON.stringify([require("esbuild/package.json").version, options]);

process.setSourceMapsEnabled(true);

require.extensions[".ts"] = (module, filename) => {
  const source = fs.readFileSync(filename, "utf8");
  const key = createHash("sha256").update(`${settings}\n${filename}\n${source}`).digest("hex");
  const file = path.join(kept, `${key}.js`);
  module._compile(read(file) ?? keep(file, compile(source, filename)), filename);
};

function compile(source, sourcefile) {
  return require("esbuild").transformSync(source, { ...options, sourcefile }).code;
}

function read(file) {
  try {
    return fs.readFileSync(file, "utf8");
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * Whole or not at all: others read it at the same time. What cannot be kept costs time, nothing
 * else.
 */
function keep(file, code) {
  const own = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  try {
    fs.mkdirSync(kept, { recursive: true });
    fs.writeFileSync(own, code);
    fs.renameSync(own, file);
  } catch {
    fs.rmSync(own, { force: true });
  }
  return code;
}
