#!/bin/sh
# Written by Slipway. Edit the declaration, not this file.
set -eu
usage() {
  cat <<'END'
usage: docker/build-and-push-images.sh [VERSION] [OPTION...]

Builds and publishes tinyolly.

VERSION   such as v1.2.3, or in the variable VERSION; latest, the default, is that of the configuration,
          which has the version that was published from then on
          dev: a build without a version
OPTION    of `slipway up`, such as --yes, which a run without a terminal needs

PULUMI_STACK names another stack than prod.
END
}
case ${1-} in -h | --help) usage; exit 0 ;; esac
unset CDPATH
cd "$(dirname -- "$0")/../"
stack=${PULUMI_STACK:-prod}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
# An organization and a project can be in front of the name of a stack.
file=Pulumi.${stack##*/}.yaml
if [ -f "$file" ]; then cp "$file" "$work/$file"; else : > "$work/$file"; fi
version=${VERSION:-latest}
if [ $# -gt 0 ]; then
  case $1 in -*) ;; *) version=${1:-$version}; shift ;; esac
fi
case $version in
  latest) ;;
  dev) pulumi config rm --stack "$stack" --config-file "$work/$file" version ;;
  *) pulumi config set --stack "$stack" --config-file "$work/$file" --plaintext version -- "$version" ;;
esac
set -- --policy-pack node_modules/slipway/policies --policy-pack-config policies.json "$@"
npx --no -- slipway up --stack "$stack" --config-file "$work/$file" "$@"
case $version in
  latest | dev) ;;
  *) pulumi config set --stack "$stack" --plaintext version -- "$version" ;;
esac
