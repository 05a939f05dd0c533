#!/bin/bash
# The Debian package on a fresh root, under its own unit: install, configure by editing one file, run, upgrade with a full spool, kill,
# remove, purge. Usage: tests/package/run.sh TARBALL   (of "make dist"; as root; M365SIM is the simulator, default ./m365sim)
#
# The root is made with debootstrap and booted with systemd-nspawn, so the unit's sandbox is the real one. It shares the network
# with us: the simulator is outside. Where no container boots, the steps that need one are skipped, and said.
set -u
here=$(cd "$(dirname "$0")/../.." && pwd)
tarball=$(readlink -f "$1")
W=$(mktemp -d /tmp/m365fwd-package.XXXXXX)
root=$W/root
FAILED='' SIM_PID='' RUN_PID='' INIT=''
passed=0 failed=0 skipped=0
# shellcheck source=tests/story/lib.sh
. "$here/tests/story/lib.sh"
M365SIM=${M365SIM:-$here/m365sim}

over() {
	[ -z "$INIT" ] || kill -KILL "$INIT" 2>/dev/null
	[ -z "${NSPAWN:-}" ] || wait "$NSPAWN" 2>/dev/null
	end_story
	rm -rf --one-file-system "$W"
}
trap over EXIT

step() {	# step NAME COMMAND...
	local name=$1
	shift
	if "$@" >"$W/out" 2>&1; then
		echo "ok   $name"
		passed=$((passed + 1))
	else
		echo "FAIL $name"
		tail -n 25 "$W/out" | sed 's/^/     /'
		failed=$((failed + 1))
	fi
}

skip() { echo "skip $1: $2"; skipped=$((skipped + 1)); }
finish() {
	printf '%d passed, %d failed, %d skipped\n' $passed $failed $skipped
	[ $failed -eq 0 ]
	exit
}

# ---- the package itself ----

build() {
	DEB1=$(DEB_BUILD_OPTIONS=nocheck bash "$here/packaging/deb.sh" "$tarball" "$W/deb1") &&
	    DEB2=$(DEB_BUILD_OPTIONS=nocheck bash "$here/packaging/deb.sh" "$tarball" "$W/deb2" "$(dpkg-deb -f "$DEB1" Version).1")
}
step "two versions of the package are built" build
step "lintian finds nothing" lintian --fail-on error,warning,info --allow-root "$W"/deb1/*.changes
dpkg-deb -x "$DEB1" "$W/x"
exposure() {	# at most 1.5, as a gate
	systemd-analyze security --offline=yes --threshold=15 --root="$W/x" m365fwd.service
}
step "systemd-analyze security: at most 1.5" exposure
tail -n 1 "$W/out"

# ---- a fresh root that boots ----

mirror=$(sed -n 's/^URIs: *//p; s/^deb \(\[[^]]*\] \)\?\([^ ]*debian\) .*/\2/p' /etc/apt/sources.list.d/debian.sources \
    /etc/apt/sources.list 2>/dev/null | head -n 1)
step "a fresh Debian 12 root" debootstrap --variant=minbase --include=ca-certificates,systemd,systemd-sysv,dbus bookworm "$root" \
    "${mirror:-http://deb.debian.org/debian}"

boot() {
	unshare -m bash -c 'mount -t tmpfs tmpfs /run && exec systemd-nspawn -q --register=no --keep-unit -D "$0" --boot \
	    --console=pipe' "$root" >"$W/nspawn.log" 2>&1 </dev/null &
	NSPAWN=$!
	for _ in $(seq 100); do
		INIT=$(pgrep -P "$NSPAWN" -x systemd) || INIT=
		[ -n "$INIT" ] && inside systemctl is-system-running 2>/dev/null | grep -qE 'running|degraded' && return 0
		kill -0 "$NSPAWN" 2>/dev/null || break
		sleep 0.3
	done
	cat "$W/nspawn.log"
	return 1
}
inside() { nsenter -t "$INIT" -m -u -i -p -C env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive "$@"; }
if ! boot >"$W/boot" 2>&1; then
	skip "everything under the unit" "no container boots here: $(tail -n 1 "$W/boot")"
	finish
fi

# ---- install, configure, run ----

install_deb() {
	cp "$1" "$root/root/m365fwd.deb" && inside apt-get -q -y -o Dpkg::Options::=--force-confold install /root/m365fwd.deb
}
state_of() { inside systemctl show -p "$1" --value m365fwd; }
update() { inside apt-get -q update; }
step "apt-get update inside" update
step "install" install_deb "$DEB1"
step "nothing runs before it is configured" test "$(state_of ActiveState)" = inactive
step "the state directory is closed" test "$(stat -c '%a' "$root/var/lib/m365fwd")" = 700
sample_is_refused() { ! inside m365fwd check; }
step "the sample is refused until it is edited" sample_is_refused

sim --records 3000 --fault bulk-503
configure() {
	printf 'sim-secret~1\n' >"$root/etc/m365fwd/secret" &&
	    inside chown root:m365fwd /etc/m365fwd/secret && inside chmod 0640 /etc/m365fwd/secret
	cat >"$root/etc/m365fwd/m365fwd.yaml" <<-YAML
	poll: {interval: 2s, settle: 1s, requests_per_minute: 60000}
	tenants:
	  - name: contoso
	    id: $TENANT
	    cloud: custom
	    endpoints: {login: "$SIM", management: "$SIM", graph: "$SIM"}
	    auth: {client_id: aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee, client_secret: "file:/etc/m365fwd/secret"}
	    feeds: [audit.exchange, audit.sharepoint, audit.entra, audit.general, audit.dlp]
	    start: 2d
	outputs:
	  - {name: elastic, type: bulk, url: "$SIM"}
	  - {name: archive, type: file, path: /var/lib/m365fwd/archive, schema: raw, batch: {linger: 500ms}}
	YAML
	inside m365fwd check
}
step "configured by editing one file" configure
step "enable and start: the unit is active once it is ready" inside systemctl enable --now m365fwd
step "it is active" test "$(state_of ActiveState)" = active
step "it runs as its own user" test "$(inside stat -c %U "/proc/$(state_of MainPID)")" = m365fwd
says_status() { [[ $(state_of StatusText) == "feeds 5, outputs 2"* ]]; }
step "systemctl status shows a line of status" until_true 10 says_status
files_complete() {
	curl -sf "$SIM/sim/report?files=$root/var/lib/m365fwd/archive" >"$W/report.json" && jq -e '.files.missing == 0 and
	    .files.twice == 0 and .files.torn == 0 and .listed.records > 0' "$W/report.json" >/dev/null
}
step "the file output is complete while Elasticsearch is down" until_true 60 files_complete
step "reload" inside systemctl reload m365fwd
broken() {
	echo 'nonsense: 1' >>"$root/etc/m365fwd/m365fwd.yaml"
	! inside systemctl reload m365fwd && [ "$(state_of ActiveState)" = active ] && configure
}
step "a broken file fails the reload and changes nothing" broken

# ---- upgrade with a full spool, kill ----

spooled() { inside m365fwd status --json | jq '.store.spool.records'; }
step "the spool holds what Elasticsearch has not taken" test "$(spooled)" -gt 2500
step "upgrade" install_deb "$DEB2"
step "the upgraded one runs" test "$(state_of ActiveState)" = active
step "the spool is as full as before" test "$(spooled)" -gt 2500
restarted() { [ "$(state_of NRestarts)" -ge 1 ] && [ "$(state_of ActiveState)" = active ]; }
step "killed" inside systemctl kill -s KILL m365fwd
step "it is started again" until_true 30 restarted
clear_fault bulk-503
all_complete() { files_complete && jq -e '.bulk.missing == 0 and .bulk.created_twice == 0' "$W/report.json" >/dev/null; }
step "everything arrives, once" until_true 90 all_complete

# ---- remove, come back, purge ----

step "remove" inside apt-get -q -y remove m365fwd
step "spool, marks and configuration stay" test -s "$root/var/lib/m365fwd/state.db" -a -s "$root/etc/m365fwd/m365fwd.yaml"
step "the program is gone" test ! -e "$root/usr/sbin/m365fwd"
step "install again" install_deb "$DEB2"
step "it goes on" inside systemctl enable --now m365fwd
step "... and sends nothing twice" until_true 30 all_complete
step "purge" inside apt-get -q -y purge m365fwd
left() {
	find "$root/etc" "$root/usr" "$root/lib" "$root/var" -xdev -name '*m365fwd*' ! -path '*/var/log/*' ! -path '*/var/cache/*' \
	    ! -path '*/var/lib/apt/*' | grep . && return 1
	! inside getent passwd m365fwd
}
step "nothing is left" left
inside systemctl poweroff >/dev/null 2>&1
finish
