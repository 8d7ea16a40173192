/**
 * The parts of an installer that are the same for every project, as POSIX shell: what dash, bash,
 * mksh, zsh and busybox understand. Every variable of a part is one word of the script.
 */

/** What every part uses. */
export const basics = `say() { printf '%s\\n' "$*"; }
note() { printf '%s: %s\\n' "$name" "$*" >&2; }
fail() {
  note "$*"
  exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }
`;

/** Which system this is. */
export const detection = `# linux, darwin and so on.
system() {
  case "$(uname -s)" in
    Linux) say linux ;;
    Darwin) say darwin ;;
    FreeBSD) say freebsd ;;
    MINGW* | MSYS* | CYGWIN* | Windows_NT) say windows ;;
    *) uname -s ;;
  esac
}

# amd64, arm64 and so on: of the programs that run here, which are not always those of the kernel.
architecture() {
  bits=$(getconf LONG_BIT 2>/dev/null || say 64)
  case "$(uname -m)" in
    x86_64 | amd64)
      # A shell under Rosetta is told that it is on Intel.
      if [ "$(sysctl -n sysctl.proc_translated 2>/dev/null || :)" = 1 ]; then
        say arm64
      elif [ "$bits" = 32 ]; then
        say 386
      else
        say amd64
      fi
      ;;
    aarch64 | arm64) if [ "$bits" = 32 ]; then say arm/v7; else say arm64; fi ;;
    armv8* | armv7*) say arm/v7 ;;
    armv6*) say arm/v6 ;;
    i?86) say 386 ;;
    loongarch64) say loong64 ;;
    *) uname -m ;;
  esac
}

# Whether programs are linked with musl here, as on Alpine.
is_musl() {
  for loader in /lib/ld-musl-*; do
    [ ! -e "$loader" ] || return 0
  done
  return 1
}

# The platforms whose programs run here, the best one first.
platforms() {
  os=$(system)
  arch=$(architecture)
  [ "$os" != linux ] || ! is_musl || say "$os/$arch musl"
  say "$os/$arch"
  case "$os/$arch" in
    darwin/arm64) say darwin/amd64 ;;
    linux/arm/v7)
      say linux/arm/v6
      say linux/arm
      ;;
    linux/arm/v6) say linux/arm ;;
    linux/amd64) say linux/386 ;;
  esac
}
`;

/** @param protocols that curl may use, e.g. `=https` */
export const downloading = (
  protocols: string,
): string => `# Downloads an address into a file. Not every wget takes a time.
download() {
  if have curl; then
    curl -fsSL --proto '${protocols}' --connect-timeout 20 --retry 2 -o "$2" "$1"
  else
    wget -q -O "$2" "$1"
  fi
}

can_download() {
  have curl || have wget || fail 'neither curl nor wget is here: install one of them, and run this again'
}

# The SHA-256 of a file, in hexadecimal.
sum_of() {
  if have sha256sum; then
    sha256sum "$1" | cut -d ' ' -f 1
  elif have shasum; then
    shasum -a 256 "$1" | cut -d ' ' -f 1
  elif have openssl; then
    openssl dgst -sha256 -r "$1" | cut -d ' ' -f 1
  else
    fail 'none of sha256sum, shasum and openssl is here to check what is downloaded: install one of them'
  fi
}

# The sum that a list has for the file of the release.
listed_sum() {
  while read -r listed listed_name; do
    case "$listed_name" in
      "$file" | "*$file")
        say "$listed"
        return 0
        ;;
    esac
  done <"$1"
  return 1
}

# The version that the files of a list have, by the name of the one for this platform.
listed_version() {
  while read -r listed listed_name; do
    version=@
    artifact "$platform"
    listed_name=\${listed_name#\\*}
    rest=\${listed_name#"\${file%%@*}"}
    after=\${file#*@}
    version=\${rest%"\${after%%@*}"}
    artifact "$platform"
    if [ "$file" = "$listed_name" ]; then
      say "$version"
      return 0
    fi
  done <"$1"
  return 1
}
`;

/** What comes after a download: unpacked, and put in its place at once. */
export const placing = `# Unpacks the downloaded file into a folder.
unpack() {
  mkdir "$2"
  case "$format" in
    tar.gz) tar -xzf "$1" -C "$2" ;;
    tar.zst)
      have zstd || fail "zstd is not here to unpack $file: install it"
      zstd -dcq "$1" | tar -xf - -C "$2"
      ;;
    zip)
      have unzip || fail "unzip is not here to unpack $file: install it"
      unzip -q "$1" -d "$2"
      ;;
    gz) mkdir -p "$(dirname "$2/$programs")" && gzip -dc <"$1" >"$2/$programs" ;;
    binary) mkdir -p "$(dirname "$2/$programs")" && cp "$1" "$2/$programs" ;;
  esac
}

# Whether a text has a line.
has_line() {
  case "
$1
" in
    *"
$2
"*) return 0 ;;
  esac
  return 1
}

# Puts the files of a list in their places: all of them are beside their places before the first one moves.
place() {
  stage="$directory/.$name-$$"
  mkdir -p "$stage" || fail "$directory cannot be written to: choose another folder with --dir, or run this as its owner"
  while read -r path; do
    target=$(target_of "$path")
    if ! mkdir -p "$(dirname "$stage/$target")" || ! cp "$1/$path" "$stage/$target"; then
      fail "$target cannot be written below $directory; nothing was installed"
    fi
    if has_line "$programs" "$path"; then chmod 755 "$stage/$target"; fi
  done <"$work/files"
  while read -r path; do
    target=$(target_of "$path")
    if has_line "$kept" "$path" && [ -e "$directory/$target" ]; then
      note "$directory/$target is yours, and stays as it is"
    else
      mkdir -p "$(dirname "$directory/$target")"
      mv -f "$stage/$target" "$directory/$target" || fail "$directory/$target cannot be replaced; run this again"
      has_line "$kept" "$path" || say "$target" >>"$work/placed"
    fi
  done <"$work/files"
}

clean_up() {
  [ -z "$work" ] || rm -rf "$work"
  [ -z "$stage" ] || rm -rf "$stage"
}
`;

/** Verifies a list with the key that is in the script. */
export const checkingSignature = `# Checks the signature of a list, which is in the Sigstore bundle beside it.
check_signature() {
  if ! have openssl; then
    [ "$skip_signature" = yes ] ||
      fail "the signature of $sums_file cannot be checked without openssl: install it, or accept the list with --skip-signature"
    return 0
  fi
  public_key >"$work/key.pem"
  tr -d '\\n' <"$2" | sed -n 's/.*"signature" *: *"\\([A-Za-z0-9+\\/=]*\\)".*/\\1/p' >"$work/signature.txt"
  if ! openssl base64 -d -A -in "$work/signature.txt" -out "$work/signature" 2>/dev/null ||
    ! openssl dgst -sha256 -verify "$work/key.pem" -signature "$work/signature" "$1" >/dev/null 2>&1; then
    fail "$sums_file of $version is not signed by the key of $name; nothing was installed"
  fi
}
`;
