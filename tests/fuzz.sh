#!/bin/bash
# fuzz.sh - hunts with libFuzzer (clang 14, ASan, UBSan with integer and implicit-conversion), one target after another.
#
#	tests/fuzz.sh [--minutes N | --seconds N] [--dir DIR] [TARGET...]
#
# TARGET: bulk, hec, ... (default: all), each for so long (1 minute). DIR (default /var/tmp/m365fwd-fuzz.UID) keeps the build, what was
# found (findings/) and the corpus as it grows (corpus/TARGET), which is made minimal at the end; the tree is not touched.
# Ends with a line per target: executions, coverage edges, findings. Exit: 1 if there was a finding.
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=tests/side.sh
. "$top/tests/side.sh"
seconds=60 dir=/var/tmp/m365fwd-fuzz.$(id -u)

die() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 2
}

while [ $# -gt 0 ]; do
	case $1 in
	--minutes) seconds=$((${2:?} * 60)) && shift ;;
	--seconds) seconds=${2:?} && shift ;;
	--dir) dir=${2:?} && shift ;;
	-*) die "no such option: $1" ;;
	*) break ;;
	esac
	shift
done
[ "$seconds" -gt 0 ] 2>/dev/null || die "--minutes, --seconds: a number from 1 on"
command -v clang-14 >/dev/null || die "clang-14 is needed: apt-get install clang-14 libclang-rt-14-dev"

side_build "$top" "$dir" CC="${CCACHE:-} clang-14" CFLAGS='-g -O1' CPPFLAGS="-fsanitize-ignorelist=$top/tests/integer.ignore" \
    --enable-sanitizers=fuzzer-no-link,address,undefined,integer,implicit-conversion,float-cast-overflow || exit 2
[ $# -gt 0 ] || eval "set -- $(cd "$top/tests/fuzz" && printf '%s ' fuzz_*.c | sed 's/fuzz_//g; s/\.c//g')"
mkdir -p "$dir/findings"
lines=() found=0

hunt() {	# hunt TARGET: one target for its time, then its corpus made minimal
	local name=$1 seeds=$top/tests/fuzz/corpus/$1 kept=$dir/corpus/$1 log=$dir/$1.log rc=0 dict=()
	[ -d "$seeds" ] || die "no such target: $name"
	make -C "$dir/build" -s "tests/fuzz/fuzz_$name" FUZZ_DRIVER= LIBS=-fsanitize=fuzzer >"$log" 2>&1 || {
		tail -n 20 "$log" >&2
		die "fuzz_$name does not build"
	}
	mkdir -p "$kept"
	[ ! -f "$top/tests/fuzz/dict/$name" ] || dict=("-dict=$top/tests/fuzz/dict/$name")
	"$dir/build/tests/fuzz/fuzz_$name" "${dict[@]}" "-artifact_prefix=$dir/findings/$name-" -timeout=20 -rss_limit_mb=2048 \
	    "-max_total_time=$seconds" -print_final_stats=1 "$kept" "$seeds" >"$log" 2>&1 || rc=1
	tell "$name" "$log" "$rc"
	[ "$rc" -eq 0 ] || return 0
	mv "$kept" "$kept.all" && mkdir "$kept" &&
	    "$dir/build/tests/fuzz/fuzz_$name" -merge=1 "$kept" "$seeds" "$kept.all" >>"$log" 2>&1 && rm -rf "$kept.all"
}

tell() {	# tell TARGET LOG RC: its line, and what it stumbled over
	local runs edges
	runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$2")
	edges=$(grep -o ' cov: [0-9]*' "$2" | tail -n 1 | tr -dc 0-9)
	lines+=("$(printf '%-10s %12s executions %7s edges %2s findings' "$1" "${runs:-?}" "${edges:-?}" "$3")")
	printf '%s\n' "${lines[-1]}"
	[ "$3" -eq 0 ] && return
	found=1
	grep -m 3 -E 'must hold|ERROR|runtime error|Test unit written' "$2"
}

for target; do
	hunt "$target"
done
printf '\n%s s each, %s:\n' "$seconds" "$dir"
printf '%s\n' "${lines[@]}"
exit "$found"
