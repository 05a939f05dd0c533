#!/bin/bash
# Runs the stories: tests/story/run.sh [--short] [NAME...]. Prints "ok NAME" or "FAIL NAME" and ends with one line of counts.
set -u
here=$(cd "$(dirname "$0")" && pwd)
short=
[ "${1:-}" = --short ] && { short=1; shift; }
[ -n "$short" ] && : "${DEAD_SECONDS:=10}" || : "${DEAD_SECONDS:=60}"	# how long a destination is dead
export DEAD_SECONDS
passed=0 failed=0 skipped=0
base=$(mktemp -d "${TMPDIR:-/tmp}/m365fwd-story.XXXXXX")
for story in "$here"/[0-9]*.sh; do
	name=$(basename "$story" .sh)
	if [ $# -gt 0 ]; then
		case " $* " in *" $name "* | *" ${name%%-*} "*) ;; *) continue ;; esac
	elif [ -n "$short" ] && ! grep -q '^# short' "$story"; then
		continue
	fi
	began=$SECONDS
	(
		W=$base/$name
		mkdir -m 0700 "$W"
		FAILED=
		SIM_PID='' RUN_PID=''
		# shellcheck source=tests/story/lib.sh
		. "$here/lib.sh"
		trap end_story EXIT
		# shellcheck disable=SC1090
		. "$story"
		must "the tallies agree to the last bit" weigh
		[ -z "$FAILED" ]
	)
	rc=$?
	if [ -e "$base/$name.skipped" ]; then
		printf 'skip %s: %s\n' "$name" "$(cat "$base/$name.skipped")"
		skipped=$((skipped + 1))
		rm -rf "${base:?}/$name" "$base/$name.skipped"
	elif [ $rc -eq 0 ]; then
		printf 'ok   %s (%d s)\n' "$name" $((SECONDS - began))
		passed=$((passed + 1))
		rm -rf "${base:?}/$name"
	else
		printf 'FAIL %s (%d s), see %s\n' "$name" $((SECONDS - began)) "$base/$name"
		failed=$((failed + 1))
	fi
done
rmdir "$base" 2>/dev/null
printf '%d passed, %d failed, %d skipped\n' $passed $failed $skipped
[ $failed -eq 0 ] && [ $passed -gt 0 ]
