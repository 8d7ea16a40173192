import { latestAddress } from "../release/latest-address";
import { digestHex } from "../oci/digest";
import { shellQuoted, shellWord } from "../text/shell-word";
import {
  checkInstaller,
  type InstallerArtifact,
  type InstallerDeclaration,
  type InstallerImage,
} from "./installer";
import { basics, checkingSignature, detection, downloading, placing } from "./shell-parts";

/**
 * Renders `install.sh`: a POSIX shell script that finds the system, downloads what was released for
 * it, checks it, and puts it in its place at once. The version that it is made for is checked by the
 * sums in it; another one by the release's sums file, and by its signature where a key is known.
 *
 * @throws ChannelError for what a script cannot say
 */
export function renderShellInstaller(installer: InstallerDeclaration): string {
  checkInstaller(installer);
  const { name, version, publicKey, methods } = installer;
  const downloads = methods.includes("binary");
  const parts = [
    header(installer),
    basics,
    usage(installer),
    ...(downloads
      ? [
          detection,
          artifactTable(installer),
          downloading(protocolsOf(installer.hosts)),
          fetching(installer),
          publicKey === undefined ? "" : keyPart(publicKey),
          placing,
          installing(installer),
        ]
      : []),
    installer.image && methods.includes("docker") ? pulling(name, version, installer.image) : "",
    main(installer),
  ];
  return `${parts.filter((part) => part !== "").join("\n")}\nmain "$@"\n`;
}

function header(installer: InstallerDeclaration): string {
  const { name, version, homepage, environment, methods } = installer;
  const [method = "binary"] = methods;
  return `#!/bin/sh
# Installs ${name}${homepage === undefined ? "" : ` (${homepage})`}. Made for ${name} ${version}; --help tells what it can.
set -eu
# zsh splits no words, and fails where a pattern matches nothing, unless it is told to be sh.
if [ -n "\${ZSH_VERSION-}" ]; then emulate sh; fi

name=${shellQuoted(name)}
made_for=${shellQuoted(version)}
version=\${${environment.version}:-latest}
method=\${${environment.method}:-${method}}
dry_run=no
${methods.includes("binary") ? binaryVariables(installer) : ""}`;
}

function binaryVariables({ environment, keep, sumsFile, publicKey }: InstallerDeclaration): string {
  return `directory=\${${environment.directory}:-}
sums_file=${shellQuoted(sumsFile)}
# Files of the user's own: one that is there stays.
kept=${shellQuoted(keep.join("\n"))}
${publicKey === undefined ? "" : "skip_signature=no\n"}uninstall=no
work=''
stage=''
`;
}

function usage(installer: InstallerDeclaration): string {
  const { name, environment, methods, image } = installer;
  const downloads = methods.includes("binary");
  const rows: [string, string][] = [
    ["--version VERSION", `which one, with or without v; latest (default). Also ${environment.version}.`],
    ["--method METHOD", `${methodsInWords(installer)}. Also ${environment.method}.`],
  ];
  if (downloads) {
    rows.push(
      [
        "--dir DIRECTORY",
        `where to. Default: ${directoryInWords(installer)}. Also ${environment.directory}.`,
      ],
      ["--uninstall", "removes what was installed there."],
    );
    if (installer.publicKey !== undefined) {
      rows.push(["--skip-signature", "takes a list of sums that cannot be checked without openssl."]);
    }
  }
  rows.push(["--dry-run", "tells what would be done."], ["--help", "this text."]);
  const width = Math.max(...rows.map(([option]) => option.length)) + 2;
  const lines = rows.map(([option, text]) => `  ${option.padEnd(width)}${text}`).join("\n");
  return `usage() {
  cat <<'USAGE'
Installs ${name}${image && !downloads ? " as an image" : ""}.

Usage: sh install.sh [OPTIONS]
       curl -fsSL ADDRESS | sh -s -- [OPTIONS]

${lines}
USAGE
}
`;
}

function methodsInWords({ methods }: InstallerDeclaration): string {
  return methods.map((method, index) => (index === 0 ? `${method} (default)` : method)).join(" or ");
}

function directoryInWords({ directory, contents, name }: InstallerDeclaration): string {
  if (directory !== undefined) return directory;
  return contents === "all"
    ? `$HOME/.${name}`
    : "/usr/local/bin where that is writable, else $HOME/.local/bin";
}

/** The files of the release, by platform. */
function artifactTable({ artifacts, version }: InstallerDeclaration): string {
  const entries = artifacts.flatMap((artifact) => [
    tableEntry(artifact.platform, artifact, version),
    ...(artifact.musl ? [tableEntry(`${artifact.platform} musl`, artifact.musl, version)] : []),
  ]);
  return `# Tells of a platform's file, as it is called in $version: its name and form, whether all of it is in a folder, and
# its programs. The sum is that of the version that this script is made for.
artifact() {
  case "$1" in
${entries.join("\n")}
    *) return 1 ;;
  esac
}
`;
}

function tableEntry(
  platform: string,
  { name, format, root, digest, programs }: Omit<InstallerArtifact, "platform" | "musl">,
  version: string,
): string {
  return `    ${shellQuoted(platform)})
      file=${versioned(name, version)}
      format=${format}
      rooted=${root === undefined ? "no" : "yes"}
      sum=${digestHex(digest)}
      programs=${shellQuoted(programs.join("\n"))}
      ;;`;
}

/** A text in which the version that the script is made for stands for `$version`. */
function versioned(text: string, version: string): string {
  return text
    .split(version)
    .map((part) => (part === "" ? "" : shellQuoted(part)))
    .join('"$version"');
}

/** Without a host that has no TLS, nothing is asked without it, not after a redirect either. */
function protocolsOf(hosts: readonly string[]): string {
  return hosts.some((host) => host.startsWith("http://")) ? "=http,https" : "=https";
}

function fetching({ hosts, version }: InstallerDeclaration): string {
  const latest = hosts.flatMap((host) => latestAddress(host, version) ?? []);
  return `# Downloads a file of the release from the first host that has it. Where the files have no version in their names,
# $version is latest.
fetch() {
  if [ "$version" = latest ]; then
    set -- "$1" "$2"${latest.map((host) => ` ${shellQuoted(host)}`).join("")}
  else
    set -- "$1" "$2"${hosts.map((host) => ` ${versioned(host, version)}`).join("")}
  fi
  wanted=$1
  into=$2
  shift 2
  for host in "$@"; do
    if download "$host/$wanted" "$into"; then return 0; fi
    note "$host/$wanted could not be downloaded"
  done
  return 1
}
`;
}

function keyPart(publicKey: string): string {
  return `# The key that the sums of every version are signed with.
public_key() {
  cat <<'KEY'
${publicKey.trim()}
KEY
}

${checkingSignature}`;
}

function installing(installer: InstallerDeclaration): string {
  const { hosts, version, contents, directory, publicKey, name } = installer;
  const hasLatest = hosts.some((host) => latestAddress(host, version) !== undefined);
  const target = contents === "all" ? 'say "$1"' : 'say "${1##*/}"';
  const usual =
    directory === undefined && contents === "programs"
      ? `if [ -w /usr/local/bin ]; then directory=/usr/local/bin; else directory=$HOME/.local/bin; fi`
      : `directory=${directoryValue(directory ?? `$HOME/.${name}`)}`;
  return `# Where a file of the archive goes, below $directory.
target_of() {
  ${target}
}

choose_directory() {
  [ -z "$directory" ] || return 0
  ${usual}
}

choose_platform() {
  platform=''
  tried=''
  version_asked=$version
  version=$made_for
  platforms >"$work/platforms"
  while read -r candidate; do
    tried="$tried\${tried:+, }$candidate"
    if artifact "$candidate"; then
      platform=$candidate
      break
    fi
  done <"$work/platforms"
  version=$version_asked
  [ -n "$platform" ] || fail "there is no program for $tried: there are ${installer.artifacts.map(({ platform }) => platform).join(", ")}"
}

# Finds the sum of the file that is to be installed, and its version.
choose_version() {
  list=$work/list
${
  hasLatest
    ? `  if [ "$version" = latest ]; then
    fetch "$sums_file" "$list" || fail 'the latest version could not be found out: name one with --version'
    found=$(listed_version "$list") || fail "the latest release has no file for $platform: name another version with --version"
    case "$found" in '' | @) ;; *) version=$found ;; esac
${signatureLines(publicKey, "    ")}  elif [ "$version" != "$made_for" ]; then`
    : `  [ "$version" != latest ] || version=$made_for
  if [ "$version" != "$made_for" ]; then`
}
    fetch "$sums_file" "$list" || fail "$name $version could not be found"
${signatureLines(publicKey, "    ")}  fi
  artifact "$platform"
  if [ "$version" != "$made_for" ]; then
    sum=$(listed_sum "$list") || fail "$sums_file of $version does not list $file"
  fi
}

install_binary() {
  can_download
  choose_directory
  work=$(mktemp -d) || fail 'there is no room for temporary files: set TMPDIR to a folder that can be written to'
  choose_platform
  choose_version
  if [ "$dry_run" = yes ]; then
    say "$file ($name $version) would be installed in $directory"
    return 0
  fi
  fetch "$file" "$work/file" || fail "$file could not be downloaded from any host; nothing was installed"
  got=$(sum_of "$work/file")
  [ "$got" = "$sum" ] || fail "$file is not what was released: its SHA-256 is $got, and $sum is expected; nothing was installed"
  unpack "$work/file" "$work/unpacked" || fail "$file could not be unpacked; nothing was installed"
  from=$work/unpacked
  if [ "$rooted" = yes ]; then
    for from in "$work"/unpacked/*; do break; done
  fi
${
  contents === "all"
    ? `  (cd "$from" && find . ! -type d) | sed 's,^\\./,,' | LC_ALL=C sort >"$work/files"`
    : `  say "$programs" >"$work/files"`
}
  place "$from"
${
  contents === "all"
    ? `  # What an earlier version had, and this one has not, goes.
  remove_left "$(cat "$work/placed")"
  mv -f "$work/placed" "$directory/.$name.files"
  say "$name $version is installed in $directory"
  while read -r program; do say "  $directory/$program"; done <<PROGRAMS
$programs
PROGRAMS`
    : `  say "$name $version is installed:"
  while read -r program; do say "  $directory/$program"; done <"$work/placed"
  case ":$PATH:" in
    *":$directory:"*) ;;
    *) say "To find it, add its folder to your path: export PATH=\\"$directory:\\$PATH\\"" ;;
  esac`
}
}

${contents === "all" ? removingLeft : ""}uninstall_binary() {
  choose_directory
${
  contents === "all"
    ? `  [ -e "$directory/.$name.files" ] || fail "$name is not installed in $directory"
  remove_left ''
  rm -f "$directory/.$name.files"
  rmdir "$directory" 2>/dev/null || :`
    : `  work=$(mktemp -d)
  choose_platform
  removed=no
  while read -r program; do
    target=$directory/$(target_of "$program")
    [ -e "$target" ] || continue
    rm -f "$target" || fail "$target cannot be removed"
    removed=yes
  done <<PROGRAMS
$programs
PROGRAMS
  [ "$removed" = yes ] || fail "$name is not installed in $directory"`
}
  say "$name is removed from $directory"
}
`;
}

/** Files that were installed are listed, so that they can be removed; the user's own ones are not. */
const removingLeft = `# Removes what was installed, but for what a list names, and the folders that become empty.
remove_left() {
  [ -e "$directory/.$name.files" ] || return 0
  while read -r path; do
    if has_line "$1" "$path"; then continue; fi
    rm -f "$directory/$path" || fail "$directory/$path cannot be removed"
    folder=$(dirname "$path")
    while [ "$folder" != . ] && rmdir "$directory/$folder" 2>/dev/null; do folder=$(dirname "$folder"); done
  done <"$directory/.$name.files"
}

`;

function signatureLines(publicKey: string | undefined, indent: string): string {
  if (publicKey === undefined) return "";
  return `${indent}fetch "$sums_file.sigstore.json" "$work/bundle" || fail "the signature of $sums_file could not be downloaded; nothing was installed"
${indent}check_signature "$list" "$work/bundle"
`;
}

/** A folder as a word in double quotes, in which `$HOME` alone is expanded. */
function directoryValue(directory: string): string {
  const inside = directory.startsWith("$HOME/") || directory === "$HOME" ? directory.slice(5) : undefined;
  return inside === undefined ? shellQuoted(directory) : `"$HOME"${inside === "" ? "" : shellQuoted(inside)}`;
}

function pulling(name: string, version: string, { repositories, tag, latest }: InstallerImage): string {
  return `install_docker() {
  if have docker; then
    engine=docker
  elif have podman; then
    engine=podman
  else
    fail 'neither docker nor podman is here: install one of them'
  fi
  if [ "$version" = latest ]; then
    tag=${latest === undefined ? shellQuoted(tag) : shellQuoted(latest)}
  else
    tag=${versioned(tag, version)}
  fi
  set -- ${repositories.map(shellWord).join(" ")}
  for repository in "$@"; do
    if [ "$dry_run" = yes ]; then
      say "$repository:$tag would be pulled by $engine"
      return 0
    fi
    if "$engine" pull "$repository:$tag"; then
      say "$name is here as an image. Run it: $engine run --rm $repository:$tag"
      return 0
    fi
    note "$repository:$tag could not be pulled"
  done
  fail "$name $version could not be pulled"
}
`;
}

function main(installer: InstallerDeclaration): string {
  const { methods, publicKey } = installer;
  const downloads = methods.includes("binary");
  const known = methods.join(" | ");
  return `main() {
  while [ $# -gt 0 ]; do
    option=$1
    shift
    case "$option" in
      --version | --method${downloads ? " | --dir" : ""})
        [ $# -gt 0 ] || fail "$option needs a value; --help tells more"
        value=$1
        shift
        ;;
      --*=*)
        value=\${option#*=}
        option=\${option%%=*}
        ;;
    esac
    case "$option" in
      --version) version=$value ;;
      --method) method=$value ;;
${downloads ? "      --dir) directory=$value ;;\n      --uninstall)\n        uninstall=yes\n        method=binary\n        ;;\n" : ""}${
    publicKey !== undefined && downloads ? "      --skip-signature) skip_signature=yes ;;\n" : ""
  }      --dry-run) dry_run=yes ;;
      -h | --help)
        usage
        exit 0
        ;;
      *) fail "there is no option $option; --help tells what there is" ;;
    esac
  done
  case "$version" in
    *[!0-9A-Za-z.~_-]*) fail "$version is no version (a valid example: \${made_for})" ;;
    v[0-9]*) version=\${version#v} ;;
  esac
${
  downloads
    ? `  trap clean_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
`
    : ""
}  case "$method" in
${downloads ? '    binary) if [ "$uninstall" = yes ]; then uninstall_binary; else install_binary; fi ;;\n' : ""}${
    methods.includes("docker") ? "    docker) install_docker ;;\n" : ""
  }    *) fail "there is no method $method: the methods are ${known}" ;;
  esac
}
`;
}
