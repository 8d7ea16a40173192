/** Programs of a plugin, for any POSIX shell. */

const head = `#!/bin/sh
# Made by Slipway with each release: changes here are put back.
set -eu
plugin=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
`;

/** What both that download and that install need: the list of the version, and the platform in it. */
function listed(name: string): string {
  return `${head}
fail() {
  printf '%s\\n' "${name}: $*" >&2
  exit 1
}

[ "\${ASDF_INSTALL_TYPE:-version}" = version ] || fail "there are released versions only, and no $ASDF_INSTALL_TYPE"
case $ASDF_INSTALL_VERSION in
  */* | .*) fail "$ASDF_INSTALL_VERSION is no version" ;;
esac
list=$plugin/versions/$ASDF_INSTALL_VERSION
[ -f "$list" ] || fail "there is no version $ASDF_INSTALL_VERSION: asdf plugin update ${name} gets the newest list"

os=$(uname -s | tr '[:upper:]' '[:lower:]')
case $(uname -m) in
  x86_64 | amd64) machines=amd64 ;;
  aarch64 | arm64) machines=arm64 ;;
  armv7*) machines='arm/v7 arm/v6 arm' ;;
  armv6*) machines='arm/v6 arm' ;;
  i?86) machines=386 ;;
  *) machines=$(uname -m) ;;
esac
for machine in $machines; do
  platform=$os/$machine
  archive=$(awk -F '\\t' -v platform="$platform" '$1 == "archive" && $2 == platform { print $3, $4, $5 }' "$list")
  [ -z "$archive" ] || break
done
[ -n "$archive" ] || fail "$ASDF_INSTALL_VERSION is not there for $platform"
`;
}

/** Prints the versions, the lowest first, in one line: pre-releases are before what they lead to. */
export function listScript(): string {
  return `${head}
for file in "$plugin"/versions/*; do
  printf '%s\\n' "\${file##*/}"
done | awk '
  # Numbers get ten digits, so that their order is that of texts; ~ is behind all of these.
  function key(text, parts, count, i, made) {
    count = split(text, parts, /[.]/)
    for (i = 1; i <= count; i++) made = made "." (parts[i] ~ /^[0-9]+$/ ? sprintf("0%010d", parts[i]) : "1" parts[i])
    return made
  }
  {
    at = index($0, "-")
    print (at ? key(substr($0, 1, at - 1)) " -" key(substr($0, at + 1)) : key($0) " ~") "\\t" $0
  }
' | LC_ALL=C sort | cut -f 2 | paste -s -d ' ' -
`;
}

/** Downloads the archive, compares it with its sum, and unpacks it. */
export function downloadScript(name: string): string {
  return `${listed(name)}
read -r format sum url <<END
$archive
END
mkdir -p "$ASDF_DOWNLOAD_PATH"
file=$ASDF_DOWNLOAD_PATH/.archive
trap 'rm -f "$file"' EXIT
if command -v curl >/dev/null; then
  curl --fail --silent --show-error --location --output "$file" "$url" || fail "$url cannot be downloaded"
elif command -v wget >/dev/null; then
  wget -q -O "$file" "$url" || fail "$url cannot be downloaded"
else
  fail "neither curl nor wget is installed"
fi
if command -v sha256sum >/dev/null; then
  found=$(sha256sum "$file")
elif command -v shasum >/dev/null; then
  found=$(shasum -a 256 "$file")
else
  fail "neither sha256sum nor shasum is installed"
fi
[ "\${found%% *}" = "$sum" ] || fail "$url has the sum \${found%% *}, and $sum is expected: nothing of it is installed"
case $format in
  zip) unzip -q -o "$file" -d "$ASDF_DOWNLOAD_PATH" ;;
  *) tar -xzf "$file" -C "$ASDF_DOWNLOAD_PATH" ;;
esac
`;
}

/** Puts the programs into the folder that asdf has on the path. */
export function installScript(name: string): string {
  return `${listed(name)}
mkdir -p "$ASDF_INSTALL_PATH/bin"
awk -F '\\t' -v platform="$platform" '$1 == "program" && $2 == platform { print $3 }' "$list" |
  while IFS= read -r program; do
    cp "$ASDF_DOWNLOAD_PATH/$program" "$ASDF_INSTALL_PATH/bin/"
    chmod 755 "$ASDF_INSTALL_PATH/bin/\${program##*/}"
  done
`;
}
