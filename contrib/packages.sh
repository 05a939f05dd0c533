# shellcheck shell=sh
# What m365fwd needs from Debian 12: sourced by contrib/quickstart.sh, tests/run.sh and .ci/run, so that there is one list.

BUILD_PACKAGES="gcc make autoconf automake pkg-config libc6-dev libcurl4-openssl-dev libevent-dev zlib1g-dev libcjson-dev
libyaml-dev libsqlite3-dev libssl-dev"
TEST_PACKAGES="libcmocka-dev curl jq openssl procps socat nghttp2-proxy xz-utils ca-certificates"

say() {
	printf '%s\n' "$*"
}

die() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

# missing_packages NAME...: those that dpkg does not have.
missing_packages() {
	for p in "$@"; do
		dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || printf '%s ' "$p"
	done
}

# need_packages NAME...: says what it is about to install, then does it; nothing to do is no error without a network.
need_packages() {
	command -v dpkg-query >/dev/null 2>&1 || {
		say "This is no Debian; make sure that these, or what they are called here, are installed: $*"
		return 0
	}
	missing=$(missing_packages "$@")
	[ -n "$missing" ] || return 0
	say "Installing with apt-get: $missing"
	as_root=
	if [ "$(id -u)" -ne 0 ]; then
		command -v sudo >/dev/null 2>&1 || die "run it as root, or install sudo, or: apt-get install $missing"
		as_root=sudo
	fi
	log=$(mktemp)
	# shellcheck disable=SC2086
	if ! { $as_root apt-get -q update && $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends \
	    install $missing; } >"$log" 2>&1; then
		tail -n 15 "$log" >&2
		rm -f "$log"
		die "apt-get could not install: $missing(is there a network, and a Debian mirror in /etc/apt/sources.list?)"
	fi
	rm -f "$log"
}

# build_tree DIR: configures (once) and builds with everything that the tests need; prints the log's end when it fails.
build_tree() {
	[ -x "$1/configure" ] || (cd "$1" && autoreconf -i) >"$1/build.log" 2>&1 || {
		tail -n 20 "$1/build.log" >&2
		die "autoreconf failed, see $1/build.log"
	}
	[ -f "$1/Makefile" ] || (cd "$1" && ./configure) >"$1/build.log" 2>&1 || {
		tail -n 20 "$1/build.log" >&2
		die "configure failed, see $1/build.log"
	}
	(cd "$1" && make -s -j"$(nproc 2>/dev/null || echo 2)" all m365sim) >"$1/build.log" 2>&1 || {
		tail -n 30 "$1/build.log" >&2
		die "the build failed, see $1/build.log"
	}
}
