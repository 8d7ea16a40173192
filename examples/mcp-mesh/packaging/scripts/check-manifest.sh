#!/bin/sh
# Downloads what a formula or a manifest names, and compares it with its sums: check-manifest.sh REPOSITORY FILE VERSION
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
git clone --quiet --depth 1 "$1" "$work/repository"
file=$work/repository/$2
grep -F "$3" "$file"
# Each address has its sum behind it. What has $version in it is for later versions.
tr '\n' ' ' <"$file" |
  grep -oE 'url"?:? "[^"$]+",? +"?(sha256|hash)"?:? "[0-9a-f]{64}"' |
  sed -E 's/^url"?:? "([^"]+)".* "([0-9a-f]{64})"$/\1 \2/' >"$work/addresses"
test -s "$work/addresses"
while read -r address sum; do
  curl -fsSL -o "$work/download" "$address"
  echo "$sum  $work/download" | sha256sum --check --quiet
  echo "$address"
done <"$work/addresses"
