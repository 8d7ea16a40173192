# shellcheck shell=sh
# Source it in this folder: from then on docker compose has the images that build-local-images.sh builds.
COMPOSE_FILE="$PWD/docker-compose-tinyolly-core-local.yml"
export COMPOSE_FILE
