"use strict";
// The file in which kept-modules.cjs keeps modules: a header of JSON with its length (4 bytes, little-endian) before it,
// and behind it text and code of each module in the order of the header. One file, because reading 250 takes as long as
// compiling what is in them.

const fs = require("node:fs");
const path = require("node:path");

const form = "1";

/** Bytes over which a store is begun anew: it also has what earlier versions of the program loaded. */
const maximumBytes = 64 * 1024 * 1024;

/** Milliseconds after which a store that is not written any more is removed: most are of folders that are gone. */
const maximumAge = 30 * 24 * 60 * 60 * 1000;

/** A store without modules. */
exports.emptyStore = () => ({ modules: new Map(), resolved: new Map(), installs: new Map() });

/**
 * Reads a store: modules by file name, each with its stamp, text and code; where requests were resolved to; and the
 * records of installations, by whose stamps that holds. `undefined` where there is none that this process can use.
 */
exports.readStore = function readStore(file, stampOf) {
  try {
    const bytes = fs.readFileSync(file);
    const start = 4 + bytes.readUInt32LE(0);
    const header = JSON.parse(bytes.toString("utf8", 4, start));
    if (header.form !== form || header.bytes !== bytes.length - start) return undefined;
    const store = exports.emptyStore();
    let position = start;
    const take = (length) => bytes.subarray(position, (position += length));
    for (const [filename, stamp, encoding, sourceLength, codeLength] of header.modules) {
      const text = take(sourceLength);
      const code = take(codeLength);
      store.modules.set(filename, {
        stamp,
        code,
        get source() {
          const source = text.toString(encoding);
          Object.defineProperty(this, "source", { value: source });
          return source;
        },
      });
    }
    if (header.installs.every(([record, stamp]) => stampOf(record) === stamp)) {
      store.installs = new Map(header.installs);
      store.resolved = new Map(header.resolved);
    }
    return store;
  } catch {
    return undefined;
  }
};

/** Writes a store, as a whole or not at all: where it cannot be written, the next run takes longer. */
exports.writeStore = function writeStore(file, { modules, resolved, installs }) {
  const parts = [];
  const entries = [...modules].map(([filename, { stamp, source, code }]) => {
    const encoding = isAscii(source) ? "latin1" : "utf8";
    const text = Buffer.from(source, encoding);
    parts.push(text, code);
    return [filename, stamp, encoding, text.length, code.length];
  });
  const body = Buffer.concat(parts);
  const header = Buffer.from(
    JSON.stringify({
      form,
      bytes: body.length,
      modules: entries,
      resolved: [...resolved],
      installs: [...installs],
    }),
  );
  const length = Buffer.alloc(4);
  length.writeUInt32LE(header.length);
  const own = `${file}.${process.pid}`;
  try {
    if (body.length > maximumBytes) return fs.rmSync(file, { force: true });
    fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    fs.writeFileSync(own, Buffer.concat([length, header, body]));
    fs.renameSync(own, file);
    removeOld(path.dirname(file));
  } catch {
    removeQuietly(own);
  }
};

/** Removes what nobody has written for long. @throws the error of the file system */
function removeOld(folder) {
  for (const name of fs.readdirSync(folder)) {
    const file = path.join(folder, name);
    const stat = fs.statSync(file, { throwIfNoEntry: false });
    if (stat && stat.mtimeMs < Date.now() - maximumAge) removeQuietly(file);
  }
}

exports.removeOld = removeOld;

function removeQuietly(file) {
  try {
    fs.rmSync(file, { force: true });
  } catch {
    // Nothing was written there.
  }
}

// The text of most modules, and the quickest to read.
function isAscii(text) {
  return Buffer.byteLength(text) === text.length;
}
