#!/bin/sh
# Packs the published image of each platform for `docker load`, under the name of the release.
# Nothing in a file says when it was made, so that the same image is the same bytes on every machine.
#
# Usage: tarballs.sh REFERENCE NAME FILE, where FILE is without the end -ARCHITECTURE.tar.gz
set -eu
reference=$1 name=$2 file=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for architecture in amd64 arm64; do
  image=$work/$architecture
  mkdir "$image"
  crane pull --platform "linux/$architecture" "$reference" "$image.tar"
  tar -xf "$image.tar" -C "$image"
  # By a digest an image has no name of its own.
  sed "s|\"RepoTags\":\[[^]]*\]|\"RepoTags\":[\"$name\"]|" "$image/manifest.json" >"$work/manifest.json"
  grep -qF "\"$name\"" "$work/manifest.json"
  mv "$work/manifest.json" "$image/manifest.json"
  # Files of a temporary folder are readable by nobody else, those of a release by everybody.
  chmod -R u=rwX,go=rX "$image"
  (cd "$image" && tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf - -- *) |
    gzip -n9 >"$file-$architecture.tar.gz"
done
