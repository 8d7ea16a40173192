"use strict";
// Brings node_modules in line with package-lock.json.

const { createHash } = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");
const { runChild } = require("../lib/machine/child.cjs");
const { withLock } = require("../lib/machine/lock.cjs");

const ROOT = path.resolve(__dirname, "..");

/** An error of the installation, told to the user without a stack trace. */
class InstallError extends Error {
  constructor(message) {
    super(message);
    this.hint = "";
  }
}

/**
 * Runs `npm ci` if node_modules is missing or does not match package-lock.json. Two runs at once
 * install once.
 * @param root the package's directory; other ones than this repository are for tests.
 */
async function ensureInstalled(root = ROOT) {
  if (isInstalled(root)) return;
  await withLock(
    path.join(root, ".slipway", "locks", "install"),
    {
      onWait: (holder) =>
        console.error(`slipway: another run (process ${holder.pid}) is installing; waiting`),
    },
    async () => {
      if (isInstalled(root)) return;
      await install(root);
    },
  );
}

/**
 * True if the marker that the last installation left holds the hash of today's package-lock.json,
 * or if somebody installed by hand just what the lock file names (npm records that in
 * node_modules/.package-lock.json).
 */
function isInstalled(root = ROOT) {
  const lockFile = fs.readFileSync(path.join(root, "package-lock.json"));
  const hash = createHash("sha256").update(lockFile).digest("hex");
  const marker = markerOf(root);
  if (readIfPresent(marker) === hash) return true;
  const hidden = readIfPresent(path.join(root, "node_modules", ".package-lock.json"));
  if (hidden === null || !holdsAll(JSON.parse(hidden), JSON.parse(lockFile.toString("utf8")))) return false;
  fs.writeFileSync(marker, hash);
  return true;
}

function holdsAll(installed, wanted) {
  return Object.entries(wanted.packages).every(([name, entry]) => {
    if (name === "" || entry.optional || entry.devOptional || entry.peer) return true;
    const present = installed.packages[name];
    return present !== undefined && present.version === entry.version;
  });
}

async function install(root) {
  const lock = JSON.parse(fs.readFileSync(path.join(root, "package-lock.json"), "utf8"));
  const count = Object.keys(lock.packages).length - 1;
  console.error(
    `slipway: installing ${count} npm packages with \`npm ci\` (about 20 s; once per package-lock.json)`,
  );
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  let result;
  try {
    result = await runChild(
      npm,
      ["ci", "--ignore-scripts", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"],
      // npm's own words go to stderr: stdout belongs to the command that is run in the end.
      { cwd: root, stdio: ["ignore", 2, 2] },
    );
  } catch (error) {
    throw new InstallError(
      `npm cannot be started (${error.message}). It comes with Node: https://nodejs.org`,
    );
  }
  if (result.code !== 0) {
    throw new InstallError(
      `\`npm ci\` failed in ${root} (${result.signal || `exit code ${result.code}`}); its words are above. ` +
        "If it is the network: check `npm config get registry` and the proxy settings, then run the command again.",
    );
  }
  // npm makes no directory where there is nothing to install.
  fs.mkdirSync(path.join(root, "node_modules"), { recursive: true });
  const hash = createHash("sha256")
    .update(fs.readFileSync(path.join(root, "package-lock.json")))
    .digest("hex");
  fs.writeFileSync(markerOf(root), hash);
}

function markerOf(root) {
  return path.join(root, "node_modules", ".slipway-lock");
}

function readIfPresent(file) {
  try {
    return fs.readFileSync(file, "utf8");
  } catch (error) {
    if (error.code === "ENOENT") return null;
    throw error;
  }
}

module.exports = { ensureInstalled, isInstalled };
