# shellcheck shell=bash
# What the stories of disk faults share: a forwarder whose file calls fail on demand (tests/kit/m365fwd-power), and what it says.
POWER=$(dirname "$M365FWD")/tests/kit/m365fwd-power
[ -x "$POWER" ] || skip "needs the source tree (tests/kit/m365fwd-power)"

once_more() {	# once_more [TIMEOUT] [COMMAND BEFORE IT...]: run --once; $RC, and what it said is in $W/last
	local timeout=${1:-30s}
	shift
	RC=0
	"$@" "${BINARY:-$M365FWD}" run --once --timeout "$timeout" -c "$W/c.yaml" >"$W/last" 2>&1 || RC=$?
	cat "$W/last" >>"$W/log"
}
faulty() {	# faulty FAULT [TIMEOUT]: the same, while this fails (tests/unit/power.h)
	BINARY=$POWER M365FWD_FAULT=$1 M365FWD_POWER=0:0:$W once_more "${2:-6s}"
}
# ends WITH TEXT: the last run ended so, with one error, and that names the store (or $OF) and has the text.
ends() {
	must "$NAME: it ends with $1, not $RC" test "$RC" = "$1"
	must "$NAME: one error: $(grep -c ' error ' "$W/last")" test "$(grep -c ' error ' "$W/last")" = 1
	must "$NAME: '$2' in: $(grep ' error ' "$W/last")" grep -q " error .*${OF:-$W/state}.*$2" "$W/last"
}
sound() {	# the next start works, and nothing is missing or there twice
	once_more 40s
	must "$NAME: then all is well ($RC): $(tail -n 2 "$W/last")" test "$RC" = 0
	must "$NAME: then nothing is missing" complete
}
anew() { rm -rf "$W/state" "$W/archive"; mkdir -m 0700 "$W/state"; NAME=$1; }
disk() {	# disk DIRECTORY OPTIONS: a tmpfs there
	mkdir -p "$1"
	mount -t tmpfs -o "mode=0700,$2" none "$1" 2>/dev/null || skip "no tmpfs can be mounted here (not root?)"
	DISKS="${DISKS:-} $1"
	# shellcheck disable=SC2154
	trap 'end_story; for disk in $DISKS; do umount "$disk" 2>/dev/null; done' EXIT
}
flip() {	# flip FILE OFFSET: one byte of it is another
	local byte
	byte=$(dd if="$1" bs=1 skip="$2" count=1 status=none | od -An -tu1)
	# shellcheck disable=SC2059
	printf "\\$(printf %o $((byte ^ 255)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}
