"use strict";
// Bundles what runs as a program of its own into dist/: `node tools/build.cjs [--if-stale]`.

const { createHash } = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");
const { performance } = require("node:perf_hooks");
const { withLock } = require("../lib/machine/lock.cjs");
const { lazyEntry } = require("./lazy-entry.cjs");

const ROOT = path.resolve(__dirname, "..");

/** Entry file to bundle, both relative to the repository. */
const ENTRIES = {
  "provider/main.ts": "dist/provider.js",
  "lib/oci/layer/compression-worker.ts": "dist/compression-worker.js",
  "lib/embedded/idle-watch.ts": "dist/idle-exit.js",
  "cli/main.ts": "dist/cli.js",
  "tools/main.ts": "dist/tools.js",
  "components/bundle.ts": "dist/components.js",
  "components/versions.ts": "dist/versions.js",
  "policies/index.ts": "dist/policies.js",
};

/**
 * A change of these changes every bundle: dependencies, compiler settings, and how bundles are
 * made.
 */
const COMMON_INPUTS = ["package-lock.json", "tsconfig.json", "tools/build.cjs", "tools/lazy-entry.cjs"];

/**
 * esbuild is a program of its own, the compiler is too big to be worth a copy in a bundle, and a
 * program and the components it uses must have the same SDK. Sigstore's packages are loaded by who
 * signs without a key, and nobody else; OpenPGP by who signs repositories of packages, and its license
 * (LGPL) wants it to be replaceable.
 */
const EXTERNAL = ["esbuild", "typescript", "ts-node", "@pulumi/pulumi", "@sigstore/*", "openpgp"];

/**
 * The policy pack speaks to the engine through messages of the SDK: both must have the same
 * protocol libraries.
 */
const POLICY_PACK = "policies/index.ts";
const PROTOCOL_LIBRARIES = ["@grpc/grpc-js", "google-protobuf"];

/** Loaded by programs. */
const PROGRAM_MODULES = ["components/bundle.ts", "components/versions.ts"];

/** Their modules are evaluated when a program takes something of them. */
const LAZY = ["components/bundle.ts"];

/**
 * An entry of the package that has what another bundle holds: a class of two bundles would be two
 * classes.
 */
const HELD_BY = { "components/versions.ts": "./components.js" };

/**
 * The provider's bundles hold the few parts of the SDK that they use: loading it whole takes
 * seconds of every run.
 */
const SELF_CONTAINED = ["provider/main.ts"];

/**
 * Bundles the entries into `root`/dist. Every file appears there complete, and two runs at once
 * build one after the other. An entry that does not exist is passed over with a note.
 * @param options.ifStale leaves alone what is up to date.
 * @param options.only the entries to build (default: all).
 * @returns the entries that were built.
 */
async function ensureBuilt(options = {}) {
  const root = options.root || ROOT;
  const entries = options.entries || ENTRIES;
  const wanted = () =>
    Object.keys(entries).filter(
      (entry) =>
        (!options.only || options.only.includes(entry)) &&
        !(options.ifStale && isFresh(entry, root, entries)),
    );
  if (wanted().length === 0) return [];
  return withLock(path.join(root, ".slipway", "locks", "build"), {}, async () => {
    const built = [];
    for (const entry of wanted()) {
      if (fs.existsSync(path.join(root, entry))) {
        await build(entry, entries[entry], root);
        built.push(entry);
      } else {
        console.error(`slipway: ${entry} does not exist, so ${entries[entry]} is not built`);
      }
    }
    return built;
  });
}

/**
 * True if an entry's bundle was made from the files as they are now. Compares size and modification
 * time of the files that went into it, and only where those differ the contents: a checkout touches
 * files without changing them.
 */
function isFresh(entry, root = ROOT, entries = ENTRIES) {
  const output = path.join(root, entries[entry]);
  const stamp = readStamp(output);
  if (stamp === undefined || !fs.existsSync(output)) return false;
  let touched = false;
  for (const [file, seen] of Object.entries(stamp.inputs)) {
    const stat = fs.statSync(path.join(root, file), { throwIfNoEntry: false });
    if (stat === undefined) return false;
    if (stat.size === seen.size && stat.mtimeMs === seen.mtimeMs) continue;
    if (stat.size !== seen.size || hashOf(path.join(root, file)) !== seen.sha256) return false;
    seen.mtimeMs = stat.mtimeMs;
    touched = true;
  }
  if (touched) replaceFile(stampOf(output), JSON.stringify(stamp));
  return true;
}

async function build(entry, output, root) {
  const esbuild = require("esbuild");
  // A file that changes while it is bundled must make the bundle stale, not fresh.
  const begun = performance.timeOrigin + performance.now();
  const lazy = LAZY.includes(entry) ? lazyEntry(root, entry) : undefined;
  const plugins = lazy === undefined ? [] : [lazy.plugin];
  if (HELD_BY[entry] !== undefined) plugins.push(takenFrom(HELD_BY[entry]));
  const result = await esbuild.build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: path.join(root, output),
    bundle: true,
    platform: "node",
    target: "node22",
    format: "cjs",
    // A program's stacks are mapped at every resource; those of the components would cost it more
    // than they tell.
    sourcemap: PROGRAM_MODULES.includes(entry) ? false : "linked",
    external: externalOf(entry),
    plugins,
    // Bundled ECMAScript modules ask where they are; in a CommonJS bundle that is the bundle.
    define: { "import.meta.url": "bundleUrl" },
    banner: { js: 'const bundleUrl = require("node:url").pathToFileURL(__filename).href;' },
    // Node tells ECMAScript modules by it which names they may import.
    footer: lazy === undefined ? {} : { js: `0 && (module.exports = { ${lazy.names.join(", ")} });` },
    // Half of the bytes to read at every start; names stay, for the stacks of errors.
    minifyWhitespace: true,
    metafile: true,
    write: false,
    logLevel: "warning",
  });
  const inputs = {};
  const own = Object.keys(result.metafile.inputs).filter((file) => !file.includes("node_modules/"));
  for (const file of new Set([...COMMON_INPUTS, ...own, ...(lazy?.inputs ?? [])])) {
    const stat = fs.statSync(path.join(root, file), { throwIfNoEntry: false });
    if (stat === undefined) continue;
    const sha256 = stat.mtimeMs > begun ? "" : hashOf(path.join(root, file));
    inputs[file] = { size: stat.size, mtimeMs: sha256 === "" ? 0 : stat.mtimeMs, sha256 };
  }
  fs.mkdirSync(path.dirname(path.join(root, output)), { recursive: true });
  for (const file of result.outputFiles) replaceFile(file.path, file.contents);
  replaceFile(stampOf(path.join(root, output)), JSON.stringify({ inputs }));
}

/** What the entry imports of this repository is in the bundle beside it. */
function takenFrom(bundle) {
  return {
    name: "taken-from",
    setup: ({ onResolve }) =>
      onResolve({ filter: /^[.]/ }, ({ kind }) =>
        kind === "entry-point" ? undefined : { path: bundle, external: true },
      ),
  };
}

function externalOf(entry) {
  if (SELF_CONTAINED.includes(entry)) return EXTERNAL.filter((name) => name !== "@pulumi/pulumi");
  return entry === POLICY_PACK ? [...EXTERNAL, ...PROTOCOL_LIBRARIES] : EXTERNAL;
}

function stampOf(output) {
  return `${output}.stamp`;
}

function readStamp(output) {
  try {
    return JSON.parse(fs.readFileSync(stampOf(output), "utf8"));
  } catch {
    // No stamp, or a damaged one: build.
    return undefined;
  }
}

function replaceFile(file, contents) {
  const temporary = `${file}.${process.pid}.tmp`;
  fs.writeFileSync(temporary, contents);
  fs.renameSync(temporary, file);
}

function hashOf(file) {
  return createHash("sha256").update(fs.readFileSync(file)).digest("hex");
}

module.exports = { ensureBuilt, isFresh };

if (require.main === module) {
  ensureBuilt({ ifStale: process.argv.includes("--if-stale") }).catch((error) => {
    // esbuild has printed its errors already.
    console.error(error.errors ? "slipway: the build failed" : error);
    process.exitCode = 1;
  });
}
