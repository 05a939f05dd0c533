#!/bin/bash
# Builds the Debian package from a tarball of "make dist": packaging/deb.sh TARBALL OUTPUT-DIR [VERSION]
# VERSION: of the package, such as 0.1.0-2 (default: what packaging/debian/changelog says). Prints the .deb's path.
set -eu

[ $# -ge 2 ] || { echo "usage: packaging/deb.sh TARBALL OUTPUT-DIR [VERSION]" >&2; exit 64; }
tarball=$(readlink -f "$1")
mkdir -p "$2"
out=$(readlink -f "$2")
name=$(basename "$tarball" .tar.xz)
version=${name#m365fwd-}
work=$(mktemp -d /tmp/m365fwd-deb.XXXXXX)
trap 'rm -rf "$work"' EXIT

cp "$tarball" "$work/m365fwd_$version.orig.tar.xz"
tar -C "$work" -xf "$tarball"
cp -r "$work/$name/packaging/debian" "$work/$name/debian"
cd "$work/$name"
if [ $# -ge 3 ]; then
	sed -i "1s/(.*)/($3)/" debian/changelog
fi
dpkg-buildpackage -us -uc -b >"$out/deb.log" 2>&1 || {
	tail -n 30 "$out/deb.log" >&2
	exit 1
}
cp "$work"/m365fwd_*.deb "$work"/m365fwd_*.changes "$work"/m365fwd_*.buildinfo "$work"/m365fwd-dbgsym_*.deb "$out/"
ls "$out"/m365fwd_*"${3:-}"*.deb
