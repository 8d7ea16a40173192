#!/bin/sh
# Whether the components of a bundle work together: compatibility-test.sh BUNDLE
set -eu
bundle=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
core=
trap 'test -z "$core" || kill "$core" 2>/dev/null || :; rm -rf "$work"' EXIT
tar -xzf "$bundle" -C "$work"
cd "$work"

# What the bundle says of its components is what they say of themselves.
bin/mlos --version
says() { "bin/$1" --version | grep -q "^$1 $(bin/mlos --version | sed -n "s/^$2: //p") "; }
says axon Axon
says mlos-core "MLOS Core"

# Ports that nobody else has.
printf 'api: "127.0.0.1:0"\nmanagement: "127.0.0.1:0"\n' >mlos.yaml
bin/mlos-core -config mlos.yaml 2>log &
core=$!
attempts=0
until test "$(grep -c 'listens on' log)" -ge 2; do
  attempts=$((attempts + 1))
  test "$attempts" -lt 100 && kill -0 "$core" || { cat log; exit 1; }
  sleep 0.1
done
address=$(sed -n 's/.*listens on //p' log | head -n 1)
MLOS_CORE_URL="http://$address" AXON_HOME="$work/axon" AXON=bin/axon MLOS=bin/mlos \
  sh "$here/examples/e2e-demo.sh" >answer
cat answer
grep -q '"token":"small"' answer
