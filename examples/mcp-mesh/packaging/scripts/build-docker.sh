#!/bin/sh
# Written by Slipway. Edit the declaration, not this file.
set -eu
usage() {
  cat <<'END'
usage: packaging/scripts/build-docker.sh [VERSION] [OPTION...]

Builds mcp-mesh and gives its images to the Docker engine of this machine; publishes nothing.

VERSION   such as v1.2.3, or in the variable VERSION; latest, the default, is that of the configuration
OPTION    of `slipway up`, such as --yes, which a run without a terminal needs

PULUMI_STACK names another stack than dev.
END
}
case ${1-} in -h | --help) usage; exit 0 ;; esac
unset CDPATH
cd "$(dirname -- "$0")/../../"
stack=${PULUMI_STACK:-dev}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
# An organization and a project can be in front of the name of a stack.
file=Pulumi.${stack##*/}.yaml
if [ -f "$file" ]; then cp "$file" "$work/$file"; else : > "$work/$file"; fi
# A state of this run.
stack=${stack##*/}
mkdir "$work/state"
{ sed -n '/^name:/p' Pulumi.yaml; echo "runtime: nodejs"; } > "$work/Pulumi.yaml"
export PULUMI_BACKEND_URL="file://$work/state"
if [ -z "${PULUMI_CONFIG_PASSPHRASE_FILE-}" ]; then
  export PULUMI_CONFIG_PASSPHRASE="${PULUMI_CONFIG_PASSPHRASE-}"
fi
(cd "$work" && pulumi stack init "$stack" > /dev/null)
version=${VERSION:-latest}
if [ $# -gt 0 ]; then
  case $1 in -*) ;; *) version=${1:-$version}; shift ;; esac
fi
case $version in
  latest) ;;
  *) pulumi config set --stack "$stack" --config-file "$work/$file" --plaintext version -- "$version" ;;
esac
set -- --config mode=load "$@"
npx --no -- slipway up --stack "$stack" --config-file "$work/$file" "$@"
