#!/bin/bash
# Runs the stories: tests/story/run.sh [--short] [--jobs N] [NAME...]. Prints "ok NAME" or "FAIL NAME"; what the failed ones leave behind
# comes last, for whoever has only the end of a log; then one line of counts.
# --jobs: so many side by side (most of a story is waiting); what a story prints comes when it ends.
set -u
here=$(cd "$(dirname "$0")" && pwd)
short='' jobs=1
while [ $# -gt 0 ]; do
	case $1 in
	--short) short=1 ;;
	--jobs) jobs=$2; shift ;;
	*) break ;;
	esac
	shift
done
[ -n "$short" ] && : "${DEAD_SECONDS:=10}" || : "${DEAD_SECONDS:=60}"	# how long a destination is dead
export DEAD_SECONDS
passed=0 failed=0 skipped=0
base=$(mktemp -d "${TMPDIR:-/tmp}/m365fwd-story.XXXXXX")

wanted() {	# wanted STORY NAME...
	local name
	name=$(basename "$1" .sh)
	shift
	if [ $# -gt 0 ]; then
		case " $* " in *" $name "* | *" ${name%%-*} "*) return 0 ;; esac
		return 1
	fi
	[ -z "$short" ] || grep -q '^# short' "$here/$name.sh"
}

# room NAME: where a story lives; short, since a socket in it has at most 107 bytes for its path.
room() { printf '%s/%s' "$base" "${1%%-*}"; }

# evidence NAME: what was not so, what the oracle said last, and the last words of the forwarder and of the simulator.
evidence() {
	local log room
	room=$(room "$1")
	printf -- '--- %s\n' "$1"
	cat "$room/not-so" 2>/dev/null
	jq -r '{bulk, files} + (.hec.tokens // {}) | to_entries[] | select(.value != null) | "    \(.key): \(.value | with_entries(select(.value != 0 and .value != []) | .value |= (arrays |= .[:3])))"' \
	    "$room/report.json" 2>/dev/null | cut -c 1-500
	for log in sim.log log; do
		[ -s "$room/$log" ] || continue
		printf '    %s ends:\n' "$log"
		tail -n "$([ $log = log ] && echo 30 || echo 5)" "$room/$log" | cut -c 1-300 | sed 's/^/    | /'
	done
}

tell() {	# tell STORY: in a process of its own; leaves NAME.result
	local name room began=$SECONDS rc
	name=$(basename "$1" .sh)
	room=$(room "$name")
	(
		W=$room
		mkdir -m 0700 "$W"
		FAILED=
		SIM_PID='' RUN_PID=''
		# shellcheck source=tests/story/lib.sh
		. "$here/lib.sh"
		trap end_story EXIT
		# shellcheck disable=SC1090
		. "$1"
		must "the tallies agree to the last bit" weigh
		[ -z "$FAILED" ]
	)
	rc=$?
	if [ -e "$room.skipped" ]; then
		printf 'skip %s: %s\n' "$name" "$(cat "$room.skipped")"
		echo skipped >"$base/$name.result"
		rm -rf "$room" "$room.skipped"
	elif [ $rc -eq 0 ]; then
		printf 'ok   %s (%d s)\n' "$name" $((SECONDS - began))
		echo passed >"$base/$name.result"
		rm -rf "$room"
	else
		printf 'FAIL %s (%d s), see %s\n' "$name" $((SECONDS - began)) "$room"
		echo failed >"$base/$name.result"
	fi
}

running=0 begun=0
for story in "$here"/[0-9]*.sh; do
	wanted "$story" "$@" || continue
	begun=$((begun + 1))
	if [ "$jobs" -le 1 ]; then
		tell "$story"
		continue
	fi
	if [ $running -ge "$jobs" ]; then
		wait -n
		running=$((running - 1))
	fi
	{ tell "$story" >"$base/out.$BASHPID" 2>&1; cat "$base/out.$BASHPID"; rm -f "$base/out.$BASHPID"; } &
	running=$((running + 1))
done
wait
for result in "$base"/*.result; do
	[ -e "$result" ] || continue
	eval "$(cat "$result")=\$(($(cat "$result") + 1))"
	[ "$(cat "$result")" != failed ] || evidence "$(basename "$result" .result)"
done
if [ $begun -ne $((passed + failed + skipped)) ]; then	# who says nothing has not passed
	echo "$((begun - passed - failed - skipped)) stories of $begun left no result: was $base removed?"
	failed=$((begun - passed - skipped))
fi
rm -f "$base"/*.result
rmdir "$base" 2>/dev/null
printf '%d passed, %d failed, %d skipped\n' $passed $failed $skipped
[ $failed -eq 0 ] && [ $passed -gt 0 ]
