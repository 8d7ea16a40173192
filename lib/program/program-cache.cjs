"use strict";
// Files of the cache that all programs of a user share. It is a convenience: where nothing can be
// written, a program runs all the same, and takes longer.

const fs = require("node:fs");
const path = require("node:path");

/**
 * Milliseconds after which a file that is not written any more is removed: most are of folders that
 * are gone.
 */
const maximumAge = 30 * 24 * 60 * 60 * 1000;

/** Writes a file, as a whole or not at all. */
exports.writeCached = function writeCached(file, content) {
  const own = `${file}.${process.pid}`;
  try {
    fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    fs.writeFileSync(own, content);
    fs.renameSync(own, file);
    removeOld(path.dirname(file));
  } catch {
    removeQuietly(own);
  }
};

function removeOld(folder) {
  for (const name of fs.readdirSync(folder)) {
    const file = path.join(folder, name);
    const stat = fs.statSync(file, { throwIfNoEntry: false });
    if (stat && stat.mtimeMs < Date.now() - maximumAge) removeQuietly(file);
  }
}

function removeQuietly(file) {
  try {
    fs.rmSync(file, { force: true });
  } catch {
    // Nothing was written there, or nothing can be.
  }
}

exports.removeQuietly = removeQuietly;
