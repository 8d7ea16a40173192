#!/bin/sh
# Runs MLOS {version} in Docker, and waits until it serves. Options are those of docker run; MLOS_IMAGE is another image,
# MLOS_NAME another name of the container, MLOS_PORT another port.
set -eu
image=${MLOS_IMAGE:-}
test -n "$image" || image={images.mlos.repository}:{images.mlos.tag}
name=${MLOS_NAME:-mlos}
port=${MLOS_PORT:-8080}
docker run --detach --name "$name" --publish "$port:8080" "$@" "$image" >/dev/null
attempts=0
until docker exec "$name" /opt/mlos/bin/mlos-core -config /etc/mlos/mlos.yaml -healthcheck; do
  attempts=$((attempts + 1))
  if test "$attempts" -ge 60; then
    docker logs "$name" >&2
    exit 1
  fi
  sleep 1
done
echo "MLOS {version} serves at http://localhost:$port"
