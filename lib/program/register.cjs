"use strict";
// Preloaded into a Pulumi program by `nodeargs` in Pulumi.yaml: TypeScript without loading the
// TypeScript compiler. It takes more than half of a program's starting time, which every preview
// pays. Types are checked by `npm run lint`.

require("../machine/node-floor.cjs").requireRecent("A program of Slipway");

const { createHash } = require("node:crypto");
const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");
const { cacheDirectory } = require("../machine/cache-directory.cjs");
const { ownFolder } = require("../machine/private-folder.cjs");
const inspectorOnDemand = require("./inspector-on-demand.cjs");
const { keepModules } = require("./kept-modules.cjs");
const { writeCached } = require("./program-cache.cjs");

/** Source maps of the program's files, for stacks. */
const sourceMaps = new Map();

/**
 * Where code is kept for all programs of this user; undefined where others could put theirs in its
 * place.
 */
const kept = keptFolder();

/** `nodeJSProcessExitedAfterLoggingUserActionableMessage` of the SDK. */
const exitAfterTold = 32;

const sdk = `${path.sep}@pulumi${path.sep}pulumi${path.sep}`;

// The SDK loads these for what programs of components do not use: the serialization of functions,
// the Automation API, providers written with it, and the manifest of a package in YAML. They are
// loaded when they are first touched.
const seldomUsed = new Set([
  "typescript",
  "@npmcli/arborist",
  "js-yaml",
  "normalize-package-data",
  "semver",
  "upath",
  "./automation",
  "./provider",
]);

// The export of traces. The SDK takes functions and classes out of these at once, so each is loaded
// when it is first called.
const seldomCalled = new Set([
  "@opentelemetry/exporter-zipkin",
  "@opentelemetry/instrumentation",
  "@opentelemetry/instrumentation-grpc",
  "@opentelemetry/resources",
  "@opentelemetry/sdk-trace-base",
  "@opentelemetry/sdk-trace-node",
]);

// Where a resource is refused, the engine ends, and calls under way fail. The SDK means to end
// without a word then, but it has closed its connection, and shows a stack of itself instead. The
// exit code says that everything has been told.
process.prependListener("unhandledRejection", (reason) => {
  if (reason?.message === "Resource monitor is terminating") process.exit(exitAfterTold);
});

const load = Module._load;
Module._load = function (request, parent, ...rest) {
  if (!parent?.filename?.includes(sdk)) return load.call(this, request, parent, ...rest);
  if (request === "source-map-support/register")
    return mapProgramOnly(load.call(this, "source-map-support", parent));
  if (/(^|\/)v8Hooks$/.test(request)) return inspectorOnDemand;
  const isCalled = seldomCalled.has(request);
  if (!isCalled && !seldomUsed.has(request)) return load.call(this, request, parent, ...rest);
  // What cannot be found must fail now: the SDK then takes another.
  Module._resolveFilename(request, parent);
  const loadNow = () => load.call(this, request, parent, ...rest);
  return isCalled ? loadedWhenCalled(loadNow) : loadedWhenTouched(loadNow);
};

/**
 * The SDK notes several stacks for every resource: only frames of the program are worth mapping.
 */
function mapProgramOnly(sourceMapSupport) {
  sourceMapSupport.install({
    overrideRetrieveSourceMap: true,
    retrieveSourceMap: (file) => sourceMaps.get(withoutScheme(file)) ?? null,
  });
  const mapped = new Map();
  const describe = (frame) => {
    const isProgram = sourceMaps.has(withoutScheme(frame.getFileName() ?? ""));
    const text = String(frame);
    if (!isProgram) return `\n    at ${text}`;
    if (!mapped.has(text)) mapped.set(text, `\n    at ${sourceMapSupport.wrapCallSite(frame)}`);
    return mapped.get(text);
  };
  Error.prepareStackTrace = (error, frames) => {
    if (isNeverRead(frames[0])) return "";
    const shown = isOfResource(frames[0]) ? ofProgram(frames) : frames;
    return String(error) + shown.map(describe).join("");
  };
  return {};
}

/** Frames that the SDK leaves out itself: its own, from `callsites` to the class of the resource. */
const ownFrames = 5;

/**
 * Frames of the program among those that the SDK notes for a resource. They are kept in the state, a
 * thousand bytes for each resource where those of this package and of Node are among them, with where
 * it is installed on the machine that ran it.
 */
function ofProgram(frames) {
  const noted = frames
    .slice(ownFrames)
    .filter((frame) => sourceMaps.has(withoutScheme(frame.getFileName() ?? "")));
  return [...frames.slice(0, ownFrames), ...noted];
}

/** Returns whether the SDK notes a stack as the place at which a resource is declared. */
function isOfResource(frame) {
  return (
    frame?.getFunctionName()?.split(".").at(-1) === "callsites" &&
    frame.getFileName()?.endsWith(path.join("@pulumi", "pulumi", "resource.js")) === true
  );
}

/**
 * The SDK notes a stack for every promise, and shows it only where it is asked to look for those
 * that never end.
 */
function isNeverRead(frame) {
  return (
    !process.env.PULUMI_DEBUG_PROMISE_LEAKS &&
    frame?.getFunctionName() === "debuggablePromise" &&
    frame.getFileName()?.endsWith(path.join("runtime", "debuggable.js"))
  );
}

function withoutScheme(file) {
  return file.startsWith("file://") ? file.slice("file://".length) : file;
}

// What turns functions into text changes V8's settings, and with them what V8 takes of the code
// that is kept.
if (kept !== undefined) {
  keepModules({
    folder: kept,
    root: path.resolve(__dirname, "..", ".."),
    mayKeep: () => !inspectorOnDemand.isConnected(),
  });
}

Module._extensions[".ts"] = (module, filename) => {
  const source = fs.readFileSync(filename, "utf8");
  const name = path.basename(filename);
  const key = createHash("sha256").update(`3\n${name}\n${source}`).digest("hex");
  const cached = kept && path.join(kept, `${key}.js`);
  let code = cached && readCached(cached);
  if (code === undefined) {
    code = transform(source, name);
    if (cached !== undefined) writeCached(cached, code);
  }
  const [, map] = /^\/\/# sourceMappingURL=data:application\/json;base64,(.*)$/m.exec(code) ?? [];
  if (map) sourceMaps.set(filename, { url: filename, map: Buffer.from(map, "base64").toString("utf8") });
  module._compile(code, filename);
};

const options = {
  loader: "ts",
  format: "cjs",
  target: "node22",
  platform: "node",
  sourcemap: "inline",
  tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } },
};

/**
 * By esbuild's program: its library starts the same with so much around it that it takes five times
 * as long.
 */
function transform(source, sourcefile) {
  const program = transformer();
  if (program) {
    const { spawnSync } = require("node:child_process");
    const given = Object.entries({ ...options, sourcefile }).map(([name, value]) => {
      const text = typeof value === "string" ? value : JSON.stringify(value);
      return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}=${text}`;
    });
    const { status, stdout } = spawnSync(program, given, {
      input: source,
      encoding: "utf8",
      maxBuffer: 2 ** 28,
    });
    if (status === 0) return stdout;
  }
  // It also says better what is wrong with a program.
  return require("esbuild").transformSync(source, { ...options, sourcefile }).code;
}

/**
 * esbuild's program for this machine, where the package manager has put it in a place of its own.
 */
function transformer() {
  try {
    const from = path.dirname(require.resolve("esbuild/package.json"));
    const name = `@esbuild/${process.platform}-${process.arch}/bin/esbuild`;
    return require.resolve(name, { paths: [from] });
  } catch {
    return undefined;
  }
}

function keptFolder() {
  const cache = cacheDirectory();
  try {
    return ownFolder(cache) ? path.join(cache, "programs") : undefined;
  } catch {
    // Nothing can be kept there.
    return undefined;
  }
}

function readCached(file) {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function loadedWhenTouched(loadModule) {
  let loaded;
  const target = () => (loaded ??= loadModule());
  return new Proxy(
    {},
    {
      // Asked by the compiled form of `import`; said of every module, or it would copy all
      // properties at once.
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

/** A module of functions and classes, loaded when the first of them is called. */
function loadedWhenCalled(loadModule) {
  const member = (name) =>
    new Proxy(function () {}, {
      apply: (_, self, given) => Reflect.apply(loadModule()[name], self, given),
      construct: (_, given) => Reflect.construct(loadModule()[name], given),
      get: (_, key) => loadModule()[name][key],
    });
  return new Proxy({}, { get: (_, name) => (name === "__esModule" ? true : member(name)) });
}
