#!/bin/sh
# Every fuzz target over its seed corpus and a fixed count of seeded mutations: the same bytes on every run.
set -eu
: "${srcdir:=.}" "${top_builddir:=.}"
runs=${FUZZ_RUNS:-20000}
for target in "$top_builddir"/tests/fuzz/fuzz_*; do
	case $target in *.c | *.o | *.dSYM) continue ;; esac
	[ -x "$target" ] || continue
	name=${target##*/fuzz_}
	"$target" "$srcdir/tests/fuzz/corpus/$name" --runs "$runs" --seed 1
done
