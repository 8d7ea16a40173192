"use strict";
// Preloaded into a Pulumi program by `nodeargs` in Pulumi.yaml: TypeScript without loading the TypeScript compiler. It
// takes more than half of a program's starting time, which every preview pays. Types are checked by `npm run lint`.

const { createHash } = require("node:crypto");
const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");

const cacheDirectory = path.join(process.cwd(), ".slipway", "cache", "programs");

// The SDK loads these two for the serialisation of functions, which programs of components do not use: 0.3 s. They are
// loaded when they are first touched.
const seldomUsed = new Set(["typescript", "@npmcli/arborist"]);
const sdk = `${path.sep}@pulumi${path.sep}pulumi${path.sep}`;
const load = Module._load;
Module._load = function (request, parent, ...rest) {
  if (!seldomUsed.has(request) || !parent?.filename?.includes(sdk))
    return load.call(this, request, parent, ...rest);
  // What cannot be found must fail now: the SDK then takes another.
  Module._resolveFilename(request, parent);
  return loadedWhenTouched(() => load.call(this, request, parent, ...rest));
};

// Node 22.1 and newer can keep compiled code between runs.
Module.enableCompileCache?.(path.join(cacheDirectory, "code"));

Module._extensions[".ts"] = (module, filename) => {
  const source = fs.readFileSync(filename, "utf8");
  const key = createHash("sha256").update(`1\n${process.version}\n${filename}\n${source}`).digest("hex");
  const cached = path.join(cacheDirectory, `${key}.js`);
  let code = readCached(cached);
  if (code === undefined) {
    code = transform(source, filename);
    writeCached(cached, code);
  }
  module._compile(code, filename);
};

function transform(source, filename) {
  // Loaded only when something is new: starting the compiler costs more than the rest of this file.
  const { transformSync } = require("esbuild");
  return transformSync(source, {
    loader: "ts",
    format: "cjs",
    target: "node20",
    platform: "node",
    sourcefile: filename,
    sourcemap: "inline",
    tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } },
  }).code;
}

function readCached(file) {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

/** The cache is a convenience: where it cannot be written, the program runs all the same. */
function writeCached(file, code) {
  const own = `${file}.${process.pid}`;
  try {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(own, code);
    fs.renameSync(own, file);
  } catch {
    fs.rmSync(own, { force: true });
  }
}

function loadedWhenTouched(loadModule) {
  let loaded;
  const target = () => (loaded ??= loadModule());
  return new Proxy(
    {},
    {
      // Asked by the compiled form of `import`; said of every module, or it would copy all properties at once.
      get: (_, key) => (key === "__esModule" ? true : target()[key]),
      has: (_, key) => key in target(),
      ownKeys: () => Reflect.ownKeys(target()),
      getOwnPropertyDescriptor: (_, key) => ({
        ...Reflect.getOwnPropertyDescriptor(target(), key),
        configurable: true,
      }),
    },
  );
}
