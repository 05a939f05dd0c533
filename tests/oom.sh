#!/bin/bash
# No memory at the Nth allocation, over start, one poll and one delivery (B5 of the fault matrix): tests/oom.sh [--step K] [--from N]
# [--to M] [--lanes L] [--keep]
#
# For each N (every K-th), once with that one failing and once with all from there on (tests/kit/nomem.c, before the real program and its
# libraries): run --once ends whole, or it stops with a message and an exit code after which the service manager tries again,
# never by a signal and never not at all. Then it runs once more with memory: 0, nothing missing, twice or torn, and the tallies agree.
# Without --to it goes on to the last allocation of a run without failures. All of them (--step 1) take hours.
set -u
here=$(cd "$(dirname "$0")" && pwd)
step=1 first=1 last='' lanes=2 keep=''
while [ $# -gt 0 ]; do
	case $1 in
	--step) step=$2; shift ;;
	--from) first=$2; shift ;;
	--to) last=$2; shift ;;
	--lanes) lanes=$2; shift ;;
	--keep) keep=1 ;;
	*) sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 64 ;;
	esac
	shift
done
ROUND=25		# of one simulator, whose time goes on
: "${NOMEM:=tests/kit/nomem.so}"
make -s m365sim m365fwd-fast tests/kit/weigh "$NOMEM" >/dev/null || exit 1
# shellcheck source=tests/story/lib.sh
. "$here/story/lib.sh"
M365FWD=$M365FWD_FAST
base=$(mktemp -d "${TMPDIR:-/tmp}/m365fwd-oom.XXXXXX")

begin() {
	FAILED='' SIM_PID='' RUN_PID=''
	mkdir -m 0700 "$W"
	trap end_story EXIT
	sim --records 20 --days 0.01 --blob-size 10 --clock-rate 30 --subscribed --odd 5 --now 2026-11-23T08:00:00
	simulated_time
	RPM=60000 FEEDS=audit.exchange START=1d INTERVAL=60s
	conf
}

# starved HOW: one life from nothing, short of memory; $RC, and what it said in $W/said
starved() {
	rm -rf "$W/state" "$W/archive"
	curl -sf -o /dev/null -X POST "$SIM/sim/reset-sink"
	RC=0
	{ timeout -s KILL 60 env LD_PRELOAD="$NOMEM" M365FWD_NOMEM="$1" M365FWD_NOMEM_COUNT="$W/count" "$M365FWD" run --once \
	    --timeout 30m -c "$W/c.yaml" >"$W/said" 2>&1 || RC=$?; } 2>/dev/null
	cat "$W/said" >>"$W/log"
}

try() {	# try HOW: "" or what is wrong
	starved "$1"
	case $RC in
	0) ;;
	69 | 74 | 75 | 77) [ -s "$W/said" ] || { echo "ended with $RC and without a word"; return; } ;;
	137) echo "did not end"; return ;;
	*) echo "ended with $RC: $(tail -n 1 "$W/said" | cut -c1-150)"; return ;;
	esac
	local before=$RC
	once 9h
	[ "$RC" = 0 ] || { echo "ended with $before, then with $RC: $(tail -n 1 "$W/log" | cut -c1-150)"; return; }
	complete || { echo "ended with $before, then something was missing or twice"; return; }
	weigh || echo "ended with $before, then the tallies did not agree"
	echo "$before" >>"$base/ends"
}

round() {	# round N...
	local n how wrong
	W=$base/$1
	begin
	for n; do
		for how in once:$n from:$n; do
			wrong=$(try "$how")
			[ -z "$wrong" ] || { echo "$how $wrong" | tee -a "$base/wrong"; [ -z "$keep" ] || cp -r "$W" "$base/kept-$how"; }
		done
	done
	end_story
	rm -rf "$W"
}

W=$base/whole
(
	begin
	starved count
	[ "$RC" = 0 ] && cat "$W/count" >"$base/count"
)
[ -s "$base/count" ] || { echo "a run without failures does not end with 0: see $base" >&2; exit 1; }
: "${last:=$(cat "$base/count")}"
began=$SECONDS running=0
touch "$base/wrong" "$base/ends"
set --
for n in $(seq "$first" "$step" "$last") end; do
	[ "$n" = end ] || set -- "$@" "$n"
	[ $# -eq $ROUND ] || [ "$n" = end ] || continue
	[ $# -gt 0 ] || continue
	if [ $running -ge "$lanes" ]; then
		wait -n
		running=$((running - 1))
	fi
	(round "$@") &
	running=$((running + 1))
	set --
done
wait
sort "$base/ends" | uniq -c | awk -v wrong="$(wc -l <"$base/wrong")" -v step="$step" -v of="$last" -v s=$((SECONDS - began)) '
    { n += $1; how = how sprintf("%s %d ended with %s", n == $1 ? "" : ",", $1, $2) }
    END { printf "%d failing allocations (every %dth of %d):%s; %d wrong; %d s\n", n + wrong, step, of, how, wrong, s }'
[ -s "$base/wrong" ] && exit 1
rm -rf "$base"
[ ! -e "$base" ]
