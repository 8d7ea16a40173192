"use strict";
// A recent Node where the machine's own is older: `node tools/node.cjs PROGRAM ARGS` runs a program
// with it. Runs in Node 18 and newer, and needs nothing that is installed.

const { execFileSync } = require("node:child_process");
const { createHash } = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");
const { cacheDirectory } = require("../lib/machine/cache-directory.cjs");
const { exitAs, runChild } = require("../lib/machine/child.cjs");
const { withLock } = require("../lib/machine/lock.cjs");
const { isRecent, tooOld } = require("../lib/machine/node-floor.cjs");
const { ownFolder } = require("../lib/machine/private-folder.cjs");

const ROOT = path.resolve(__dirname, "..");

const INSTALL = "Install a newer one from https://nodejs.org or with your version manager.";

/** What a set-up needs to tell the user, without a stack trace. */
class NodeError extends Error {
  constructor(message) {
    super(`${message}\n${INSTALL}`);
    this.hint = INSTALL;
  }
}

/**
 * The folder of a recent Node, fetched into the cache where it is not there yet; undefined if this
 * process's own is one. Packages are pinned by platform in node-packages.json. npm brings them,
 * with the registry and proxy that it is configured for, and nothing of them runs before the sum is
 * the pinned one.
 */
async function recentNode() {
  if (isRecent(process.versions.node)) return undefined;
  const packages = JSON.parse(fs.readFileSync(path.join(__dirname, "node-packages.json"), "utf8"));
  const wanted = packages[`${process.platform}-${process.arch}`];
  if (wanted === undefined) throw new NodeError(tooOld("slipway", "npm has none for this machine."));
  const cache = cacheDirectory();
  if (!ownFolder(cache)) {
    throw new NodeError(
      `${cache} belongs to another user, or others can write to it; no Node can be kept there.`,
    );
  }
  const target = path.join(cache, "node", `${wanted.name}-${wanted.version}`);
  const folder = path.join(target, "bin");
  if (fs.existsSync(path.join(folder, "node"))) return folder;
  await withLock(
    path.join(cache, "locks", path.basename(target)),
    {
      onWait: (holder) =>
        console.error(`slipway: another run (process ${holder.pid}) is fetching Node; waiting`),
    },
    async () => {
      if (!fs.existsSync(path.join(folder, "node"))) await fetchNode(wanted, target);
    },
  );
  return folder;
}

async function fetchNode({ name, version, integrity }, target) {
  console.error(
    `slipway: Node ${process.versions.node} is too old; fetching Node ${version} with npm (${name}, about 50 MB, once)`,
  );
  const unfinished = `${target}.unfinished`;
  fs.rmSync(unfinished, { recursive: true, force: true });
  fs.mkdirSync(unfinished, { recursive: true });
  try {
    const archive = await download(`${name}@${version}`, unfinished);
    const found = `sha512-${createHash("sha512").update(fs.readFileSync(archive)).digest("base64")}`;
    if (found !== integrity) {
      throw new NodeError(
        `${name}@${version} as the registry has it is not the one that is pinned: its sum is ${found}, not ${integrity}. ` +
          "It is not used.",
      );
    }
    execFileSync("tar", ["-xzf", archive, "-C", unfinished, "package/bin/node"], { stdio: ["ignore", 2, 2] });
    const node = path.join(unfinished, "package", "bin", "node");
    fs.chmodSync(node, 0o755);
    requireRuns(node, version);
    fs.renameSync(path.join(unfinished, "package"), target);
  } finally {
    fs.rmSync(unfinished, { recursive: true, force: true });
  }
}

async function download(wanted, folder) {
  const args = ["pack", wanted, "--pack-destination", folder, "--ignore-scripts", "--loglevel=error"];
  let result;
  try {
    result = await runChild("npm", args, { cwd: ROOT, stdio: ["ignore", "ignore", 2] });
  } catch (error) {
    throw new NodeError(`npm cannot be started (${error.message}), so ${wanted} is not fetched.`);
  }
  const archive = fs.readdirSync(folder).find((name) => name.endsWith(".tgz"));
  if (result.code !== 0 || archive === undefined) {
    throw new NodeError(
      `\`npm pack ${wanted}\` failed (${result.signal || `exit code ${result.code}`}); its words are above. ` +
        "If it is the network: check `npm config get registry` and the proxy settings, then run the command again.",
    );
  }
  return path.join(folder, archive);
}

/** E.g. a machine without glibc has the right platform, and cannot run it all the same. */
function requireRuns(node, version) {
  let said;
  try {
    said = execFileSync(node, ["--version"], { encoding: "utf8" }).trim();
  } catch (error) {
    throw new NodeError(`Node ${version} of npm does not run on this machine: ${error.message}`);
  }
  if (said !== `v${version}`) throw new NodeError(`Node ${version} of npm says that it is ${said}.`);
}

/** An environment in which `node` is that of `folder`; as it is where there is none. */
function withNode(folder, env = process.env) {
  return folder === undefined
    ? env
    : { ...env, PATH: [folder, env.PATH].filter(Boolean).join(path.delimiter) };
}

module.exports = { recentNode, withNode };

if (require.main === module) {
  const [program, ...args] = process.argv.slice(2);
  recentNode()
    .then((folder) => {
      const env = withNode(folder);
      // A program is looked for on the PATH of this process.
      process.env.PATH = env.PATH;
      return runChild(program, args, { env });
    })
    .then(exitAs)
    .catch((error) => {
      console.error(error.hint === undefined ? error : `slipway: ${error.message}`);
      process.exitCode = 1;
    });
}
