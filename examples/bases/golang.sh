# Usage: golang.sh OUTPUT VERSION
# Copies this machine's Go, without its own tests and documentation, to OUTPUT/rootfs/usr/local/go.
set -eu
goroot=$(go env GOROOT)
mkdir -p "$1/rootfs/usr/local/go" "$1/rootfs/usr/bin" "$1/rootfs/go"
(cd "$goroot" && tar -c --exclude './test' --exclude './doc' --exclude './api' --exclude 'testdata' --exclude '*_test.go' .) |
  tar -x --no-same-owner -C "$1/rootfs/usr/local/go"
ln -s ../local/go/bin/go ../local/go/bin/gofmt "$1/rootfs/usr/bin/"
echo "$2" > "$1/packages"
