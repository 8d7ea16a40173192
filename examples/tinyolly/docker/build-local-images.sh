#!/bin/sh
# Builds all five images on this machine, from no published one of TinyOlly. Needs Python 3 and docker buildx.
set -eu
cd "$(dirname "$0")"
export PYTHON_PACKAGES="${PYTHON_PACKAGES:-$PWD/python-packages}"
mkdir -p "$PYTHON_PACKAGES"
case $(uname -m) in
  x86_64) arch=amd64 ;;
  *) arch=arm64 ;;
esac
(cd apps/python-base && python3 packages.py "$arch" "${PYTHON_VERSION:-3.12}" "$PYTHON_PACKAGES/python-packages.tar")
exec docker compose --file docker-compose-tinyolly-core-local.yml --profile build build "$@"
