#!/bin/bash
# Kills the forwarder again and again, and lets the oracle judge: tests/kill.sh [--count N] [--seed S] [--lanes L] [--control]
#
# Rounds of up to 100 kills against one simulator with faults, in simulated time: at random moments, at every named point of
# src/base/crash_point.h, three times in a row while it opens or makes its store. Then it catches up in peace, and nothing may be
# missing, twice or torn, and the tallies agree. A point that no life of a long run (400 kills) comes to is a failure as well.
# --control: m365fwd-kill takes for done what it sends; this must be found out, then it ends with 0.
set -u
here=$(cd "$(dirname "$0")" && pwd)
count=1000 seed=1 lanes=3 control=
while [ $# -gt 0 ]; do
	case $1 in
	--count) count=$2; shift ;;
	--seed) seed=$2; shift ;;
	--lanes) lanes=$2; shift ;;
	--control) control=1 ;;
	*) sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 64 ;;
	esac
	shift
done
ROUND=100 WALK=400		# kills a round; from so many on every point must have been met
: "${M365FWD_KILL:=./m365fwd-kill}"
make -s m365sim "${M365FWD_KILL##*/}" tests/kit/weigh >/dev/null || exit 1
M365FWD=$M365FWD_KILL M365FWD_FAST=$M365FWD_KILL
[ -z "$control" ] || export M365FWD_CRASH_CONTROL=1
mapfile -t points < <(M365FWD_CRASH_AT=list "$M365FWD_KILL")
[ ${#points[@]} -gt 0 ] || { echo "$M365FWD_KILL: cannot be run" >&2; exit 1; }
base=$(mktemp -d "${TMPDIR:-/tmp}/m365fwd-kill.XXXXXX")
# shellcheck source=tests/story/lib.sh
. "$here/story/lib.sh"
# shellcheck source=tests/story/lib_sinks.sh
. "$here/story/lib_sinks.sh"
# shellcheck source=tests/story/lib_kill.sh
. "$here/story/lib_kill.sh"

# In every eighth round Elasticsearch is dead and may drop: no more may be missing there than the store says it dropped (what was
# under way when it was dropped may arrive all the same).
begin() {	# begin ROUND
	RATE=0.2
	local faults=("${KILL_FAULTS[@]}" --fault bulk-item-429:1)
	RANDOM=$((seed * 1000 + $1))
	DROPS=
	[ $(($1 % 8)) -ne 2 ] || DROPS=1
	if [ -n "$DROPS" ]; then
		faults=(--fault bulk-503)
		SPOOL='max: 1MiB, reserve: 0MiB' BULK_MORE=', on_full: drop_oldest'
	fi
	sim --records 1500 --days 0.4 --blob-size 20 --subscribed --seed $((seed * 1000 + $1)) --clock-rate 600 --rate $RATE --hec-ack-ms 5 \
	    --hec-trace "$W/hec.trace" "${faults[@]}"
	simulated_time
	RPM=20000 BATCH=50KB ACK_TIMEOUT=30m
	sinks_conf elastic archive splunk-acks
}

first_lives() {	# the store is made: B2 of the fault matrix, before the first clean start of all
	live_thrice "$1"
	if [ -n "$DROPS" ]; then
		insist drop-written
	else
		live_until reserve-grown
		insist reserve-given 5		# not later: what is reserved is there
	fi
}

one_life() {
	local point=${points[walk++ % ${#points[@]}]}
	case $((RANDOM % 20)) in
	0) live_thrice ;;
	1) live $((1 + RANDOM % 200)) TERM $((20 + RANDOM % 200)) ;;
	2) sed -i "s/linger: [0-9]*ms/linger: $((100 + RANDOM % 400))ms/" "$W/c.yaml"; live $((1 + RANDOM % 200)) HUP $((20 + RANDOM % 200)) ;;
	3 | 4 | 5 | 6 | 7 | 8 | 9) live_at_random ;;
	*)
		case $point in
		sys-*) point+=:$((1 + RANDOM % 60)) ;;
		dead-* | gap-* | drop-* | marks-*) ;;
		*) point+=:$((1 + RANDOM % 3 / 2 * (RANDOM % 5))) ;;
		esac
		live_until "$point"
		;;
	esac
}

# Everything has arrived, or was dropped as it may be.
settled() {
	report >"$W/report.json" || return 1
	sink_whole archive && sink_whole splunk-acks || return 1
	[ -n "$DROPS" ] || { sink_whole elastic; return; }
	ask status --json >"$W/status.json" && jq -e --argjson missing "$(jq .bulk.missing "$W/report.json")" \
	    '(.store // .).tallies["dropped:elastic"] >= $missing' "$W/status.json" >/dev/null &&
	    jq -e '.bulk.created_twice == 0 and .bulk.unexpected == 0' "$W/report.json" >/dev/null
}

met() { grep -aq "^crash point ${1%%:*}\$" "$W/log"; }
insist() {	# insist POINT [TIMES]: one life may miss it by chance, not so many
	local i
	for i in $(seq "${2:-25}"); do
		met "$1" && return
		[ "$1" = marks-lazy ] || more 50
		live_until "$1"
	done
	met "$1"
}

round() {	# round NUMBER KILLS [POINT...]: these at any rate
	W=$base/$1 FAILED='' SIM_PID='' RUN_PID=''
	mkdir -m 0700 "$W"
	trap end_story EXIT
	begin "$1"
	walk=$(($1 * 31))
	first_lives "$([ $(($1 % 2)) -eq 0 ] && echo schema-half || echo schema-made)"
	while [ $LIVES -lt "$2" ] && [ -z "$FAILED" ]; do
		one_life
	done
	for point in "${@:3}"; do
		must "some life comes to $point" insist "$point"
	done
	live_records 0
	clear_fault all
	once 60h
	must "run --once ends with 0 after the kills" test "$RC" = 0
	must "nothing is missing, twice or torn" settled
	must "the tallies agree to the last bit" weigh
	[ -z "$DROPS" ] || sed -i 's/"bulk":{/&"dropped":1,/' "$W/report.json"
	echo "$LIVES $(grep -ac '^crash point ' "$W/log") $(kill_figures)" >"$base/$1.figures"
	grep -ao '^crash point .*' "$W/log" >"$base/$1.points"
	if [ -n "$FAILED" ]; then
		echo "round $1 of --seed $seed: see $W" >&2
		return 1
	fi
	rm -rf "${base:?}/$1"
}

began=$SECONDS failed=0 running=0 left=$count n=0
while [ "$left" -gt 0 ]; do
	if [ $running -ge "$lanes" ]; then
		wait -n || failed=$((failed + 1))
		running=$((running - 1))
	fi
	[ -n "$control" ] && [ $failed -gt 0 ] && break
	n=$((n + 1))
	(round $n $((left < ROUND ? left : ROUND))) &
	running=$((running + 1)) left=$((left - ROUND))
done
while [ $running -gt 0 ]; do
	wait -n || failed=$((failed + 1))
	running=$((running - 1))
done
not_met() { cat "$base"/*.points | sort -u | sed 's/crash point //' | comm -13 - <(printf '%s\n' "${points[@]}" | sort); }
never=$(not_met)
if [ "$count" -ge $WALK ] && [ -n "$never" ] && [ $failed -eq 0 ]; then
	# shellcheck disable=SC2086
	(round $((8 * (n / 8 + 1))) 0 $never) || failed=1		# no round where Elasticsearch is dead
	never=$(not_met)
fi
cat "$base"/*.figures | awk -v s=$((SECONDS - began)) -v met=$((${#points[@]} - $(wc -w <<<"$never"))) -v all=${#points[@]} '
    { kills += $1; points += $2; records += $3; missing += $4; twice += $5; torn += $6 }
    END { printf "%d kills, %d records, missing %d, twice %d, torn %d (%d kills at named points, %d of %d met; %d s)\n", kills, records,
    missing, twice, torn, points, met, all, s }'
if [ -n "$control" ]; then
	[ $failed -gt 0 ] && echo "the control was found out" || echo "FAIL: done before an answer was not found out"
	rm -rf "$base"
	[ $failed -gt 0 ]
	exit
fi
[ $failed -gt 0 ] || rm -rf "$base"
[ $failed -eq 0 ]
