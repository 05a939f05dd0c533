#!/bin/sh
# From nothing to green on a fresh Debian 12: installs what is needed, builds, runs every test. tests/run.sh [--quick]
set -eu

top=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=contrib/packages.sh
. "$top/contrib/packages.sh"

quick=
case ${1:-} in
--quick) quick=1 ;;
'') ;;
*) say "usage: tests/run.sh [--quick]   (--quick: only what make check runs)"; exit 64 ;;
esac

say "m365fwd tests: 1. packages, 2. build, 3. make check, 4. every story"
# shellcheck disable=SC2086
need_packages $BUILD_PACKAGES $TEST_PACKAGES
say "Building in $top (make; the log is build.log)"
build_tree "$top"

cd "$top"
passed=0 failed=0 skipped=0
make -s -j"${CHECK_JOBS:-3}" check >check.log 2>&1 || :
for kind in PASS FAIL SKIP ERROR; do
	n=$(sed -n "s/^# $kind: *//p" check.log | tail -n 1)
	case $kind in
	PASS) passed=$((passed + ${n:-0})) ;;
	SKIP) skipped=$((skipped + ${n:-0})) ;;
	*) failed=$((failed + ${n:-0})) ;;
	esac
done
if [ $((passed + failed)) -eq 0 ]; then
	tail -n 30 check.log
	failed=1
fi
grep -E '^(FAIL|ERROR): ' check.log || :
tests/what-failed.sh
say "make check: $passed passed, $failed failed"

if [ -z "$quick" ]; then
	bash tests/story/run.sh --jobs "${STORY_JOBS:-3}" 2>&1 | tee story.log || :
	last=$(tail -n 1 story.log)
	case $last in
	*' passed, '*' failed, '*' skipped')
		passed=$((passed + $(echo "$last" | sed -n 's/^\([0-9]*\) passed.*/\1/p')))
		failed=$((failed + $(echo "$last" | sed -n 's/.* \([0-9]*\) failed.*/\1/p')))
		skipped=$((skipped + $(echo "$last" | sed -n 's/.* \([0-9]*\) skipped.*/\1/p')))
		;;
	*) failed=$((failed + 1)) ;;
	esac
fi
printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ]
