#!/bin/sh
# Builds the images on this machine; with USE_DOCKERHUB=true there is nothing to build.
set -eu
if [ "${USE_DOCKERHUB:-false}" = true ]; then
  echo "Published images are used: nothing is built."
  exit 0
fi
exec "$(dirname "$0")/../docker/build-local-images.sh" "$@"
