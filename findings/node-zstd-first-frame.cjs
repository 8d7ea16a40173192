#!/usr/bin/env node
"use strict";
// Node's Zstandard reader takes the first frame for the whole stream, without an error.
//
// Guess:     several frames one after another are one stream (RFC 8878 section 3), as for `zstd -d`, and as Node's own
//            gzip reader has it for members; a stream that is cut off is an error.
// Seen:      what follows the first frame in the same write is dropped silently, be it a frame or something else. In
//            22.18 a stream that is cut off is no error either (24.21: "unexpected end of file").
// Versions:  Node 22.18.0, 24.21.0 (zstd 1.5.7). Node 26.10.0 reads both frames.
// Needs:     Node 22.15 or newer. Nothing of Slipway.
const zlib = require("node:zlib");

const frames = Buffer.concat(["one,", "two"].map((text) => zlib.zstdCompressSync(text)));
const members = Buffer.concat(["one,", "two"].map((text) => zlib.gzipSync(text)));

async function read(bytes, decoder) {
  const parts = [];
  decoder.end(bytes);
  for await (const part of decoder) parts.push(part);
  return Buffer.concat(parts).toString();
}

(async () => {
  const gzip = await read(members, zlib.createGunzip());
  const zstd = await read(frames, zlib.createZstdDecompress());
  console.log(`two members of gzip: ${JSON.stringify(gzip)}; two frames of zstd: ${JSON.stringify(zstd)}`);
  if (gzip !== "one,two" || zstd !== "one,") {
    console.log("This has changed.");
    process.exitCode = 1;
  }
})();
