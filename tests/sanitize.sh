#!/bin/bash
# sanitize.sh - builds with one of the sanitizers beside the tree and runs the tests that it can judge.
#
#	tests/sanitize.sh [--dir DIR] KIND [TEST...]
#
# KIND: address (ASan, LSan off, UBSan), integer (UBSan with integer and implicit-conversion), memory (MSan), thread (TSan); all but
# address need clang 14. TEST: names of unit tests, fuzz targets (fuzz_x) and stories (numbers) instead of the kind's own list.
# Ends with "N passed, N failed, N skipped"; exit 1 on a failure. DIR: where to build, default a directory that goes afterwards.
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=tests/side.sh
. "$top/tests/side.sh"
dir=
if [ "${1:-}" = --dir ]; then
	dir=${2:?}
	shift 2
fi
kind=${1:-}
shift

# What an MSan build cannot judge: SQLite, curl, libevent, cJSON, libyaml, OpenSSL and zlib write what it did not see written, and
# cmocka calls the tests. So it runs the targets of what stands on libc alone, with the driver of our own.
memory_targets="fuzz_bulk fuzz_cli fuzz_hec fuzz_headers fuzz_http fuzz_json fuzz_map fuzz_secret"
# Where there are threads: the store's, the workers', who logs. And whole daemons, where they all are together.
thread_units='test_base_log|test_base_queue|test_base_counters|test_ctl|test_fetch|test_firsts|test_net_loop|test_output.*|test_sink_file|test_store.*'
thread_stories="010 040 160"

case $kind in
address)
	configure=(CC="${CCACHE:-} gcc" --enable-sanitizers)
	stories=010
	export ASAN_OPTIONS=detect_leaks=0
	;;
integer)
	configure=(CC="${CCACHE:-} clang-14" "--enable-sanitizers=undefined,integer,implicit-conversion,float-cast-overflow"
	    CPPFLAGS="-fsanitize-ignorelist=$top/tests/integer.ignore")
	stories=010
	;;
memory)
	configure=(CC="${CCACHE:-} clang-14" "--enable-sanitizers=memory")
	stories=
	;;
thread)
	configure=(CC="${CCACHE:-} clang-14" "--enable-sanitizers=thread")
	stories=$thread_stories
	export TSAN_OPTIONS=suppressions=$top/tests/thread.supp
	;;
*)
	echo "usage: tests/sanitize.sh [--dir DIR] address|integer|memory|thread [TEST...]" >&2
	exit 2
	;;
esac
if [ -z "$dir" ]; then
	dir=$(mktemp -d /tmp/m365fwd-san.XXXXXX)
	trap 'rm -rf "$dir"' EXIT
fi
side_build "$top" "$dir" CFLAGS='-g -O1' "${configure[@]}" || exit 2
export srcdir=$top top_builddir=$dir/build
cd "$dir/build" || exit 2
passed=0 failed=0 skipped=0

result() {	# result NAME RC LOG
	case $2 in
	0)
		passed=$((passed + 1))
		return
		;;
	77)
		skipped=$((skipped + 1))
		return
		;;
	esac
	failed=$((failed + 1))
	echo "FAIL $1"
	grep -m 6 -E 'runtime error|WARNING: |ERROR: |SUMMARY|must hold|FAILED|^not ok|LINE' "$3"
}

run() {	# run NAME: a unit test or a fuzz target
	local rc=0 log=$dir/$1.log
	case $1 in
	fuzz_*)
		local name=${1#fuzz_} dict=()
		[ ! -f "$top/tests/fuzz/dict/$name" ] || dict=(--dict "$top/tests/fuzz/dict/$name")
		timeout 120 "tests/fuzz/$1" "$top/tests/fuzz/corpus/$name" "${dict[@]}" --runs 2000 >"$log" 2>&1 || rc=$?
		;;
	*) timeout 300 "tests/unit/$1" >"$log" 2>&1 || rc=$? ;;
	esac
	result "$1" "$rc" "$log"
}

names=("$@") programs=()
if [ $# -eq 0 ]; then
	targets=$(cd "$top/tests/fuzz" && printf '%s\n' fuzz_*.c | sed 's/\.c$//; /^fuzz_store$/d')
	units=$(cd "$top/tests/unit" && printf '%s\n' test_*.c | sed 's/\.c$//')
	[ "$kind" != memory ] || targets=$memory_targets units=
	[ "$kind" != thread ] || { targets='' units=$(printf '%s\n' "$units" | grep -xE "$thread_units"); }
	# Their processes are killed thousands of times, which says nothing more under a sanitizer.
	units=$(printf '%s\n' "$units" | grep -v '^test_store_kill')
	eval "names=($targets $units)"
fi
for name in "${names[@]}"; do
	case $name in
	fuzz_*) programs+=("tests/fuzz/$name") ;;
	test_*) programs+=("tests/unit/$name") ;;
	*) stories="$stories $name" ;;
	esac
done
[ ${#programs[@]} -eq 0 ] || make -s -k -j"$(nproc)" "${programs[@]}" >"$dir/tests.log" 2>&1 || {
	tail -n 20 "$dir/tests.log" >&2
	exit 2
}
for name in "${names[@]}"; do
	case $name in fuzz_* | test_*) run "$name" ;; esac
done
if [ -n "$stories" ]; then
	make -s m365sim m365fwd-fast tests/kit/weigh tests/kit/m365fwd-crash >"$dir/tests.log" 2>&1 || exit 2
fi
for story in $stories; do
	rc=0
	M365FWD=$dir/build/m365fwd M365SIM=$dir/build/m365sim M365FWD_FAST=$dir/build/m365fwd-fast \
	    bash "$top/tests/story/run.sh" "$story" >"$dir/story.log" 2>&1 || rc=$?
	result "story $story" "$rc" "$dir/story.log"
done
printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ]
