#!/bin/sh
# Makes wheel and sdist of a version of mcp-mesh in a folder: build.sh FOLDER VERSION
#
# With the tools that Python has, or, where it lacks them, with those of requirements.txt in an environment of their own.
# SOURCE_DATE_EPOCH is the time of all that is in the files; the same sources give the same bytes.
set -eu
output=$1
module=src/runtime/python/src/mcp_mesh/__init__.py
if ! grep -Fqx "__version__ = \"$2\"" "$module"; then
  echo "$module is of another version than $2" >&2
  exit 1
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
umask 022

# A copy, so that nothing of an earlier build gets into the sdist.
mkdir "$work/python"
cp -R src/runtime/python/src packaging/pypi/pyproject.toml packaging/pypi/README.md "$work/python"
find "$work/python" -name __pycache__ -prune -exec rm -r {} +
chmod -R u=rwX,go=rX "$work/python"

python=python3
if ! python3 -c 'import build, setuptools; assert int(setuptools.__version__.split(".")[0]) >= 77' 2>/dev/null; then
  python3 -m venv "$work/venv"
  python=$work/venv/bin/python
  "$python" -m pip install --quiet --disable-pip-version-check --requirement packaging/pypi/requirements.txt
fi
"$python" -m build --no-isolation --outdir "$work/dist" "$work/python"
"$python" packaging/pypi/normalize.py "$work"/dist/*.tar.gz
cp "$work"/dist/* "$output"
