#!/bin/sh
# Installs mcp-mesh from an index, as a user does, and looks which version it says: check-pypi.sh INDEX VERSION MODULE_VERSION
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check --no-cache-dir --no-deps --index-url "$1" "mcp-mesh==$2"
cd "$work"
PYTHONPATH='' "$work/venv/bin/python" -c 'import mcp_mesh; print(mcp_mesh.__version__)' | tee version
grep -Fqx "$3" version
