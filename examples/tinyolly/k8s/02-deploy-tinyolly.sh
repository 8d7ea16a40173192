#!/bin/sh
# Applies the manifests: with USE_DOCKERHUB=true with published images, else with those of 01-build-images.sh, which the
# cluster has to have. What follows the name of the script is given to kubectl.
set -eu
cd "$(dirname "$0")"
if [ "${USE_DOCKERHUB:-false}" = true ]; then
  exec kubectl apply --filename . "$@"
fi
for file in *.yaml; do
  # What is built here has its names from docker-compose-tinyolly-core-local.yml, and cannot be pulled.
  sed -e 's|image: .*/\([a-z-]*\)[:@].*|image: tinyolly-\1:latest|' -e 's|Always|Never|' "$file"
  echo ---
done | kubectl apply --filename - "$@"
