#!/usr/bin/env bash
# tar-stream gives a sparse file of GNU tar under a name of tar's own, with the map of its holes as the beginning of its
# content, and without an error.
#
# Guess:     a sparse file has its name and its size, as `tar -x` and Go's archive/tar give it (GNU tar manual, "Storing
#            Sparse Files": the real name and size stand in pax records), or its entry is an error.
# Seen:      `tar --sparse --format=pax` (GNU.sparse 1.0) gives the entry ./GNUSparseFile.PID/NAME with 4608 bytes of map and
#            data instead of NAME with 100000. In the older form (`--format=gnu`) the name is right, the type null, and the
#            content is the data without the holes. A file without holes is whole in both.
# Versions:  tar-stream 3.2.2, GNU tar 1.34, Node 18 or newer.
# Needs:     npm and GNU tar on a file system that has holes. Nothing of Slipway.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --ignore-scripts --no-audit --no-fund --silent tar-stream@3.2.2

printf 'x%.0s' {1..512} | dd of=sparse bs=512 seek=40 conv=notrunc status=none
truncate -s 100000 sparse
tar --sparse --format=pax -cf pax.tar sparse
tar --sparse --format=gnu -cf gnu.tar sparse
tar --format=pax -cf whole.tar sparse

cat >read.cjs <<'SCRIPT'
const tar = require("tar-stream");
const [file] = process.argv.slice(2);
const extract = tar.extract();
extract.on("entry", ({ name, type }, content, next) => {
  let size = 0;
  content.on("data", (bytes) => (size += bytes.length));
  content.on("end", () => {
    console.log(`${name.replace(/\d+/, "PID")} ${type} ${size}`);
    next();
  });
});
extract.on("error", ({ message }) => console.log(`error: ${message}`));
require("node:fs").createReadStream(file).pipe(extract);
SCRIPT

code=0
expect() {
  local seen
  seen=$(node read.cjs "$1")
  echo "$1: $seen"
  [[ $seen == "$2" ]] || { echo "This has changed." && code=1; }
}
expect whole.tar 'sparse file 100000'
expect pax.tar './GNUSparseFile.PID/sparse file 4608'
expect gnu.tar 'sparse null 4096'
exit "$code"
