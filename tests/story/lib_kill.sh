# shellcheck shell=bash
# Lives that end with SIGKILL: at a random moment, or at a named point (src/base/crash_point.h); and the oracle's word on what is left.
#
# Who sources this has lib.sh and lib_sinks.sh, and seeds $RANDOM if it is to run the same again.

KILL_FAULTS=(--fault blob-500:10 --fault blob-truncate:10 --fault bulk-reset-after-read:10 --fault list-500:5)
REAL_FAULTS=("${KILL_FAULTS[@]}" --fault bulk-item-429:5)	# in real time, where a pause of Retry-After is no minute
OPENING=(open-locked checkpoint-begun checkpoint-half checkpoint-done open-done segment-cut sys-torn:2 sys-sync:2)
LIVES=0

seconds() { printf '%d.%03d' $(($1 / 1000)) $(($1 % 1000)); }	# of milliseconds

# live MS [SIGNAL AFTER_MS]: one life of at most so long (after the signal, if there is one); it ends earlier at $M365FWD_CRASH_AT. Any other end is a failure.
live() {
	local rc=0
	if [ $# -eq 1 ]; then
		{ timeout -s KILL "$(seconds "$1")" "$M365FWD" run -c "$W/c.yaml" >>"$W/log" 2>&1 || rc=$?; } 2>/dev/null
	else	# timeout may die of a signal in its first moments and leave its child alone
		M365FWD_CRASH_AFTER_MS=$(($1 + $3)) run
		sleep "$(seconds "$3")"
		kill -"$2" "$RUN_PID" 2>/dev/null
		wait "$RUN_PID" 2>/dev/null || rc=$?
		RUN_PID=
	fi
	LIVES=$((LIVES + 1))
	case $rc${2:-} in
	137* | 0TERM | 143TERM | 129HUP) ;;	# the last two: before main
	*) fail "a life ended with $rc: ${M365FWD_CRASH_AT:-at random} $*" ;;
	esac
	curl -sf -o /dev/null -X POST "$SIM/sim/sender-died" || fail "the simulator is gone"
}

live_at_random() {	# live_at_random [MOST MS]: a quarter of the lives ends while it starts
	local most=${1:-300}
	[ $((RANDOM % 4)) -gt 0 ] || most=40
	live $((5 + RANDOM % most))
}

live_until() {	# live_until POINT[:NTH] [SIGNAL]: what the point needs is there, then so long as it takes, within limits
	local -x M365FWD_CRASH_AT=$1
	case $1 in
	gap-written*) more 5; fault "blob-expired:$(curl -sf "$SIM/sim/ready" | jq .blobs)" ;;
	dead-written*) fault blob-bad-element:1 ;;
	reload-*) live 600 HUP $((40 + RANDOM % 200)); return ;;
	stop-* | close-begun*) live 600 TERM $((40 + RANDOM % 200)); return ;;
	marks-lazy*)	# only where nothing else is committed for a minute of the tenant's
		live_records 0
		live 600
		live_records "$RATE"
		return
		;;
	esac
	live 400
}

live_records() { curl -sf -o /dev/null -X POST "$SIM/sim/rate?rate=$1" || fail "rate $1"; }

live_thrice() {	# the same end three times in a row while it opens the store: before the first clean start of all, too
	local point=${1:-${OPENING[RANDOM % ${#OPENING[@]}]}}
	live_until "$point"; live_until "$point"; live_until "$point"
}

# The figures of $W/report.json that must be nothing, and how many records there were: "records missing twice torn".
kill_figures() {
	jq -r '[ .bulk.due, (if .bulk.dropped then 0 else .bulk.missing end) + .files.missing + .hec.tokens.acks.missing,
	    .bulk.created_twice + .files.twice + .hec.tokens.acks.twice_otherwise, .files.torn ] | join(" ")' "$W/report.json"
}
