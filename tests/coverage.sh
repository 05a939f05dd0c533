#!/bin/bash
# How much of src/ the tests run: tests/coverage.sh [--unit] [--keep DIR]. Builds with --coverage in a folder of its own, runs the unit tests
# and the short stories (--unit: not these), and prints per file the share of lines and branches, the worst first, and the sum.
# --keep: the build stays in DIR, with a FILE.c.gcov beside each other that marks what was never run with #####.
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
unit='' keep=''
while [ $# -gt 0 ]; do
	case $1 in
	--unit) unit=1 ;;
	--keep) keep=$2; shift ;;
	*) echo "usage: tests/coverage.sh [--unit] [--keep DIR]" >&2; exit 64 ;;
	esac
	shift
done
dir=${keep:-$(mktemp -d "${TMPDIR:-/tmp}/m365fwd-coverage.XXXXXX")}
[ -n "$keep" ] || trap 'rm -rf "$dir"' EXIT
mkdir -p "$dir/src" && cd "$dir" || exit 1

# A tree that was never configured: configure refuses to build beside one that was.
(cd "$top" && { git ls-files 2>/dev/null | grep . || find . -type f -printf '%P\n'; } | tar -c -T - 2>/dev/null) | tar -x -C src
(cd src && { [ -x configure ] || autoreconf -i >/dev/null 2>&1; }) || exit 1
mkdir -p build && cd build || exit 1
# Processes are killed in the stories: what they ran until then counts only if they could write it, so the figures are a lower bound.
../src/configure -q CC="${CC:-gcc}" CFLAGS="-O0 -g --coverage -fprofile-update=atomic" --disable-hardening >"$dir/build.log" 2>&1 &&
    make -s -j2 all m365sim >>"$dir/build.log" 2>&1 || { tail -n 20 "$dir/build.log"; exit 1; }
tests() { printf 'include Makefile\nshow:\n\t@echo $(UNIT_TESTS)\n' | make -s -f - show; }
make -s -j2 -k check ${unit:+TESTS="$(tests)"} >"$dir/check.log" 2>&1 ||
    echo "some tests fail in this build; the figures count all the same ($(grep -c '^FAIL' "$dir/check.log"))"

# gcov in JSON, one object a source file; the same file may be in several programs, and counts once. *.gcno: what nothing ran counts, too.
find src -name '*.gcno' -print0 | xargs -0 gcov --json-format --stdout --branch-probabilities 2>/dev/null |
    jq -r '.files[] | select(.file | test("(^|/)src/[^ ]*[.]c$")) | [(.file | sub("^.*/src/"; "src/") | sub("^[.][.]/"; "")),
	(.lines | length), ([.lines[] | select(.count > 0)] | length), ([.lines[].branches[]] | length),
	([.lines[].branches[] | select(.count > 0)] | length)] | @tsv' |
    awk -F '\t' '
	function share(a, b) { return b == 0 ? 100 : 100 * a / b }
	{ sub(/.*src\/src\//, "src/", $1); l[$1] = $2; if ($3 > r[$1]) r[$1] = $3; b[$1] = $4; if ($5 > t[$1]) t[$1] = $5 }
	END {
		for (f in l) {
			printf "%6.1f %6.1f  %5d of %5d lines  %s\n", share(r[f], l[f]), share(t[f], b[f]), r[f], l[f], f | "sort -n"
			L += l[f]; R += r[f]; B += b[f]; T += t[f]
		}
		close("sort -n")
		printf "%6.1f %6.1f  %5d of %5d lines, %d of %d branches: all of src\n", share(R, L), share(T, B), R, L, T, B
	}'
if [ -n "$keep" ]; then
	find src -name '*.gcda' -print0 | xargs -0 gcov -p -b >/dev/null 2>&1
	echo "marked sources: $dir/build/*.gcov"
fi
