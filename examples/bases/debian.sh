# Usage: debian.sh OUTPUT ARCHITECTURE PACKAGE…
# Leaves a root file system in OUTPUT/rootfs, made from packages of Debian 12 by apt's own verification, and the names and
# versions of the packages in OUTPUT/packages. Needs no root, runs nothing of the packages, and changes nothing of this
# machine's apt: its configuration, lists and downloads are in a folder of this run.
set -eu
output=$1
architecture=$2
shift 2

missing() {
  echo "There is no $1 on this machine, which makes the base images from Debian's packages (Debian, Ubuntu: apt-get install apt dpkg debian-archive-keyring). Elsewhere name real images in the configuration of the example instead, for example: npm run pulumi -- -C examples/NAME config set pythonImage docker.io/library/python:3.11-slim --stack dev" >&2
  exit 1
}
command -v apt-get > /dev/null || missing apt-get
command -v dpkg-deb > /dev/null || missing dpkg-deb
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -f "$keyring" ] || missing "$keyring"

work=$output/apt
root=$output/rootfs
mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/etc/apt.conf.d" "$work/etc/preferences.d" "$work/deb" "$root"
: > "$work/status"
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
cat > "$work/sources.list" << END
deb [signed-by=$keyring] $mirror bookworm main
deb [signed-by=$keyring] $mirror bookworm-updates main
deb [signed-by=$keyring] ${DEBIAN_SECURITY_MIRROR:-$mirror-security} bookworm-security main
END
cat > "$work/apt.conf" << END
Dir "$work";
Dir::State "$work";
Dir::State::lists "$work/lists";
Dir::State::status "$work/status";
Dir::Cache "$work/cache";
Dir::Etc "$work/etc";
Dir::Etc::sourcelist "$work/sources.list";
Dir::Etc::sourceparts "-";
APT::Architecture "$architecture";
APT::Architectures { "$architecture"; };
APT::Sandbox::User "";
Acquire::Languages "none";
END
export APT_CONFIG="$work/apt.conf" LC_ALL=C
apt-get -q update
(cd "$work/deb" && apt-get -q download "$@")

# Debian 12 has its programs and libraries in /usr, with links to there.
for folder in bin sbin lib; do
  mkdir -p "$root/usr/$folder"
  ln -s "usr/$folder" "$root/$folder"
done
if [ "$architecture" = amd64 ]; then
  mkdir "$root/usr/lib64"
  ln -s usr/lib64 "$root/lib64"
fi
mkdir -p "$root/var/lib/dpkg" "$root/proc" "$root/sys" "$root/dev" "$root/run" "$root/root"
for package in "$work/deb"/*.deb; do
  dpkg-deb --fsys-tarfile "$package" |
    tar -x --keep-directory-symlink --no-same-owner -C "$root" \
      --exclude './usr/share/doc/*' --exclude './usr/share/man/*' --exclude './usr/share/locale/*' \
      --exclude './usr/share/lintian/*' --exclude './usr/share/info/*' --exclude './usr/share/doc-base/*'
  # What a package manager would have recorded, for scanners and lists of contents.
  dpkg-deb --field "$package" | sed '1,/^Package:/s/^\(Package:.*\)$/\1\nStatus: install ok installed/'
  echo
done > "$root/var/lib/dpkg/status"

# What the packages' scripts would do.
if [ -f "$root/usr/share/base-passwd/passwd.master" ]; then
  cp "$root/usr/share/base-passwd/passwd.master" "$root/etc/passwd"
  cp "$root/usr/share/base-passwd/group.master" "$root/etc/group"
  sed 's/:.*/:*:::::::/' "$root/etc/passwd" > "$root/etc/shadow"
  sed 's/:.*/:*::/' "$root/etc/group" > "$root/etc/gshadow"
fi
if [ -d "$root/usr/share/ca-certificates" ]; then
  mkdir -p "$root/etc/ssl/certs"
  find "$root/usr/share/ca-certificates" -name '*.crt' | sort | xargs cat > "$root/etc/ssl/certs/ca-certificates.crt"
fi
if [ -f "$root/bin/busybox" ]; then
  for applet in awk cut find grep egrep gunzip gzip hostname id ip less nc nslookup ping ps sed su tar top vi wget which xargs; do
    [ -e "$root/usr/bin/$applet" ] || ln -s busybox "$root/usr/bin/$applet"
  done
fi
if [ -f "$root/usr/bin/python3.11" ]; then
  ln -sf python3.11 "$root/usr/bin/python3"
  ln -sf python3.11 "$root/usr/bin/python"
fi

rmdir "$root/tmp" "$root/var/tmp" 2> /dev/null || true
for package in "$work/deb"/*.deb; do
  dpkg-deb --show --showformat '${Package} ${Version} ${Architecture}\n' "$package"
done > "$output/packages"
rm -rf "$work"
