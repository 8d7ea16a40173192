#!/bin/sh
# Starts TinyOlly from published images, and builds none; COMPOSE_FILE names another file (use-local-builds.sh sets it).
set -eu
cd "$(dirname "$0")"
export COMPOSE_FILE="${COMPOSE_FILE:-docker-compose-tinyolly-core.yml}"
docker compose pull --ignore-buildable
exec docker compose up --detach --wait --no-build "$@"
