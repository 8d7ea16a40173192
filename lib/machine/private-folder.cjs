"use strict";
// Folders that other users of a machine are kept out of, whatever the umask says.

const fs = require("node:fs");

const OWNER_ONLY = 0o700;
/** Group and others: all rights, and that to write. */
const ANY_OF_OTHERS = 0o077;
const WRITE_OF_OTHERS = 0o022;

function privateFolder(folder) {
  fs.mkdirSync(folder, { recursive: true, mode: OWNER_ONLY });
  takeFromOthers(folder, ANY_OF_OTHERS);
  return folder;
}

function ownFolder(folder) {
  fs.mkdirSync(folder, { recursive: true, mode: OWNER_ONLY });
  takeFromOthers(folder, WRITE_OF_OTHERS);
  return isOwnFolder(folder);
}

function isOwnFolder(folder) {
  const own = process.geteuid?.();
  const stat = fs.statSync(folder, { throwIfNoEntry: false });
  if (stat === undefined || own === undefined) return stat !== undefined;
  return (stat.uid === own || stat.uid === 0) && (stat.mode & WRITE_OF_OTHERS) === 0;
}

/** A link is left alone: what it leads to was not made here. */
function takeFromOthers(folder, rights) {
  const stat = fs.lstatSync(folder);
  if (!stat.isDirectory() || stat.uid !== process.geteuid?.() || (stat.mode & rights) === 0) return;
  fs.chmodSync(folder, stat.mode & 0o7777 & ~rights);
}

module.exports = { isOwnFolder, ownFolder, privateFolder };
