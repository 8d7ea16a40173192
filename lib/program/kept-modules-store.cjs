"use strict";
// The file in which kept-modules.cjs keeps modules: a header of JSON with its length (4 bytes,
// little-endian) before it, and behind it text and code of each module in the order of the header.
// One file, because reading 250 takes as long as compiling what is in them.

const fs = require("node:fs");
const { removeQuietly, writeCached } = require("./program-cache.cjs");

const form = "1";

/**
 * Bytes over which a store is begun anew: it also has what earlier versions of the program loaded.
 */
const maximumBytes = 64 * 1024 * 1024;

/** A store without modules. */
exports.emptyStore = () => ({ modules: new Map(), resolved: new Map(), installs: new Map() });

/**
 * Reads a store: modules by file name, each with its stamp, text and code; where requests were
 * resolved to; and the records of installations, by whose stamps that holds. `undefined` where
 * there is none that this process can use.
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

/** Writes a store, or removes it where it has become too big. */
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
  if (body.length > maximumBytes) removeQuietly(file);
  else writeCached(file, Buffer.concat([length, header, body]));
};

// The text of most modules, and the quickest to read.
function isAscii(text) {
  return Buffer.byteLength(text) === text.length;
}
